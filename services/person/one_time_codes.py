"""One-time codes: six digits, once, for ten minutes, five tries. And what they give: a proof for a quarter of an hour.

Lengths as NIST SP 800-63B has them for out-of-band secrets (at least 6 digits, at most 10 minutes, tries limited); the
numbers of codes an hour and of tries are assumed.
"""

from datetime import timedelta
from enum import StrEnum

from shared.errors import Conflict, DomainError, Forbidden, Invalid

DIGITS = 6
LIFETIME = timedelta(minutes=10)
MOST_TRIES = 5
SPAN = timedelta(hours=1)
MOST_IN_SPAN = 5
"""Codes of one purpose that are made for a person in a span: 25 guesses of a million an hour."""
PROVEN_FOR = timedelta(minutes=15)
"""As long as a participant's token."""


class CodePurpose(StrEnum):
    CONTACT = "contact"
    """That the contact is the participant's."""
    SECOND_FACTOR = "second_factor"


class SecondFactorNeeded(Forbidden):
    """This needs a second factor: a one-time code to your verified contact, or one from your case manager."""


class CodeWrong(Invalid):
    """This code is wrong, used or over. Ask for a new one."""


class NoWayToSend(Conflict):
    """There is no contact to which a code could be sent. Your case manager can give you one in a talk."""


class ContactNotVerified(Conflict):
    """The contact is not verified yet. Verify it first, or ask your case manager for a code."""


class TooManyCodes(DomainError):
    """Too many codes were asked for. Please wait an hour, or ask your case manager."""

    status = 429


def check_number(sent: int) -> None:
    """`sent`: codes of the last span. Raises TooManyCodes."""
    if sent >= MOST_IN_SPAN:
        raise TooManyCodes
