"""Nothing that is held about a participant is missing from the export of Art. 15 GDPR, in no service."""

from importlib import import_module
from pathlib import Path

import pytest

import services
from deploy.register.schema import tables
from services.person.export_zip import LANGUAGES, TEXTS
from shared.database import Database
from shared.exporting import PUBLISHED, LeftOut, Portion, Portions, held
from shared.ids import new_id
from shared.sealing import SealedContact
from tests.conftest import NewDatabase

SCHEMAS = sorted(Path(services.__path__[0]).glob("*/schema"))
of_each = pytest.mark.parametrize("folder", SCHEMAS, ids=lambda folder: folder.parent.name)
LINKS = {PUBLISHED.table, "published", "resource"}
"""Tables of ids alone: they stand in data.json and not on the page, as do these columns."""
TECHNICAL = frozenset(
    {
        "id", "person_id", "enquiry_id", "case_id", "goal_id", "step_id", "assessment_id", "counselling_id",
        "booking_id", "resource_id", "slot_id", "room_id", "also_asked", "replaces", "assignment_id", "erasure_id",
        "sealed_key_id", "consent_id", "event_id", "municipal_id", "participants",  # ids
        "version", "sequence", "attempts", "tries", "next_at", "failed", "active", "profile_as_of",
        "availability_as_of", "ask_at_once", "conflict_tokens", "rrule", "exdates", "rdates", "asked", "rule", "lines",
        "withheld", "ciphertext", "series_id", "survivor_id", "offer_id", "offers", "offered", "freed", "look_at",
    }
)  # fmt: skip


def portions_of(folder: Path) -> Portions:
    made: Portions = import_module(f"services.{folder.parent.name}.store_export").PORTIONS
    return made


@of_each
def test_every_table_is_given_or_left_out_for_a_reason(folder: Path) -> None:
    portions = portions_of(folder)
    given = {portion.table for portion in portions.given} - {PUBLISHED.table}
    assert given.isdisjoint(portions.left_out)
    assert given | portions.left_out.keys() == set(tables(folder))


@of_each
async def test_every_portion_is_good_sql(folder: Path, new_database: NewDatabase) -> None:
    database = await Database.connect(await new_database(folder), most=1)
    async with database.read() as conn:
        found = await held(conn, portions_of(folder), new_id())
    await database.close()
    assert found.tables == {}
    assert LeftOut.NOBODYS not in found.left_out.values()


@of_each
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_given_has_a_name_in_every_language(folder: Path, language: str) -> None:
    texts, portions = TEXTS[language], portions_of(folder)
    named = {portion.table for portion in portions.given} - LINKS
    told = {table for table, why in portions.left_out.items() if why is not LeftOut.NOBODYS}
    assert texts["tables"].keys() >= named | told
    assert folder.parent.name in texts["services"]
    assert texts["reasons"].keys() >= set(LeftOut) - {LeftOut.NOBODYS}
    columns = {each for portion in portions.given for each in _columns(folder, portion)}
    assert columns - texts["columns"].keys() - TECHNICAL == set()


def test_whatever_people_say_themselves_has_a_name_in_every_language() -> None:
    assert all(TEXTS[language]["columns"].keys() >= set(SealedContact.model_fields) for language in LANGUAGES)


def _columns(folder: Path, portion: Portion) -> set[str]:
    found = tables(folder).get(portion.table, {})
    return {name for names in found.values() for name in names} - set(portion.without)


def test_the_languages_name_the_same() -> None:
    german, english = (TEXTS[language] for language in ("de", "en"))
    assert german.keys() == english.keys()
    for section in ("services", "tables", "columns", "reasons"):
        assert german[section].keys() == english[section].keys()
