"""The checked-in examples are valid for schema and model, and every value survives the way there and back."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.contracts import generate
from shared.contracts.base import Event
from shared.contracts.registry import EVENTS, PUBLISHERS, TOPICS
from shared.contracts.schemas import schema_of
from tests.contracts.strategies import instances

EXAMPLES = Path(generate.__file__).with_name("examples")
every_event = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)


def _validator(event: type[Event]) -> Draft202012Validator:
    return Draft202012Validator(schema_of(event), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _example(event: type[Event]) -> str:
    return (EXAMPLES / f"{event.type}.json").read_text(encoding="utf-8")


def test_every_event_has_an_example_and_every_example_its_event() -> None:
    assert {path.name.removesuffix(".json") for path in EXAMPLES.iterdir()} == set(EVENTS)


@every_event
def test_an_example_is_valid_for_the_schema_and_the_model(event: type[Event]) -> None:
    _validator(event).validate(json.loads(_example(event)))
    assert event.model_validate_json(_example(event)).subject_id


@every_event
def test_an_example_fills_every_field(event: type[Event]) -> None:
    assert json.loads(_example(event)).keys() == event.model_fields.keys()


@every_event
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_any_event_survives_the_way_through_json(event: type[Event], data: st.DataObject) -> None:
    given_event: Any = data.draw(instances(event))
    text = given_event.model_dump_json()
    _validator(event).validate(json.loads(text))
    assert event.model_validate_json(text) == given_event


@every_event
def test_type_topic_and_publisher_agree(event: type[Event]) -> None:
    publisher = event.type.partition(".")[0]
    assert event in PUBLISHERS[publisher]
    assert event.topic == TOPICS[publisher]
    assert event.type.endswith(".v1")


@every_event
def test_a_reader_ignores_what_a_newer_producer_adds(event: type[Event]) -> None:
    newer = {**json.loads(_example(event)), "added_later": 1}
    assert event.model_validate_json(json.dumps(newer)) == event.model_validate_json(_example(event))
