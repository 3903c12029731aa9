"""What the coded values of an export (Art. 15 GDPR) can be, as whoever makes them says it."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel

from services.case.accesses import Read, Why
from services.case.case import ClosingOutcome, ClosingReason, TalkState
from services.case.conferences import ConferenceOutcome
from services.case.plan import GoalKind, StepKind, StepState
from services.coordination.projection import PUBLISHED
from services.intake.domain import Status
from services.interpreter.fees import QuoteKind
from services.interpreter.offers import OfferState, TalkOutcome, Way
from services.person import messages, store_messages, store_notices
from services.person.domain import Accessed, AccessPurpose, PersonState
from services.person.export_zip import WORDS
from services.person.one_time_codes import CodePurpose
from services.person.retention import Clock
from services.scheduling.booking import State
from services.scheduling.series import Gap
from shared.contracts.vocabulary import (
    DIALECTS,
    LANGUAGES,
    WISHED_GENDERS,
    CancelledBy,
    Channel,
    ConsentKind,
    Criterion,
    FeedbackBy,
    FeedbackRemark,
    Gender,
    GivenHow,
    Mode,
    NextOption,
    Phase,
    Purpose,
    Recipient,
    ReferralService,
    ReferralState,
    ReleaseReason,
    Reminder,
    StepOwner,
    TalkPurpose,
    Topic,
)
from shared.municipalities import BY_AGS
from shared.sealing import ContactKind

_RESERVED = ("held", "confirmed", "released")
_OF_ENQUIRIES = [event for event in PUBLISHED if "enquiry_id" in event.model_fields]
_TYPES = [event.type for event in _OF_ENQUIRIES]
_WISHED = {"gender": WISHED_GENDERS, "dialect": DIALECTS}
_CONSENT = {"kind": ConsentKind, "recipient": Recipient, "purpose": Purpose, "topics": Topic}
_TABLES: Mapping[str, Mapping[str, Any]] = {
    "intake.enquiry": {
        "ags": BY_AGS, "topics": Topic, "languages": LANGUAGES, "mode": Mode, "channel": Channel,
        "criteria": Criterion, "status": Status, "service": ReferralService, **_WISHED,
    },
    "case.access_log": {"role": ("case_manager", "partner"), "what": Read, "why": Why},
    "case.consent": _CONSENT,
    "case.case_file": {
        "ags": BY_AGS, "home_ags": BY_AGS, "topics": Topic, "languages": LANGUAGES, "mode": Mode, "phase": Phase,
        "reason": ClosingReason, "outcome": ClosingOutcome, **_WISHED,
    },
    "case.talk": {"mode": Mode, "state": TalkState},
    "case.goal": {"area": Topic, "kind": GoalKind},
    "case.step": {"kind": StepKind, "owner": StepOwner, "state": StepState},
    "case.reminder": {"kind": Reminder},
    "case.rating": {"area": Topic},
    "case.referral": {"service": ReferralService, "area": Topic, "state": ReferralState, "needs": ConsentKind},
    "case.conference": {"services": ReferralService, "areas": Topic, "outcome": ConferenceOutcome},
    "case.hand_over": {"ags": BY_AGS},
    "scheduling.booking": {
        "ags": BY_AGS, "languages": LANGUAGES, "topics": Topic, "mode": Mode, "purpose": TalkPurpose, "state": State,
        "reason": ReleaseReason, "next_options": NextOption, "cancelled_by": CancelledBy, **_WISHED,
    },
    "scheduling.proposed_slot": {"language": LANGUAGES},
    "scheduling.reservation": {"place": BY_AGS, "state": _RESERVED},
    "scheduling.calendar_entry": {"state": _RESERVED},
    "scheduling.series_gap": {"gap": Gap},
    "scheduling.case_file": {"ags": BY_AGS},
    "interpreter.ranking": {"ags": BY_AGS},
    "interpreter.case_needs": _WISHED,
    "interpreter.offer": {"ags": BY_AGS, "language": LANGUAGES, "mode": Mode, "state": OfferState},
    "interpreter.offer_answer": {"answer": ("accepted", "declined", "given_back"), "way": Way},
    "interpreter.assignment": {"ags": BY_AGS, "language": LANGUAGES, "mode": Mode, "outcome": TalkOutcome},
    "interpreter.fee_quote": {"kind": QuoteKind},
    "interpreter.feedback": {"by": FeedbackBy, "remarks": FeedbackRemark},
    "coordination.enquiry": {"ags": BY_AGS},
    "coordination.consent": _CONSENT,
    "coordination.early_event": {"type": _TYPES},
    "coordination.municipal_event": {"ags": BY_AGS, "type": _TYPES},
    "person.person": {"state": PersonState},
    "person.consent": {**_CONSENT, "given_how": GivenHow, "language_explained_in": LANGUAGES},
    "person.retention_clock": {"kind": Clock},
    "person.access_log": {
        "role": ("case_manager", "clerk", "participant"),
        "what": set(Accessed) - {Accessed.MATCH},
        "why": AccessPurpose,
    },
    "person.message": {
        "kind": messages.Kind, "channel": store_messages.Channel, "settled": store_messages.Settled,
    },
    "person.offer_notice": {"settled": store_notices.Settled},
    "person.one_time_code": {"purpose": CodePurpose},
}  # fmt: skip
CODED: dict[str, tuple[str, ...]] = {
    f"{table}.{column}": tuple(codes) for table, columns in _TABLES.items() for column, codes in columns.items()
}
"""`service.table.column` -> the codes that it can hold."""
SAID: dict[str, tuple[str, ...]] = {
    "contact.contact_kind": tuple(ContactKind), "contact.preferred_language": tuple(LANGUAGES),
    "wish.gender": tuple(Gender),
}  # fmt: skip
"""What people say themselves."""


def _coded(model: type[BaseModel]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Those that are shown: whose name has one for people."""
    for name, field in model.model_fields.items():
        for kind in _within(field.annotation if name in WORDS["en"].columns else None):
            if issubclass(kind, StrEnum):
                yield name, tuple(kind)
            elif issubclass(kind, BaseModel):
                yield from _coded(kind)


def _within(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for each in get_args(annotation):
        yield from _within(each)


CODED_FIELDS: dict[str, tuple[str, ...]] = {
    f"{event.type}.{name}": codes for event in _OF_ENQUIRIES for name, codes in _coded(event)
}
"""The same of the fields of what is published to municipalities."""
