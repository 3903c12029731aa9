"""Outside the vault every column is coded, an id, a time, a number or ciphertext: its type says which."""

from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest

import services
from shared.database import Database
from tests.conftest import NewDatabase

SCHEMAS = sorted(Path(services.__path__[0]).glob("*/schema"))
IDS, TIMES = (
    {"uuid"},
    {"date", "timestamp with time zone", "time without time zone", "tstzmultirange", "tstzrange", "interval"}
    | {
        "timestamp without time zone",  # wall time of rules that recur
    },
)
NUMBERS = {"smallint", "integer", "bigint", "numeric", "boolean"}
CODED = {"code", "ags", "postcode", "language_tag", "hex_digest", "subject", "fault", "coded", "recurrence"}
"""Domains of shared/schema/0001_runtime.sql, and of services for what only they know."""
CIPHERTEXT = {"bytea"}
GOOD = IDS | TIMES | NUMBERS | CODED | CIPHERTEXT
REASONED: Mapping[str, str] = {
    "schema_version.name": "the names of our own files of SQL, by a check",
    "ranked_candidate.rule": "a pot and the day of its rules, by a check",
    "erased_fee.rule": "a pot and the day of its rules, by a check",
    "fee_quote.rule": "a pot and the day of its rules, by a check",
}
CLEAR_BYTES: Mapping[str, str] = {
    "outbox.headers": "an event's envelope and value: coded by its contract, gone once it is sent",
    "outbox.value": "see headers",
    "redaction_due.headers": "what a redaction leaves of an event, gone once it is sent again",
    "redaction_due.value": "see headers",
    "parked.headers": "an event as it was read: coded by its contract",
    "parked.value": "see headers",
    "forgotten.digest": "SHA-256",
    "idempotency_key.key": "a hash with the client's own key",
    "idempotency_key.body_hash": "a hash with the client's own key",
    "attempt.bucket": "an HMAC",
    "calendar_feed.secret_hash": "an HMAC",
    "enquiry.code_hash": "an HMAC",
    "offer_link.token_hash": "an HMAC",
    "erased_enquiry.tombstone": "an HMAC",
    "sealing_key.public_key": "a public key",
    "blind_index.digest": "an HMAC",
    "one_time_code.digest": "an HMAC",
    "second_factor.digest": "an HMAC",
}
"""Bytes that are no ciphertext, and what they are."""
COLUMNS = """
    select relname || '.' || attname as name, format_type(atttypid, null) as type,
        exists (
            select from pg_constraint
            where conrelid = pg_class.oid and conkey = array[attnum] and contype = 'c'
            and pg_get_constraintdef(pg_constraint.oid) ~
                ' = ANY \\(ARRAY\\[|are_(codes|ags|language_tags|hex_digests)\\('
        ) as listed
    from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and attnum > 0 and not attisdropped
    order by name
"""

of_each_service = pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.parent.name)


async def columns(new_database: NewDatabase, schema: Path) -> list[asyncpg.Record]:
    conn = await asyncpg.connect(await new_database(schema))
    found: list[asyncpg.Record] = await conn.fetch(COLUMNS)
    await conn.close()
    return found


@of_each_service
async def test_no_column_holds_free_text(new_database: NewDatabase, schema: Path) -> None:
    """A new text column gets a domain (`code`, `ags` ...), or a check that lists what it may hold."""
    found = await columns(new_database, schema)
    assert found
    free = {each["name"]: each["type"] for each in found if each["type"].removesuffix("[]") not in GOOD}
    listed = {each["name"] for each in found if each["listed"]}
    assert free.keys() - listed - REASONED.keys() == set(), free


@of_each_service
async def test_bytes_are_ciphertext_or_it_is_said_what_they_are(new_database: NewDatabase, schema: Path) -> None:
    """Ciphertext is what only the vault's keys open: new bytes are named here, once somebody has looked at them."""
    found = await columns(new_database, schema)
    clear = {each["name"] for each in found if each["type"].startswith("bytea")} - CLEAR_BYTES.keys()
    assert clear <= {
        "enquiry.sealed", "idempotency_key.answer", "note.ciphertext", "person.data_key", "person.contact",
        "interpreter_contact.data_key", "interpreter_contact.contact",
        "sealing_key.private_key", "message.content", "conflict_key.secret",
        "foreign_calendar.address", "foreign_calendar.login", "foreign_calendar.etag",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        ("code", "Herr Kanari"), ("code", "kanari@example.org"), ("code", "a" * 200), ("code", "Kanari"),
        ("ags", "Wesel"), ("postcode", "46535 Dinslaken"), ("language_tag", "spricht Tigrinya"),
        ("subject", "kanari@example.org"), ("fault", "ValueError: Kanari"),
        ("coded", '{"a": [{"b": "Herr Kanari"}]}'), ("coded", '["kanari@example.org"]'),
    ],
)  # fmt: skip
async def test_a_domain_refuses_what_somebody_wrote(database: Database, domain: str, text: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await database.pool.fetchval(f"select '{text}'::{domain}")


@pytest.mark.parametrize(
    ("check", "texts"),
    [
        ("are_codes", ["housing", "Herr Kanari"]), ("are_codes", ["housing | Herr"]),
        ("are_ags", ["05170008", "Wesel"]),
        ("are_language_tags", ["ti", "spricht Tigrinya"]), ("are_hex_digests", ["kanari"]),
    ],
)  # fmt: skip
async def test_a_list_with_what_somebody_wrote_is_refused(database: Database, check: str, texts: list[str]) -> None:
    refused, taken = f"select {check}($1)", f"select {check}('{{}}')"
    assert await database.pool.fetchval(taken)
    assert not await database.pool.fetchval(refused, texts)
