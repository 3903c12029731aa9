"""Nothing that is held about a participant is missing from the export of Art. 15 GDPR, in no service."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from justhtml import JustHTML

import services
from deploy.register.schema import tables
from services.person.export import Export, Tables
from services.person.export_words import vocabulary
from services.person.export_zip import WORDS, page
from shared.contracts.vocabulary import LANGUAGES as LANGUAGES_IN_USE
from shared.database import Database
from shared.exporting import PUBLISHED, LeftOut, Portion, Portions, held
from shared.ids import new_id
from shared.sealing import ContactKind, SealedContact
from tests.conftest import NewDatabase
from tests.shared.coded import CODED, CODED_FIELDS, SAID

SCHEMAS = sorted(Path(services.__path__[0]).glob("*/schema"))
of_each_language = pytest.mark.parametrize("language", WORDS)
NO_CODES = frozenset({"postcode", "data", "who"})
"""Of the data that were published, each field is looked at: `CODED_FIELDS`. `who`: an id, or the code of a service."""
CONTACT = SealedContact(
    name="Selam", contact_kind=ContactKind.NONE, contact="", message="<", preferred_language="ti", birth_year=1991
)
of_each = pytest.mark.parametrize("folder", SCHEMAS, ids=lambda folder: folder.parent.name)
LINKS = {PUBLISHED.table, "published", "resource"}
"""Tables of ids alone: they stand in data.json and not on the page, as do these columns."""
TECHNICAL = frozenset(
    {
        "id", "person_id", "enquiry_id", "case_id", "goal_id", "step_id", "assessment_id", "counselling_id",
        "booking_id", "resource_id", "slot_id", "room_id", "also_asked", "replaces", "assignment_id", "erasure_id",
        "sealed_key_id", "consent_id", "survivor_id", "event_id", "municipal_id", "participants",  # ids
        "version", "sequence", "attempts", "tries", "next_at", "failed", "active", "profile_as_of",
        "availability_as_of", "ask_at_once", "conflict_tokens", "rrule", "exdates", "rdates", "asked", "rule", "lines",
        "withheld", "ciphertext", "series_id", "offer_id", "offers", "offered", "freed", "look_at",
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
@of_each_language
def test_whatever_is_given_has_a_name_in_every_language(folder: Path, language: str) -> None:
    words, portions = WORDS[language], portions_of(folder)
    named = {portion.table for portion in portions.given} - LINKS
    told = {table for table, why in portions.left_out.items() if why is not LeftOut.NOBODYS}
    assert words.tables.keys() >= named | told
    assert folder.parent.name in words.services
    assert words.reasons.keys() >= set(LeftOut) - {LeftOut.NOBODYS}
    columns = {each for portion in portions.given for each in _columns(folder, portion)}
    assert columns - words.columns.keys() - TECHNICAL == set()


@of_each_language
def test_whatever_people_say_themselves_has_a_name_in_every_language(language: str) -> None:
    assert WORDS[language].columns.keys() >= set(SealedContact.model_fields)


def _columns(folder: Path, portion: Portion) -> set[str]:
    found = tables(folder).get(portion.table, {})
    return {name for names in found.values() for name in names} - set(portion.without)


@of_each
def test_of_every_coded_column_that_is_shown_it_is_known_what_its_codes_are(folder: Path) -> None:
    service = folder.parent.name
    shown = {
        f"{service}.{portion.table}.{column}"
        for portion in portions_of(folder).given
        if portion.table not in LINKS
        for column in tables(folder).get(portion.table, {}).get("Schlüsselwert", ())
        if column not in {*portion.without, *TECHNICAL, *NO_CODES}
    }
    assert shown == {name for name in CODED if name.startswith(f"{service}.")}


@of_each
def test_the_codes_that_a_table_may_hold_are_those_that_are_known(folder: Path) -> None:
    for table, column, codes in _checked(folder):
        name = f"{folder.parent.name}.{table}.{column}"
        if name in CODED:
            assert codes == set(CODED[name]), name


def _checked(folder: Path) -> Iterator[tuple[str, str, set[str]]]:
    """Table, column and codes of each `check (column in (...))`."""
    sql = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql")))
    for table, body in re.findall(r"^create table (\w+) \((.*?)\n\);", sql, re.MULTILINE | re.DOTALL):
        for column, codes in re.findall(r"(?<=check \()(\w+) in \(([^)]*)\)\)", body):
            yield table, column, set(re.findall(r"'([^']+)'", codes))


@of_each_language
def test_every_code_of_every_coded_value_has_a_word(language: str) -> None:
    words = WORDS[language]
    every = [(name, name.rpartition(".")[2], code) for name, codes in (CODED | CODED_FIELDS).items() for code in codes]
    assert [(name, code) for name, column, code in every if not words.word(column, code)] == []
    assert [(name, code) for name, column, code in every if "_" in words.shown(column, code)] == []


@of_each_language
def test_no_word_is_there_that_no_code_has(language: str) -> None:
    codes: dict[str, set[str]] = {"truth": {"yes", "no"}, "language": set(LANGUAGES_IN_USE)}
    for name, some in (CODED | CODED_FIELDS | SAID).items():
        codes.setdefault(vocabulary(name.rpartition(".")[2]), set()).update(some)
    extra = {"recipient": {"municipality"}, "role": {"other"}, "what": {"other"}, "why": {"other"}}
    for name, words in WORDS[language].codes.items():
        assert words.keys() <= codes[name] | extra.get(name, set()), name


@of_each_language
def test_whoever_reads_arabic_reads_from_right_to_left_and_every_page_is_valid(language: str) -> None:
    tables_of_all: dict[str, Tables] = {
        "person": {"person": [{"state": "registered", "erasure_asked_at": None}]},
        "case": {"note": [{"text": "<b>&"}], "step": [{"id": 1}]},
        "coordination": {"municipal_event": [{"type": "case.opened.v1", "data": {"phase": "planning", "id": "x"}}]},
    }
    contacts = [CONTACT.model_dump(mode="json")]
    left_out = {"interpreter": {"ranked_candidate": "rights_of_others"}}
    shown = page(Export(datetime.now(UTC), language, contacts, tables_of_all, left_out), language)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in shown
    assert WORDS[language].codes["phase"]["planning"] in shown
    JustHTML(shown, strict=True)


def test_what_is_no_code_is_shown_as_people_write_it() -> None:
    words = WORDS["de"]
    assert words.shown("during", '["2026-03-28 23:30:00+00","2026-03-29 01:30:00+00")') == (
        "29.03.2026, 00:30 - 29.03.2026, 03:30"
    ), "by the clocks of Berlin, on the day on which they are put forward"
    assert words.shown("starts_at", "2026-11-24T09:00:00+00:00") == "24.11.2026, 10:00"
    assert (words.shown("weekday", 0), words.shown("used", value=True)) == ("Montag", "ja")
    assert words.shown("dialect", "ar-SY") == "Arabisch (Syrien)"
    assert words.shown("state", "a_new_one") == "a_new_one"
    assert words.shown("text", "open") == "open", "what people wrote is no code"
    assert words.shown("data", {"phase": "closed", "postcode": "46535"}) == "Phase: abgeschlossen\nPostleitzahl: 46535"
