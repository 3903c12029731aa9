"""The ledger of erasures, outside of every backup: who comes back with a restore is erased again."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.person.app import _restore
from shared.database import Database
from shared.erasure import digest
from shared.ledger import FILE_NAME, Entry, Ledger, LedgerUnreadable
from tests.person.people import TODAY, found_in_tables, hear_enquiry, published

SEGMENT = timedelta(seconds=1)


async def test_who_comes_back_with_a_restore_is_erased_again_and_the_others_stay(
    database: Database, tmp_path: Path
) -> None:
    ledger, erased, stays = Ledger(tmp_path), await hear_enquiry(database), await hear_enquiry(database)
    ledger.add([Entry(digest(erased), TODAY)])
    async with database.transaction() as conn:
        assert await _restore(SEGMENT, conn, ledger) == 1
    assert [event.type for event in await published(database)] == ["person.erased.v1"]
    assert await found_in_tables(database, str(stays)) == ["enquiry", "fetch_due"]
    assert await database.pool.fetchval("select count(*) from enquiry where enquiry_id = $1", erased) == 0
    async with database.transaction() as conn:
        assert await _restore(SEGMENT, conn, ledger) == 0


def test_an_erasure_stands_in_the_ledger_once_and_names_nobody(tmp_path: Path) -> None:
    ledger, entry = Ledger(tmp_path / "new"), Entry(b"\x01" * 32, TODAY)
    ledger.add([entry])
    ledger.add([entry])
    assert ledger.entries() == [entry]


def test_a_ledger_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{}\n", encoding="ascii")
    with pytest.raises(LedgerUnreadable):
        Ledger(tmp_path).entries()
