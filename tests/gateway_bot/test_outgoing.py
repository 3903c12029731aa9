"""Reminders that person has for chats: said by the bot at least once, and nothing of them stays with it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from deploy.issuer.app import create_app as issuer
from services.gateway_bot.app import TOKEN_FILE
from services.gateway_bot.app import build as gateway_bot
from services.gateway_bot.clients import Services
from services.gateway_bot.outgoing import Postman, Rhythm
from services.gateway_bot.telegram import Telegram
from services.person import commands, messages, store, store_messages
from services.person.app import build as person
from services.person.messages import Kind, Message
from services.person.texts import Place
from services.person.vault import Vault
from shared.clock import now
from shared.contracts.vocabulary import Mode
from shared.database import Database
from shared.sealing import ContactKind
from shared.service import create_app
from shared.settings import Settings
from tests.conftest import NewDatabase
from tests.gateway_bot.telegram import TOKEN, Failure, TelegramServer
from tests.gateway_bot.telegram import Person as Somebody
from tests.person.people import CONTACT, hear_enquiry
from tests.shared.serving import serve
from tests.stack import free_port
from tests.waiting import eventually

QUICK = Rhythm(first=0.01, most=0.05)
STARTS = now() + timedelta(days=1)


@dataclass
class House:
    """Person with its database, and an issuer that knows the bot."""

    settings: Settings
    database: Database
    vault: Vault

    async def remind(self, chat: int) -> UUID:
        """Somebody with this chat is to be reminded. Returns the message's id."""
        enquiry = await hear_enquiry(self.database)
        contact = CONTACT.model_copy(
            update={"contact_kind": ContactKind.TELEGRAM, "contact": str(chat), "preferred_language": "uk"}
        )
        values = {"starts_at": STARTS, "place": Place(Mode.PHONE, "Dinslaken")}
        async with self.database.transaction() as conn:
            await commands.register(conn, self.vault, enquiry, contact)
            person_id = await store.person_of(conn, enquiry)
            await messages.post(conn, self.vault, person_id, Message(Kind.REMINDER, values, STARTS))
        found: UUID = await self.database.pool.fetchval("select id from message where person_id = $1", person_id)
        return found

    async def states(self) -> dict[str, int]:
        async with self.database.read() as conn:
            return await store_messages.count(conn)

    async def is_over(self) -> bool:
        return "due" not in await self.states()

    async def make_due(self) -> None:
        """As if the pause were over."""
        await self.database.pool.execute("update message set next_at = made_at where settled is null")


