"""Which consents can be given with an enquiry. Person keeps them; intake only takes them in."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from shared import consent_rules
from shared.consent_rules import Asked
from shared.contracts.intake import GivenConsent
from shared.contracts.vocabulary import ConsentKind, GivenHow, Purpose, Recipient, Topic
from shared.errors import Invalid


class RecipientNotNamed(Invalid):
    """A consent to a referral names its recipient: there is none by default."""


class WrongRecipient(Invalid):
    """This recipient does not fit the purpose: coordination is done by the office of the municipality alone."""


class ConsentGivenTwice(Invalid):
    """The same kind, recipient and purpose are consented to once."""


class Chosen(NamedTuple):
    """What somebody ticked. No recipient: the one that the purpose has by default."""

    kind: ConsentKind
    purpose: Purpose
    recipient: Recipient | None
    valid_until: date
    """Last day on which it counts, Europe/Berlin."""
    topics: tuple[Topic, ...] = ()
    """What it is about."""
    language_explained_in: str | None = None
    recipient_confirmed: bool = False
    """Whether the recipient was confirmed by an act of its own."""
    how: GivenHow = GivenHow.WITH_ENQUIRY


def given(
    chosen: Sequence[Chosen], office: str, today: date, ids: Sequence[UUID], recorded_by: UUID | None = None
) -> list[GivenConsent]:
    """The consents under the ids, in order; `office` coordinates the municipality of the enquiry, `recorded_by` is the
    clerk to whom they were given.

    Raises the errors above and those of `consent_rules.check`, with the field, such as `consents.1.valid_until`.
    """
    consents = [
        _given(each, consent_id, office, today, f"consents.{number}.").model_copy(update={"recorded_by": recorded_by})
        for number, (each, consent_id) in enumerate(zip(chosen, ids, strict=True))
    ]
    if len({(each.kind, each.recipient, each.purpose) for each in consents}) < len(consents):
        raise ConsentGivenTwice("consents")
    return consents


def _given(chosen: Chosen, consent_id: UUID, office: str, today: date, at: str) -> GivenConsent:
    recipient = _recipient(chosen, office, f"{at}recipient")
    asked = Asked(chosen.kind, recipient, chosen.purpose, chosen.valid_until, chosen.recipient_confirmed)
    consent_rules.check(asked, today, at)
    return GivenConsent(
        consent_id=consent_id,
        kind=chosen.kind,
        recipient=recipient,
        purpose=chosen.purpose,
        valid_until=chosen.valid_until,
        topics=list(chosen.topics),
        language_explained_in=chosen.language_explained_in,
        how=chosen.how,
    )


def _recipient(chosen: Chosen, office: str, field: str) -> Recipient:
    """Only what is named: the foreigners' authority is in no default, and `consent_rules` wants it confirmed."""
    default = {Purpose.COUNSELLING: Recipient.KIM, Purpose.COORDINATION: Recipient(f"office-{office}")}
    if chosen.purpose not in default:
        if chosen.recipient is None:
            raise RecipientNotNamed(field)
        return chosen.recipient
    if chosen.recipient not in (None, default[chosen.purpose]):
        raise WrongRecipient(field)
    return default[chosen.purpose]
