"""What people read, in every language that the gateway speaks. A text missing in one of them fails at import."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from shared.contracts.vocabulary import LANGUAGES, WISHED_GENDERS, Criterion, Gender, Mode, Topic

_FOLDER = Path(__file__).parent


class Texts(BaseModel):
    """One language. Placeholders in braces are named as where they are filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    greeting: str
    about: str
    """Voluntary, free, confidential; and that Telegram sees the chat."""
    talk: str
    dialect_question: str
    postcode_question: str
    topics_question: str
    topics: Mapping[Topic, str]
    done: str
    mode_question: str
    modes: Mapping[Mode, str]
    gender_question: str
    genders: Mapping[Gender, str]
    """Those that can be wished for."""
    anybody: str
    gender_binding_question: str
    nobody_else: str
    criteria: Mapping[Criterion, str]
    """As questions."""
    consents: Mapping[str, str]
    """As questions, by dialogue.Consent."""
    name_question: str
    birth_year_question: str
    skip: str
    summary: str
    send: str
    yes: str
    no: str
    hints: Mapping[str, str]
    """Why an answer does not fit, by dialogue.Unclear's hint."""
    sent: str
    code_follows: str
    send_failed: str
    cancelled: str
    start_again: str
    """The earlier answers are gone: too long ago, or the gateway was started again."""
    help: str
    ask_code: str
    code_refused: str
    too_many: str
    unavailable: str
    statuses: Mapping[str, str]
    """By an enquiry's status; `accepted` is told as long as there is no booking."""
    bookings: Mapping[str, str]
    """By a booking's state."""
    slot_taken: str
    offers: Mapping[str, str]
    """To interpreters, by an offer's state."""
    offer_over: str
    accept: str
    decline: str
    give_back: str
    refresh: str
    weekdays: tuple[str, str, str, str, str, str, str]
    """Monday first."""

    @model_validator(mode="after")
    def _is_whole(self) -> "Texts":
        coded: list[tuple[Mapping[Any, str], Iterable[str]]] = [
            (self.topics, Topic), (self.modes, Mode), (self.criteria, Criterion), (self.genders, WISHED_GENDERS),
        ]  # fmt: skip
        if any(set(words) != set(wanted) for words, wanted in coded):
            raise ValueError("a coded value has no text")
        return self


def _read(name: str) -> Any:
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


TEXTS: Mapping[str, Texts] = MappingProxyType(
    {language: Texts.model_validate(_read(language)) for language in ("de", "en", "ar", "uk", "tr")}
)
"""BCP 47 -> texts, in the order in which they are offered."""
ENDONYMS: Mapping[str, str] = MappingProxyType(_read("endonyms"))
"""BCP 47 -> what its speakers call it, for every language in use."""
if set(ENDONYMS) != LANGUAGES:
    raise ValueError("endonyms.json does not name every language in use")
