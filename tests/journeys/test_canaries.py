"""Confidential by construction: canaries sent through every entry point of the running system stand nowhere in it.

Neither in a topic from offset 0 (keys, headers, values, dead letters), nor in a table, a log, a trace, a metric or an
error. In each place the search is tried first with a planted leak.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route as StarletteRoute

from deploy.client import Client
from deploy.demo.__main__ import interpreter_user as user_of
from deploy.stack.settings import PORTS
from shared.http_client import http_client
from shared.ids import new_id
from tests.access.table import SERVICES
from tests.canaries import CANARIES
from tests.gateway_bot.people import ask as ask_the_bot
from tests.gateway_bot.telegram import Person, TelegramServer
from tests.gateway_web.browser import Browser
from tests.journeys.birdcage import ROUTES, release
from tests.journeys.leaks import connected, in_errors, in_files, in_metrics, in_tables, in_topics
from tests.shared.serving import serve
from tests.waiting import eventually

FORM = "/enquiry"
"""Of the web gateway: where something is wrong, whoever typed it gets the form again with what they typed."""


@pytest.fixture
async def databases(environment: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
    async with connected(environment["DATABASE_URL"].rsplit("/", 1)[0], SERVICES) as found:
        yield found


@pytest.fixture
def urls(environment: Mapping[str, str]) -> dict[str, str]:
    """Service or gateway -> its address."""
    parts = PORTS.keys() - {"postgres", "kafka", "issuer"}
    return {part: environment[f"KIM_{part.upper()}_URL"] for part in parts}


@pytest.fixture
def logs(environment: Mapping[str, str], home: Path) -> list[Path]:
    """Folders of what the services, and the servers where they are ours, log; and the ledger of erasures."""
    kim = Path(environment["KIM_HOME"])
    return [folder for folder in (kim / "log", kim / "ledger", *home.glob("**/log")) if folder.is_dir()]


async def by_web(url: str) -> None:
    """Two people ask in a browser: one gives a number, the other an address; and both mistype first."""
    for kind, contact in (("phone", CANARIES["phone"]), ("email", CANARIES["e-mail"])):
        browser = Browser(url)
        async with browser.client:
            await browser.go("/enquiry")
            await browser.send("/enquiry", postcode=CANARIES["free text"], name=CANARIES["name"])
            assert browser.page.status_code == 422
            message = " ".join(CANARIES[each] for each in ("message", "birth date", "free text", "contact"))
            await browser.ask(name=CANARIES["name"], contact_kind=kind, contact=contact, message=message)
            await browser.send("/status")


async def by_bot(telegram: TelegramServer) -> None:
    """Somebody writes what comes to their mind, and then asks under their name."""
    somebody = Person(telegram, chat=880777)
    await somebody.type(CANARIES["bot message"])
    await eventually(lambda: _has_read(somebody, 1))
    await ask_the_bot(somebody)
    await somebody.type(CANARIES["bot message"])


async def _has_read(somebody: Person, number: int) -> bool:
    return len(somebody.seen) >= number


async def write_note(client: Client, databases: Mapping[str, Any], urls: Mapping[str, str]) -> Any:
    """Whoever is responsible for one of the enquiries writes down what they were told. Returns the case's notes."""

    async def responsible() -> Any:
        rows = await databases["case"].fetch("select id from case_file where phase <> 'closed'")
        return await databases["person"].fetchrow(
            "select case_id, case_manager_id from responsibility join enquiry using (enquiry_id)"
            " join person on person.id = person_id where state = 'registered' and case_id = any($1) limit 1",
            [row["id"] for row in rows],
        )

    found = await eventually(responsible, limit=60, every=0.2)
    token = await client.token(user_of(str(found["case_manager_id"])))
    notes = f"{urls['case']}/cases/{found['case_id']}/notes"

    async def written() -> bool:
        body = {"text": " ".join(CANARIES[kind] for kind in ("note", "conference", "referral"))}
        async with http_client() as http:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": CANARIES["idempotency key"]}
            return (await http.post(notes, json=body, headers=headers)).is_success

    await eventually(written, limit=60, every=0.5)
    return await client.call("GET", notes, token=token)


