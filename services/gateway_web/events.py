"""An event of a municipality's stream, as a row of the table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shared.clock import BERLIN
from shared.contracts.base import CONSENTED, disclosure_of
from shared.contracts.municipal import MunicipalEvent
from shared.contracts.registry import EVENTS

_SHOWN_ELSEWHERE = "ags"


class Kind(StrEnum):
    """How a value is to be read."""

    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"
    LANGUAGE = "language"
    TRUTH = "truth"
    SLOT = "slot"


_KINDS = {
    "languages": Kind.LANGUAGE, "language": Kind.LANGUAGE, "starts_at": Kind.MOMENT, "ends_at": Kind.MOMENT,
    "speaks_language": Kind.TRUTH, "interpreter_needed": Kind.TRUTH, "adopted": Kind.TRUTH,
    "gender_binding": Kind.TRUTH, "slots": Kind.SLOT,
}  # fmt: skip
_VOCABULARY = {
    "topics": "topic", "about": "topic", "mode": "mode", "phase": "phase_name", "service": "service",
    "kind": "finding", "reason": "reason", "cancelled_by": "cancelled_by",
    "gender": "gender", "purpose": "talk_purpose",
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """A field that this reader sees."""

    name: str
    values: list[Any]
    kind: Kind
    section: str | None
    """Of the catalogue, where the value is a code."""
    consented: bool


@dataclass(frozen=True)
class Shown:
    ags: str
    event: MunicipalEvent

    def order(self) -> tuple[date, str, int]:
        """By day, since most events tell no more; within a municipality by sequence."""
        local = self.event.time.astimezone(BERLIN) if self.exact else self.event.time
        return (local.date(), self.ags, self.event.sequence)

    @property
    def exact(self) -> bool:
        """The moment itself is there only with consent; without, it is midnight UTC of the day."""
        return any((self.event.time.hour, self.event.time.minute, self.event.time.second))

    @property
    def matter(self) -> str:
        """The beginning of the pseudonym, enough to see what belongs together."""
        return (self.event.subject or "")[:6]

    def facts(self) -> Iterator[Fact]:
        """As the contract has them, without days (the row has one) and the municipality (it has a column)."""
        model = EVENTS.get(self.event.type)
        declared = list(model.model_fields) if model else []
        given = self.event.data or {}
        for name in sorted(given, key=lambda each: declared.index(each) if each in declared else len(declared)):
            value = given[name]
            if name == _SHOWN_ELSEWHERE or name.endswith("_on") or value is None:
                continue
            consented = model is not None and name in declared and disclosure_of(model, name) is CONSENTED
            values = value if isinstance(value, list) else [value]
            yield Fact(name, values, _KINDS.get(name, Kind.TEXT), _VOCABULARY.get(name), consented)
