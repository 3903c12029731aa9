"""What somebody has said so far, and the steps by which it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from services.gateway_bot.texts import TEXTS, Texts
from shared.contracts.vocabulary import DIALECTS, ConsentKind, Criterion, Gender, Mode, Purpose, Topic


class Ask(StrEnum):
    """Steps that are asked once; each criterion and each consent is a step of its own."""

    LANGUAGE = "language"
    TALK = "talk"
    DIALECT = "dialect"
    """Asked where the language has some; skipped by a button, as the two below."""
    POSTCODE = "postcode"
    TOPICS = "topics"
    MODE = "mode"
    GENDER = "gender"
    """Of whom they wish to be interpreted by."""
    GENDER_BINDING = "gender_binding"
    """Asked of who wishes."""
    NAME = "name"
    BIRTH_YEAR = "birth_year"
    """As free as it sounds: it is skipped by a button."""
    SUMMARY = "summary"
    SENDING = "sending"
    """All is said: the enquiry can go."""


class Consent(StrEnum):
    """Asked for one by one. Without the first there is no enquiry; the others are as free as they sound."""

    COUNSELLING = "consent-counselling"
    SPECIAL = "consent-special"
    OFFICE = "consent-office"


class Terms(NamedTuple):
    kind: ConsentKind
    purpose: Purpose


TERMS: Mapping[Consent, Terms] = MappingProxyType(
    {
        Consent.COUNSELLING: Terms(ConsentKind.PROCESSING, Purpose.COUNSELLING),
        Consent.SPECIAL: Terms(ConsentKind.SPECIAL_CATEGORIES, Purpose.COUNSELLING),
        Consent.OFFICE: Terms(ConsentKind.PROCESSING, Purpose.COORDINATION),
    }
)

Step = Ask | Criterion | Consent
ORDER: tuple[Step, ...] = (
    Ask.LANGUAGE,
    Ask.TALK,
    Ask.DIALECT,
    Ask.POSTCODE,
    Ask.TOPICS,
    Ask.MODE,
    Ask.GENDER,
    Ask.GENDER_BINDING,
    *Criterion,
    *Consent,
    Ask.NAME,
    Ask.BIRTH_YEAR,
    Ask.SUMMARY,
    Ask.SENDING,
)


@dataclass(frozen=True)
class Draft:
    """What somebody has said so far. It is in nobody's database."""

    step: Step = Ask.LANGUAGE
    ui: str = "de"
    """Key of TEXTS: the language the gateway speaks."""
    language: str = ""
    """BCP 47: the one wished for the talk."""
    dialect: str | None = None
    """BCP 47, one of `DIALECTS`."""
    gender: Gender | None = None
    gender_binding: bool = False
    """A condition, and not a wish."""
    postcode: str = field(default="", repr=False)
    topics: frozenset[Topic] = frozenset()
    mode: Mode = Mode.IN_PERSON
    criteria: frozenset[Criterion] = frozenset()
    consents: frozenset[Consent] = frozenset()
    name: str = field(default="", repr=False)
    birth_year: int | None = field(default=None, repr=False)

    @property
    def texts(self) -> Texts:
        return TEXTS[self.ui]

    @property
    def dialects(self) -> tuple[str, ...]:
        """Of the language they wish to speak."""
        return tuple(tag for tag in DIALECTS if tag.partition("-")[0] == self.language)