@pytest.fixture
async def house(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[House]:
    issuer_url = f"http://127.0.0.1:{free_port()}"
    settings = Settings.model_validate(
        {
            "environment": "development",
            "secrets_dir": tmp_path,
            "oidc_issuer": issuer_url,
            "oidc_jwks_url": f"{issuer_url}/jwks",
            "issuer_url": issuer_url,
        }
    )
    service = person(settings)
    app = create_app(service, settings)
    async with AsyncExitStack() as stack:
        database = await Database.connect(await new_database(service.schema))
        stack.push_async_callback(database.close)
        app.state.database, app.state.vault = database, Vault(settings)
        person_url = await stack.enter_async_context(serve(app))
        await stack.enter_async_context(serve(issuer(settings), int(issuer_url.rpartition(":")[2])))
        yield House(settings.model_copy(update={"person_url": person_url}), database, app.state.vault)


@asynccontextmanager
async def sending(telegram_url: str, settings: Settings) -> AsyncIterator[Postman]:
    telegram, services = Telegram(telegram_url, TOKEN), Services(settings)
    async with telegram.http, services.http:
        postman = Postman(telegram, services, QUICK)
        postman.start()
        try:
            yield postman
        finally:
            await postman.stop()


async def test_a_reminder_is_said_once_in_the_persons_language_without_a_topic(
    house: House, telegram: str, somebody: Somebody
) -> None:
    await house.remind(somebody.chat)
    async with sending(telegram, house.settings):
        await eventually(house.is_over)
    assert await house.states() == {"sent": 1}
    [text] = somebody.texts
    assert f"{STARTS:%d.%m.%Y}" in text
    assert "телефон" in text


async def test_many_are_told_and_each_their_own(house: House, telegram: str, messenger: TelegramServer) -> None:
    chats = range(770100, 770125)
    for chat in chats:
        await house.remind(chat)
    async with sending(telegram, house.settings):
        await eventually(house.is_over)
    assert {chat: len(said) for chat, said in messenger.messages.items()} == dict.fromkeys(chats, 1)


async def test_somebody_who_blocked_the_bot_is_refused_and_holds_up_nobody(
    house: House, telegram: str, messenger: TelegramServer, somebody: Somebody
) -> None:
    messenger.deaf_to.add(770009)
    await house.remind(770009)
    await house.remind(somebody.chat)
    async with sending(telegram, house.settings):
        await eventually(house.is_over)
    assert await house.states() == {"refused": 1, "sent": 1}


async def test_while_telegram_is_away_a_reminder_waits_and_comes_again(
    house: House, telegram: str, messenger: TelegramServer, somebody: Somebody
) -> None:
    messenger.failures += [Failure("sendMessage", 502), Failure("sendMessage", 401)]
    await house.remind(somebody.chat)

    async def is_over() -> bool:
        await house.make_due()
        return await house.is_over()

    async with sending(telegram, house.settings):
        await eventually(is_over)
    assert (len(somebody.texts), await house.states()) == (1, {"sent": 1})


async def test_what_was_said_but_not_settled_is_said_again_and_never_lost(
    house: House, telegram: str, messenger: TelegramServer, somebody: Somebody
) -> None:
    messenger.failures.append(Failure("sendMessage", 500, after_effect=True))
    await house.remind(somebody.chat)

    async def is_over() -> bool:
        await house.make_due()
        return await house.is_over()

    async with sending(telegram, house.settings):
        await eventually(is_over)
    assert len(somebody.texts) == 2


async def test_who_was_erased_is_told_nothing_more(house: House, telegram: str, somebody: Somebody) -> None:
    message_id = await house.remind(somebody.chat)
    person_id = await house.database.pool.fetchval("select person_id from message where id = $1", message_id)
    async with house.database.transaction() as conn:
        await commands.erase(conn, person_id, timedelta(seconds=1))
    other = await house.remind(770002)
    async with sending(telegram, house.settings):
        await eventually(house.is_over)
    assert (somebody.texts, other != message_id) == ([], True)


async def test_the_whole_gateway_sends_and_logs_neither_chat_nor_text(
    house: House, telegram: str, somebody: Somebody, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / TOKEN_FILE).write_text(TOKEN)
    settings = house.settings.model_copy(update={"telegram_url": telegram})
    app = create_app(gateway_bot(settings), settings)
    await house.remind(somebody.chat)
    async with app.router.lifespan_context(app):
        await eventually(house.is_over)
    [text] = somebody.texts
    logged = "".join(capfd.readouterr())
    for secret in (str(somebody.chat), TOKEN, *text.splitlines()):
        assert secret not in logged


async def test_without_person_or_its_token_the_bot_goes_on_asking(
    house: House, telegram: str, somebody: Somebody, capfd: pytest.CaptureFixture[str]
) -> None:
    nowhere = house.settings.model_copy(update={"person_url": "http://127.0.0.1:9"})
    without = house.settings.model_copy(update={"secrets_dir": house.settings.secrets_dir / "none"})
    logged: list[str] = []

    async def asked_twice() -> bool:
        logged.append(capfd.readouterr().out)
        return "".join(logged).count("outgoing.not_now") >= 2

    for settings in (nowhere, without):
        logged.clear()
        async with sending(telegram, settings):
            await eventually(asked_twice)
    assert somebody.texts == []
