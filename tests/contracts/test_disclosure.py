"""A field says whom it may reach, or there is no field."""

from typing import Annotated, ClassVar
from uuid import UUID

import pytest

from shared.contracts.base import CONSENTED, INTERNAL, OPEN, Contract, Disclosure, Event, disclosure_of
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import Schema, schema_of

NEVER_OPEN = {
    "languages",
    "language",
    "topics",
    "postcode",
    "mode",
    "starts_at",
    "ends_at",
    "gender",
    "dialect",
}
"""design.md, Disclosure: for a single case these are consented."""


def test_a_model_without_disclosure_does_not_import() -> None:
    with pytest.raises(TypeError, match=r"Careless\.name declares 0 disclosures"):

        class Careless(Contract):
            name: str


def test_a_field_with_two_disclosures_does_not_import() -> None:
    with pytest.raises(TypeError, match=r"Torn\.name declares 2 disclosures"):

        class Torn(Contract):
            name: Annotated[str, OPEN, INTERNAL]


def test_a_subclass_cannot_add_an_undeclared_field() -> None:
    class Declared(Contract):
        one: Annotated[str, OPEN]

    with pytest.raises(TypeError, match=r"Extended\.two"):

        class Extended(Declared):
            two: str


def test_an_event_without_the_field_of_its_subject_does_not_import() -> None:
    with pytest.raises(TypeError, match="has no field case_id"):

        class Lost(Event):
            type: ClassVar[str] = "case.lost.v1"
            topic: ClassVar[str] = "kim.case.v1"
            subject: ClassVar[str] = "case_id"
            finding_id: Annotated[UUID, INTERNAL]


@pytest.mark.parametrize("disclosure", list(Disclosure))
def test_the_disclosure_of_a_field_can_be_asked_for(disclosure: Disclosure) -> None:
    class Telling(Contract):
        fact: Annotated[str, disclosure]

    assert disclosure_of(Telling, "fact") is disclosure


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_every_field_of_every_schema_shows_its_disclosure(event: type[Event]) -> None:
    schema = schema_of(event)
    for owner in (schema, *schema.get("$defs", {}).values()):
        for name, field in owner.get("properties", {}).items():
            assert field.get("x-disclosure") in set(Disclosure), f"{event.type}: {name}"


def _opened(schema: Schema) -> set[str]:
    """Names of the fields, nested ones included, that every reader gets."""
    owners = (schema, *schema.get("$defs", {}).values())
    fields = [pair for owner in owners for pair in owner.get("properties", {}).items()]
    return {name for name, field in fields if field["x-disclosure"] == Disclosure.OPEN}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_no_event_opens_what_would_point_at_a_person(event: type[Event]) -> None:
    opened = _opened(schema_of(event))
    assert not opened & NEVER_OPEN
    assert not {name for name in opened if name.endswith(("_id", "_ids"))}


def test_an_event_is_frozen() -> None:
    class Fact(Contract):
        name: Annotated[str, CONSENTED]

    with pytest.raises(ValueError, match="frozen"):
        setattr(Fact(name="a"), "name", "b")  # noqa: B010 -- mypy refuses it, as it should
