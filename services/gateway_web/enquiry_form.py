"""The enquiry form: what was typed, what is wrong with it, and what becomes of it."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from pydantic import ValidationError
from starlette.datastructures import FormData

from shared.clock import today
from shared.contracts.vocabulary import (
    DIALECTS,
    EARLIEST_BIRTH,
    LANGUAGES,
    WISHED_GENDERS,
    Channel,
    ConsentKind,
    Criterion,
    Mode,
    Purpose,
    Topic,
)
from shared.ids import new_id
from shared.municipalities import by_postcode
from shared.sealing import ContactKind, SealedContact, seal_again

CONTACT_KINDS = (ContactKind.PHONE, ContactKind.EMAIL, ContactKind.NONE)
CONSENTS = {
    "processing": (ConsentKind.PROCESSING, Purpose.COUNSELLING),
    "coordination": (ConsentKind.PROCESSING, Purpose.COORDINATION),
    "special_categories": (ConsentKind.SPECIAL_CATEGORIES, Purpose.COUNSELLING),
}
"""Tick box -> what it consents to. Each stands alone; only the first is needed."""
CONSENT_LASTS = timedelta(days=365)
MOST_LANGUAGES = 3
_LONGEST_CONTACT = 200


@dataclass(frozen=True, repr=False)
class Typed:
    """The form as it came, right or wrong. Never logged, never kept: its repr shows nothing."""

    key: str
    """Idempotency-Key: the form sent twice makes one enquiry."""
    postcode: str = ""
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    mode: str = ""
    dialect: str = ""
    gender: str = ""
    """Of whom they wish to be interpreted by; empty: of anybody."""
    gender_binding: str = ""
    criteria: tuple[str, ...] = ()
    name: str = ""
    birth_year: str = ""
    """Four digits, or nothing."""
    contact_kind: str = ""
    contact: str = ""
    message: str = ""
    consents: tuple[str, ...] = ()
    website: str = ""
    """Nobody sees this field: who fills it in is a program."""

    @classmethod
    def empty(cls) -> Self:
        return cls(key=str(new_id()))

    @classmethod
    def of(cls, form: FormData) -> Self:
        one = {name: str(form.get(name, "")).strip() for name in _ONE}
        many = {name: tuple(str(each) for each in form.getlist(name) if each) for name in _MANY}
        return cls(key=_key(str(form.get("key", ""))), **one, **many)  # type: ignore[arg-type]

    def wrong(self) -> list[str]:
        """Names of the wrong fields, in the form's order."""
        right = {
            "postcode": _in_the_county(self.postcode),
            "topics": bool(self.topics) and set(self.topics) <= set(Topic),
            "languages": 0 < len(self.languages) <= MOST_LANGUAGES
            and len(set(self.languages)) == len(self.languages)
            and set(self.languages) <= LANGUAGES,
            "mode": self.mode in set(Mode),
            "dialect": not self.dialect
            or (self.dialect in DIALECTS and self.dialect.partition("-")[0] in self.languages),
            "gender": self.gender in {"", *WISHED_GENDERS},
            "gender_binding": self.gender_binding in {"", "yes"},
            "criteria": set(self.criteria) <= set(Criterion),
            "name": 0 < len(self.name) <= _LONGEST_CONTACT,
            "birth_year": not self.birth_year or _year(self.birth_year) is not None,
            "contact_kind": self.contact_kind in CONTACT_KINDS,
            "contact": bool(self.contact) or self.contact_kind in {"", ContactKind.NONE},
            "processing": "processing" in self.consents,
            "website": not self.website,
        }
        wrong = [name for name, is_right in right.items() if not is_right]
        return wrong or self._unsealable()

    def body(self, public_key: dict[str, str], secret: bytes, explained_in: str) -> dict[str, Any]:
        """For intake, of a form with nothing wrong: what people say about themselves is sealed.

        `explained_in`: the language in which the form was shown, BCP 47.
        """
        sealed = seal_again(b64decode(public_key["public_key"]), self._sealed(), secret)
        until = (today() + CONSENT_LASTS).isoformat()
        return {
            "channel": Channel.WEB,
            "postcode": self.postcode,
            "topics": list(dict.fromkeys(self.topics)),
            "languages": list(self.languages),
            "mode": self.mode,
            "dialect": self.dialect or None,
            "gender": self.gender or None,
            "gender_binding": bool(self.gender and self.gender_binding),
            "criteria": list(dict.fromkeys(self.criteria)),
            "consents": [
                {"kind": kind, "purpose": purpose, "valid_until": until, "language_explained_in": explained_in}
                for name, (kind, purpose) in CONSENTS.items()
                if name in self.consents
            ],
            "sealed": b64encode(sealed).decode(),
            "key_id": public_key["key_id"],
        }

    def _sealed(self) -> SealedContact:
        kind = ContactKind(self.contact_kind)
        return SealedContact(
            name=self.name,
            contact_kind=kind,
            contact="" if kind is ContactKind.NONE else self.contact,
            message=self.message.replace("\r\n", "\n"),
            preferred_language=self.languages[0],
            birth_year=_year(self.birth_year),
        )

    def _unsealable(self) -> list[str]:
        try:
            self._sealed()
        except ValidationError as error:
            return sorted({str(each["loc"][0]) for each in error.errors()})
        return []


_ONE = (
    "postcode",
    "mode",
    "dialect",
    "gender",
    "gender_binding",
    "name",
    "birth_year",
    "contact_kind",
    "contact",
    "message",
    "website",
)
_MANY = ("topics", "languages", "criteria", "consents")


def _in_the_county(postcode: str) -> bool:
    try:
        by_postcode(postcode)
    except KeyError:
        return False
    return True


def _year(typed: str) -> int | None:
    """None for what is no year in which somebody may be born who asks us."""
    if not (typed.isascii() and typed.isdigit() and len(typed) == 4):
        return None
    return int(typed) if EARLIEST_BIRTH <= int(typed) <= today().year else None


def _key(given: str) -> str:
    try:
        return str(UUID(given))
    except ValueError:
        return str(new_id())
