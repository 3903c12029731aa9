"""Interpreters are told by mail that they are asked: by a link, and with nothing of the talk in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI, Header, Response

from services.person import notices
from services.person.mail import Smtp
from services.person.notices import Notifying
from services.person.offer_links import OfferLinks
from services.person.reactions import REACTIONS
from services.person.vault import Vault
from shared.clock import now
from shared.contracts.base import Event
from shared.contracts.interpreter import OfferAccepted, OfferMade
from shared.database import Database
from shared.ids import new_id
from shared.service_token import ServiceToken
from shared.settings import MailSecurity, Settings
from tests.person.caller import Callers
from tests.person.intake_server import TOKEN
from tests.person.mail_server import MailServer, mail_server
from tests.person.people import envelope_of, found_in_tables
from tests.shared.serving import serve

ADDRESS = "dolmetscherin@example.org"
UNTIL = datetime(2050, 11, 24, 8, 30, tzinfo=UTC)


@dataclass
class LinkServer:
    """Speaks interpreter's route for links, on a real socket."""

    status: int = 201
    asked: list[UUID] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/offers/{offer_id}/link")
        async def link(offer_id: UUID, response: Response, authorization: str = Header()) -> dict[str, str]:
            self.asked.append(offer_id)
            response.status_code = self.status if authorization == f"Bearer {TOKEN}" else 401
            return {"token": f"{len(self.asked)}" + "x" * 31, "expires_at": UNTIL.isoformat()}

        return app


@pytest.fixture
async def post_office() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@pytest.fixture
def interpreter() -> LinkServer:
    return LinkServer()


@pytest.fixture
async def notifying(
    vault: Vault, settings: Settings, post_office: MailServer, interpreter: LinkServer
) -> AsyncIterator[Notifying]:
    smtp = Smtp("127.0.0.1", post_office.port, MailSecurity.NONE, "kim@kreis.example")
    async with serve(interpreter.app()) as url:
        links = OfferLinks(url, ServiceToken("person", settings))
        async with links.client:
            yield Notifying(vault, smtp, links, "https://kim.example/", "kim_bot")


def made(who: UUID, until: datetime = UNTIL) -> OfferMade:
    return OfferMade(**ids(who), language="ti", starts_at=UNTIL, ends_at=UNTIL, expires_at=until, made_on=UNTIL.date())


def ids(who: UUID) -> dict[str, object]:
    named = {name: new_id() for name in ("offer_id", "booking_id", "enquiry_id")}
    return {**named, "interpreter_id": who, "ags": "05170008"}


async def hear(database: Database, event: Event) -> None:
    async with database.transaction() as conn:
        await REACTIONS[type(event)](conn, envelope_of(event, now()))


async def settled(database: Database) -> list[str | None]:
    return [row["settled"] for row in await database.pool.fetch("select settled from offer_notice")]


async def test_an_interpreter_is_told_once_by_a_link_and_until_when_and_nothing_else(
    database: Database, callers: Callers, notifying: Notifying, post_office: MailServer
) -> None:
    who = new_id()
    body = {"email": ADDRESS, "language": "en"}
    path = f"/interpreters/{who}/contact"
    assert (await callers.role("interpreter", who).put(path, body)).status_code == 204
    await hear(database, made(who))
    for _ in range(2):
        await notifying.run(database)
    [mail] = post_office.mails
    assert (mail["to"], mail["subject"]) == (ADDRESS, "KIM: Request to interpret")
    text = mail.get_content()
    token = "1" + "x" * 31
    assert f"https://kim.example/offer/{token}" in text
    assert f"https://t.me/kim_bot?start=offer_{token}" in text
    assert "24.11.2050, 09:30" in text, "by the clocks of Berlin"
    assert "Dinslaken" not in text
    assert await settled(database) == ["sent"]
    assert await found_in_tables(database, ADDRESS, "dolmetscherin") == []


async def test_the_address_of_another_interpreter_is_not_theirs_to_change(callers: Callers) -> None:
    refused = await callers.role("interpreter").put(
        f"/interpreters/{new_id()}/contact", {"email": ADDRESS, "language": "en"}
    )
    assert refused.status_code == 404


async def test_an_administrator_sees_of_whom_there_is_an_address_never_which(callers: Callers) -> None:
    who, administrator = new_id(), callers.role("administrator")
    for path in (f"/interpreters/{who}/contact", f"/interpreters/{new_id()}/contact"):
        await administrator.put(path, {"email": ADDRESS, "language": "en"})
    await administrator.delete(path)
    known = await administrator.get("/interpreters/contacts")
    assert known.json() == {"interpreter_ids": [str(who)]}


@pytest.mark.parametrize(("status", "left"), [(503, None), (401, None), (409, "over"), (404, "over")], ids=str)
async def test_what_interpreter_answers_decides_whether_it_is_tried_again(
    database: Database, vault: Vault, notifying: Notifying, interpreter: LinkServer, post_office: MailServer,
    status: int, left: str | None,
) -> None:  # fmt: skip
    who = new_id()
    async with database.transaction() as conn:
        await notices.put_contact(conn, vault, who, ADDRESS, "de")
    await hear(database, made(who))
    interpreter.status = status
    await notifying.run(database)
    assert (await settled(database), post_office.mails) == ([left], [])


async def test_while_the_mail_server_is_away_it_is_tried_again_and_refusal_is_for_good(
    database: Database, vault: Vault, notifying: Notifying, post_office: MailServer
) -> None:
    who = new_id()
    async with database.transaction() as conn:
        await notices.put_contact(conn, vault, who, ADDRESS, "de")
    await hear(database, made(who))
    post_office.answers = ["450 later", "550 never"]
    await notifying.run(database)
    assert await settled(database) == [None]
    await database.pool.execute("update offer_notice set next_at = $1", now() - timedelta(seconds=1))
    await notifying.run(database)
    assert await settled(database) == ["refused"]


async def test_nobody_is_told_of_what_is_answered_over_or_has_no_address(
    database: Database, vault: Vault, notifying: Notifying, interpreter: LinkServer
) -> None:
    who = new_id()
    async with database.transaction() as conn:
        await notices.put_contact(conn, vault, who, ADDRESS, "de")
    answered = made(who)
    await hear(database, answered)
    await hear(database, OfferAccepted(**answered.model_dump(include=set(ids(who))), accepted_on=UNTIL.date()))
    await hear(database, made(who, until=now() - timedelta(seconds=1)))
    await hear(database, made(new_id()))
    await notifying.run(database)
    assert sorted(map(str, await settled(database))) == ["no_way", "over", "too_late"]
    assert interpreter.asked == []
