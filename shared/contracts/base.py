"""What every contract is made of: frozen fields, each of which declares whom it may reach."""

from enum import StrEnum
from typing import Any, ClassVar, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Disclosure(StrEnum):
    """Whom a field may reach outside our own services (design: Disclosure)."""

    INTERNAL = "internal"
    """Nobody outside."""
    CONSENTED = "consented"
    """A recipient whom the participant's current, unexpired consent names for the purpose."""
    OPEN = "open"
    """Every reader of a municipality's stream."""

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        """The declaration travels with the JSON Schema, as `x-disclosure`."""
        schema: dict[str, Any] = handler(core_schema)
        return (
            {**schema, "x-disclosure": self.value}
            if "$ref" not in schema
            else {
                "allOf": [schema],
                "x-disclosure": self.value,
            }
        )


INTERNAL = Disclosure.INTERNAL
CONSENTED = Disclosure.CONSENTED
OPEN = Disclosure.OPEN


class Contract(BaseModel):
    """A frozen model in which every field carries a `Disclosure`; one without does not import."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        for name in cls.model_fields:
            disclosure_of(cls, name)


def disclosure_of(model: type[Contract], field: str) -> Disclosure:
    """The disclosure that `field` declares. Raises TypeError where it declares none, or several."""
    declared = [mark for mark in model.model_fields[field].metadata if isinstance(mark, Disclosure)]
    if len(declared) != 1:
        raise TypeError(f"{model.__name__}.{field} declares {len(declared)} disclosures instead of one")
    return declared[0]


class Event(Contract):
    """A fact in the past tense, published by one service on its one topic."""

    type: ClassVar[str]
    """CloudEvents type, with the version: `intake.enquiry.received.v1`."""
    topic: ClassVar[str]
    subject: ClassVar[str]
    """Name of the field that holds the id of the aggregate: events with equal subjects are in order."""
    concerns: ClassVar[str | None] = None
    """Name of the field with the enquiry (or the list of enquiries) whose erasure takes the event with it."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "type" in cls.__dict__ and cls.subject not in get_type_hints(cls):
            raise TypeError(f"{cls.__name__} has no field {cls.subject}")
        if "type" in cls.__dict__ and cls.concerns is None and not _OF_SOMEBODY.isdisjoint(cls.model_fields):
            raise TypeError(f"{cls.__name__} is about somebody and does not say whom it concerns")

    @property
    def subject_id(self) -> str:
        return str(getattr(self, self.subject))

    @property
    def enquiries(self) -> list[UUID]:
        """The enquiries that it concerns; none for an event that is nobody's."""
        if self.concerns is None:
            return []
        found = getattr(self, self.concerns)
        return list(found) if isinstance(found, list) else [found] if found else []


_OF_SOMEBODY = frozenset({"enquiry_id", "enquiry_ids", "person_id", "case_id", "booking_id", "offer_id"})
"""Fields that lead to somebody."""
