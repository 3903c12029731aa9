"""The register of processing activities names all that is stored and published."""

import re
from pathlib import Path

import pytest

import services
from deploy.register.__main__ import FILE, TableWithoutSentence, _tables, text
from deploy.register.schema import tables
from shared.contracts.registry import EVENTS

SCHEMAS = sorted(Path(services.__path__[0]).glob("*/schema"))


def test_the_register_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == text()


@pytest.mark.parametrize("folder", SCHEMAS, ids=lambda folder: folder.parent.name)
def test_every_table_that_is_created_is_found_with_columns(folder: Path) -> None:
    created = re.findall(
        r"^create table (\w+)", "".join(path.read_text() for path in folder.glob("*.sql")), re.MULTILINE
    )
    assert list(tables(folder)) == created
    assert all(tables(folder).values())


def test_every_event_is_named() -> None:
    register = text()
    assert {event for event in EVENTS if f"`{event}`" not in register} == set()


def test_a_table_without_a_sentence_is_refused() -> None:
    with pytest.raises(TableWithoutSentence, match="booking"):
        list(_tables(next(each for each in SCHEMAS if each.parent.name == "scheduling"), {}))
