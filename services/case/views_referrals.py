"""What the API takes and shows of referrals and conferences."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from services.case.conferences import Conference, ConferenceOutcome, ConferenceWish
from services.case.referrals import NEXT, Referral
from services.case.views import once
from shared.bodies import Body
from shared.contracts.vocabulary import ReferralService, ReferralState, Topic


class ReferralInput(Body):
    service: ReferralService
    area: Topic


class ReferralStateInput(Body):
    state: ReferralState


def _of_the_service(state: ReferralState) -> ReferralState:
    if state not in {ReferralState.ACCEPTED, ReferralState.REJECTED, ReferralState.DONE}:
        raise ValueError("must be one of accepted, rejected, done")
    return state


class AnswerInput(Body):
    state: Annotated[ReferralState, AfterValidator(_of_the_service)]


class ReferralView(BaseModel):
    referral_id: UUID
    service: ReferralService
    area: Topic
    state: ReferralState
    offered_on: date
    changed_on: date
    reachable: list[ReferralState]

    @classmethod
    def of(cls, referral: Referral) -> Self:
        return cls(
            referral_id=referral.referral_id,
            service=referral.service,
            area=referral.area,
            state=referral.state,
            offered_on=referral.offered_on,
            changed_on=referral.changed_on,
            reachable=sorted(NEXT[referral.state]),
        )


class ConferenceInput(Body):
    held_on: date
    participants: Annotated[tuple[UUID, ...], Field(max_length=20), AfterValidator(once)]
    """Ids of those who take part, beside the case manager."""
    services: Annotated[tuple[ReferralService, ...], Field(max_length=14), AfterValidator(once)] = ()
    """Services at the table: each needs the participant's consents, for every area."""
    areas: Annotated[tuple[Topic, ...], Field(min_length=1), AfterValidator(once)]
    """Life areas that are talked about."""

    @property
    def wish(self) -> ConferenceWish:
        return ConferenceWish(self.held_on, self.participants, self.services, self.areas)


class OutcomeInput(Body):
    outcome: ConferenceOutcome


class ConferenceView(BaseModel):
    conference_id: UUID
    held_on: date
    participants: tuple[UUID, ...]
    services: tuple[ReferralService, ...]
    areas: tuple[Topic, ...]
    outcome: ConferenceOutcome | None

    @classmethod
    def of(cls, conference: Conference) -> Self:
        return cls.model_validate(conference, from_attributes=True)
