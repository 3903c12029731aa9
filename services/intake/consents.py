"""Which consents can be given with an enquiry. Person keeps them; intake only takes them in."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.contracts.intake import GivenConsent
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient
from shared.errors import Invalid

LONGEST = timedelta(days=730)
"""A consent is renewed at least every two years."""


class ConsentOver(Invalid):
    """The last day of the consent is past."""


class ConsentTooLong(Invalid):
    """A consent is given for two years at most."""


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


def given(chosen: Sequence[Chosen], office: str, today: date, ids: Sequence[UUID]) -> list[GivenConsent]:
    """The consents under the ids, in order; `office` coordinates the municipality of the enquiry.

    Raises the errors above with the field, such as `consents.1.valid_until`.
    """
    consents = [
        GivenConsent(
            consent_id=consent_id,
            kind=each.kind,
            recipient=_recipient(each, office, f"consents.{number}.recipient"),
            purpose=each.purpose,
            valid_until=_valid_until(each, today, f"consents.{number}.valid_until"),
        )
        for number, (each, consent_id) in enumerate(zip(chosen, ids, strict=True))
    ]
    if len({(each.kind, each.recipient, each.purpose) for each in consents}) < len(consents):
        raise ConsentGivenTwice("consents")
    return consents


def _valid_until(chosen: Chosen, today: date, field: str) -> date:
    if chosen.valid_until < today:
        raise ConsentOver(field)
    if chosen.valid_until > today + LONGEST:
        raise ConsentTooLong(field)
    return chosen.valid_until


def _recipient(chosen: Chosen, office: str, field: str) -> Recipient:
    """The foreigners' authority comes in by being named for a referral, and in no other way."""
    default = {Purpose.COUNSELLING: Recipient.KIM, Purpose.COORDINATION: Recipient(f"office-{office}")}
    if chosen.purpose not in default:
        if chosen.recipient is None:
            raise RecipientNotNamed(field)
        return chosen.recipient
    if chosen.recipient not in (None, default[chosen.purpose]):
        raise WrongRecipient(field)
    return default[chosen.purpose]
