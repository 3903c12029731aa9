"""What is generated is checked in, up to date and valid."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from shared.clock import now
from shared.contracts.asyncapi import document
from shared.contracts.generate import GENERATED, main, out_of_date, text_of, wanted, write
from shared.contracts.municipal import MunicipalEvent
from shared.contracts.registry import EVENTS, TOPICS
from shared.envelope import headers
from shared.ids import new_id

OFFICIAL = json.loads(Path(__file__).with_name("asyncapi-3.0.0.json").read_text(encoding="utf-8"))


def test_the_generated_files_are_up_to_date() -> None:
    assert out_of_date(GENERATED, wanted()) == []


def test_check_names_what_is_out_of_date_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shared.contracts.generate.GENERATED", tmp_path)
    write(tmp_path, wanted())
    (tmp_path / "asyncapi.json").unlink()
    (tmp_path / "case.opened.v1.schema.json").write_text("{}")
    (tmp_path / "case.gone.v1.schema.json").write_text("{}")
    assert main(["--check"]) == 1
    told = capsys.readouterr().out
    assert [line.rpartition("/")[2] for line in told.splitlines()] == [
        "asyncapi.json",
        "case.gone.v1.schema.json",
        "case.opened.v1.schema.json",
    ]
    assert not (tmp_path / "asyncapi.json").exists()
    assert main([]) == 0
    assert out_of_date(tmp_path, wanted()) == []


@pytest.mark.parametrize("name", EVENTS)
def test_every_schema_is_valid_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((GENERATED / f"{name}.schema.json").read_text(encoding="utf-8")))


def test_the_document_is_valid_for_the_official_schema_of_asyncapi() -> None:
    Draft7Validator(OFFICIAL).validate(document())


def test_the_official_schema_would_notice_a_fault() -> None:
    broken = document()
    broken["channels"]["intake"]["bindings"]["kafka"]["partitions"] = 0
    assert not Draft7Validator(OFFICIAL).is_valid(broken)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from _references(each)
    if isinstance(value, list):
        for each in value:
            yield from _references(each)


def test_every_reference_in_the_document_leads_somewhere() -> None:
    whole = document()
    for reference in set(_references(whole)):
        target = whole
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_every_event_stands_on_its_topic_once() -> None:
    channels = [each for name, each in document()["channels"].items() if name != "municipality"]
    assert {channel["address"] for channel in channels} == set(TOPICS.values())
    names = [name for channel in channels for name in channel["messages"]]
    assert sorted(names) == sorted(event.__name__ for event in EVENTS.values())


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_the_headers_that_are_sent_are_those_of_the_document(event: Any) -> None:
    sent = headers(id=new_id(), type=event.type, source="/kim/test", subject="1", time=now(), traceparent="00-a")
    described = document()["components"]["messages"][event.__name__]["headers"]
    values = {name: value.decode() for name, value in sent}
    Draft202012Validator(described, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(values)
    assert values.keys() == described["properties"].keys()


def test_a_record_of_a_municipal_stream_is_as_the_document_says() -> None:
    record = MunicipalEvent(
        sequence=7,
        id=new_id(),
        type="case.opened.v1",
        time=now(),
        subject="pseudonym",
        data={"phase": "clarification"},
        withheld=["topics"],
        salts={"data.phase": "0" * 64},
        commitments={"data.phase": "0" * 64},
        previous_hash="0" * 64,
        hash="0" * 64,
    )
    components = document()["components"]
    described = components["messages"]["MunicipalEvent"]["headers"]
    values = {name: value.decode() for name, value in record.headers("/coordination")}
    Draft202012Validator(described, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(values)
    assert values.keys() == described["properties"].keys()
    Draft202012Validator(components["schemas"]["MunicipalBody"]).validate(json.loads(record.value()))


def test_files_end_with_a_line_and_keep_umlauts() -> None:
    assert text_of({"name": "Hünxe"}) == '{\n  "name": "Hünxe"\n}\n'
