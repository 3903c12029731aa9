"""Which consents may be given: one set of rules for whoever takes one in (data/consent_rules.toml, configuration)."""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from importlib.resources import files
from types import MappingProxyType
from typing import Any, NamedTuple

from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient, Topic
from shared.errors import Invalid, RuleBroken


def _read() -> Any:
    return tomllib.loads(files("shared").joinpath("data/consent_rules.toml").read_text(encoding="utf-8"))


_RULES = _read()
LAW: Mapping[ConsentKind, str] = MappingProxyType({kind: str(_RULES["kinds"][kind]) for kind in ConsentKind})
"""The legal basis on which each kind of consent stands."""
LONGEST = timedelta(days=_RULES["longest"]["days"])
EXPLICIT = frozenset(Recipient(each) for each in _RULES["explicit"]["recipients"])
"""Recipients that no default contains."""
COUNSELLING = (
    ConsentKind(_RULES["counselling"]["kind"]),
    Recipient(_RULES["counselling"]["recipient"]),
    Purpose(_RULES["counselling"]["purpose"]),
)
"""The consent that counselling itself stands on, where it stands on one."""
COUNSELLING_SOURCE = str(_RULES["counselling"]["source"])
SENSITIVE = frozenset(Topic(each) for each in _RULES["sensitive"]["topics"])
"""Topics whose mere name tells a special category of personal data."""
_EXPLICIT_PURPOSES = frozenset(Purpose(each) for each in _RULES["explicit"]["purposes"])


class CounsellingNotConsented(RuleBroken):
    """The consent to be counselled was taken back, or is over: nothing of the participant may be read or done."""

    rule = "consent-before-counselling"

    def __init__(self) -> None:
        super().__init__(None, COUNSELLING_SOURCE)


class ConsentOver(RuleBroken, Invalid):
    """The last day of the consent is past: it must count for today at least."""

    rule = "consent-in-force"


class ConsentTooLong(RuleBroken, Invalid):
    """A consent is not given for that long: it is renewed from time to time."""

    rule = "consent-renewed"


class RecipientNeverByDefault(RuleBroken, Invalid):
    """This recipient is consented to for a referral alone, and by an act of its own: `recipient_confirmed`."""

    rule = "consent-by-explicit-act"


class Asked(NamedTuple):
    """A consent that somebody is about to give."""

    kind: ConsentKind
    recipient: Recipient
    purpose: Purpose
    valid_until: date
    """Last day on which it counts, Europe/Berlin."""
    recipient_confirmed: bool = False
    """Whether the recipient was confirmed by an act of its own."""


def check(asked: Asked, today: date, at: str = "") -> None:
    """Raises ConsentOver, ConsentTooLong, RecipientNeverByDefault, with `at` before the field's name."""
    if asked.valid_until < today:
        raise ConsentOver(f"{at}valid_until", LAW[asked.kind])
    if asked.valid_until > today + LONGEST:
        raise ConsentTooLong(f"{at}valid_until", _RULES["longest"]["source"])
    if asked.recipient in EXPLICIT and not (asked.recipient_confirmed and asked.purpose in _EXPLICIT_PURPOSES):
        raise RecipientNeverByDefault(f"{at}recipient", _RULES["explicit"]["source"])