async def test_what_people_say_stands_in_no_topic_table_log_trace_metric_or_error(
    client: Client,
    environment: Mapping[str, str],
    databases: dict[str, Any],
    telegram: TelegramServer,
    urls: dict[str, str],
    logs: list[Path],
) -> None:
    await by_web(urls["gateway_web"])
    await by_bot(telegram)
    answers = await release(client, urls, ROUTES)
    notes = await write_note(client, databases, urls)
    assert CANARIES["note"] in json.dumps(notes, ensure_ascii=False), "what is written can be read by whoever may"
    assert {answer.status_code for answer in answers} >= {401, 403, 404, 422}
    assert not [str(answer.request.url) for answer in answers if answer.status_code >= 500]
    leaks = {
        "errors": in_errors(answer for answer in answers if answer.request.url.path != FORM),
        "topics": await in_topics(environment["KAFKA_BOOTSTRAP_SERVERS"]),
        "tables": await in_tables(databases),
        "logs": in_files(*logs),
        "metrics": await in_metrics(client, {name: urls[name] for name in SERVICES}),
    }
    assert {place: found for place, found in leaks.items() if found} == {}


@pytest.mark.parametrize("part", ["key", "value", "name", "header"])
async def test_a_leak_in_a_record_is_found(environment: Mapping[str, str], part: str) -> None:
    said = CANARIES["name"].encode()
    parts: dict[str, dict[str, Any]] = {
        "key": {"key": said, "value": None},
        "value": {"key": b"\0" * 16, "value": json.dumps({"name": CANARIES["name"]}).encode()},
        "name": {"key": b"\0" * 16, "value": None, "headers": [(CANARIES["name"], b"")]},
        "header": {"key": b"\0" * 16, "value": None, "headers": [("ce_traceparent", said)]},
    }
    bootstrap = environment["KAFKA_BOOTSTRAP_SERVERS"]
    async with _topic(bootstrap) as topic, AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(topic, **parts[part])
        assert await in_topics(bootstrap) == {topic: {"name"}}


@pytest.mark.parametrize("type_", ["text", "jsonb", "bytea", "text[]"])
async def test_a_leak_in_a_table_is_found(databases: dict[str, Any], type_: str) -> None:
    said = {
        "text": CANARIES["phone"],
        "jsonb": json.dumps({"of": [CANARIES["phone"]]}),
        "bytea": CANARIES["phone"].encode(),
        "text[]": ["", CANARIES["phone"]],
    }[type_]
    conn = databases["case"]
    undone = conn.transaction()
    await undone.start()
    await conn.execute(f"create table planted (here {type_})")
    await conn.execute("insert into planted values ($1)", said)
    found = await in_tables(databases)
    await undone.rollback()
    assert found == {"case.planted": {"phone"}}


async def test_a_leak_in_a_log_is_found(logs: list[Path]) -> None:
    planted = logs[0] / "planted.log"
    planted.write_text(json.dumps({"event": f"could not call {CANARIES['message']}"}) + "\n", encoding="utf-8")
    try:
        assert in_files(*logs) == {"planted.log": {"message"}}
    finally:
        planted.unlink()


async def test_a_leak_in_a_metric_is_found(client: Client) -> None:
    async def show(_request: Request) -> Response:
        return PlainTextResponse(f'kim_request_seconds_count{{route="/{CANARIES["path"]}"}} 1')

    async with serve(Starlette(routes=[StarletteRoute("/metrics", show)])) as url:
        assert await in_metrics(client, {"planted": url}) == {"planted": {"path"}}


@pytest.mark.parametrize(
    "told",
    [{"json": {"field": CANARIES["wrong type"]}}, {"headers": {"location": f"/{CANARIES['wrong type']}"}}],
    ids=["body", "header"],
)
def test_a_leak_in_an_error_is_found(told: dict[str, Any]) -> None:
    answer = httpx.Response(422, request=httpx.Request("POST", "http://case.test/cases"), **told)
    assert in_errors([answer]) == {"POST http://case.test/cases: 422": {"wrong type"}}


@asynccontextmanager
async def _topic(bootstrap: str) -> AsyncIterator[str]:
    """One of dead letters, for as long as the block runs."""
    name = f"kim.planted.v1.dead.g{new_id().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, 1)])
        yield name
        await admin.delete_topics([name])
    finally:
        await admin.close()
