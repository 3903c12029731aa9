"""Messages by Telegram, as the bot's gateway fetches them; and all messages, as the one whom they are for sees them."""

from datetime import timedelta
from typing import Any

import pytest

from services.person import messages
from services.person.messages import Kind, Message
from services.person.one_time_codes import NoWayToSend
from services.person.texts import Place
from services.person.vault import Vault
from shared import clock
from shared.contracts.vocabulary import Mode
from shared.database import Database
from shared.ids import new_id
from shared.sealing import ContactKind
from tests.person.caller import Caller, Callers, Registered
from tests.person.people import CONTACT, found_in_tables
from tests.person.town import Town

CHAT = 770001
CLAIM = "/outgoing/telegram/claim"
STARTS = clock.now() + timedelta(days=1)
REMINDER = Message(Kind.REMINDER, {"starts_at": STARTS, "place": Place(Mode.PHONE, "Dinslaken")}, STARTS)


@pytest.fixture
def town(database: Database, vault: Vault, callers: Callers) -> Town:
    return Town(database, vault, callers)


@pytest.fixture
def gateway(callers: Callers) -> Caller:
    return Caller(callers.client, callers.staff.token(roles=["service"], sub="gateway_bot"))


async def asks_by(town: Town, kind: ContactKind, contact: str) -> Registered:
    changed = {"contact_kind": kind, "contact": contact, "preferred_language": "en"}
    return await town.asks(new_id(), CONTACT.model_copy(update=changed))


async def post(town: Town, who: Registered, message: Message = REMINDER) -> None:
    async with town.database.transaction() as conn:
        await messages.post(conn, town.vault, who.person_id, message)


async def claimed(gateway: Caller) -> list[Any]:
    answer = await gateway.post(CLAIM)
    assert answer.is_success, answer.text
    found: list[Any] = answer.json()["messages"]
    return found


async def seen(who: Registered) -> list[Any]:
    answer = await who.participant.get("/me/messages", **await who.proof())
    assert answer.is_success, answer.text
    return [each for each in answer.json() if each["kind"] == "reminder"]


async def test_a_claim_gives_chat_and_text_and_the_vault_holds_neither_in_the_clear(
    town: Town, gateway: Caller
) -> None:
    who = await asks_by(town, ContactKind.TELEGRAM, str(CHAT))
    await post(town, who)
    assert await found_in_tables(town.database, str(CHAT), "Your appointment") == []
    [message] = await claimed(gateway)
    assert message["chat_id"] == CHAT
    assert "by phone" in message["text"]
    assert await claimed(gateway) == [], "not twice at once"
    told = await gateway.post(f"/outgoing/telegram/{message['id']}/outcome", {"outcome": "sent"})
    assert told.status_code == 204
    assert [(each["state"], each["channel"]) for each in await seen(who)] == [("sent", "telegram")]


async def test_without_a_word_it_comes_again_and_the_first_word_counts(town: Town, gateway: Caller) -> None:
    who = await asks_by(town, ContactKind.TELEGRAM, str(CHAT))
    await post(town, who)
    [first] = await claimed(gateway)
    await town.database.pool.execute("update message set next_at = made_at")
    [second] = await claimed(gateway)
    assert first == second
    for outcome in ("refused", "sent"):
        await gateway.post(f"/outgoing/telegram/{first['id']}/outcome", {"outcome": outcome})
    assert [each["state"] for each in await seen(who)] == ["refused"]


async def test_a_message_by_mail_is_nothing_for_the_gateway(town: Town, gateway: Caller, reachable: Registered) -> None:
    await post(town, reachable)
    assert await claimed(gateway) == []
    message_id = await town.database.pool.fetchval("select id from message")
    refused = await gateway.post(f"/outgoing/telegram/{message_id}/outcome", {"outcome": "sent"})
    assert refused.status_code == 404


async def test_a_code_never_goes_to_the_chat_in_which_the_first_one_stands(town: Town) -> None:
    who = await asks_by(town, ContactKind.TELEGRAM, str(CHAT))
    asked = await who.participant.post("/me/codes", {"purpose": "contact"})
    assert (asked.status_code, asked.json()["code"]) == (409, "no-way-to-send")
    with pytest.raises(NoWayToSend):
        await post(town, who, Message(Kind.CODE, {"code": "123456"}, STARTS))


@pytest.mark.parametrize(
    ("kind", "contact"),
    [(ContactKind.PHONE, "02064 471108"), (ContactKind.NONE, ""), (ContactKind.TELEGRAM, "@somebody")],
)
async def test_whom_no_channel_leads_to_reads_it_on_their_page(
    town: Town, gateway: Caller, kind: ContactKind, contact: str
) -> None:
    who = await asks_by(town, kind, contact)
    await post(town, who)
    assert await claimed(gateway) == []
    [message] = await seen(who)
    assert (message["state"], message["channel"]) == ("on_page", "page")
    assert message["subject"] == "KIM: Reminder of your appointment"
    assert f"{STARTS.astimezone(clock.BERLIN):%H:%M}" in message["text"]


async def test_a_text_is_there_until_it_helps_no_more_and_a_codes_never(town: Town, reachable: Registered) -> None:
    await post(town, reachable)
    await reachable.participant.post("/me/codes", {"purpose": "contact"})
    proof = await reachable.proof()
    shown = {each["kind"]: each for each in (await reachable.participant.get("/me/messages", **proof)).json()}
    assert shown["reminder"]["text"]
    assert (shown["contact_code"]["text"], shown["contact_code"]["subject"]) == (None, None)
    await town.database.pool.execute("update message set until = made_at")
    async with town.database.transaction() as conn:
        assert await messages.give_up_late(conn) == 2
    assert [(each["state"], each["text"]) for each in await seen(reachable)] == [("too_late", None)]
    assert await town.database.pool.fetchval("select count(content) from message") == 0


async def test_messages_need_the_second_factor_and_show_nobody_elses(town: Town) -> None:
    who, other = await asks_by(town, ContactKind.NONE, ""), await asks_by(town, ContactKind.PHONE, "02064 471108")
    await post(town, who)
    refused = await who.participant.get("/me/messages")
    assert (refused.status_code, refused.json()["code"]) == (403, "second-factor-needed")
    assert (await who.participant.get("/me/messages", **await other.proof())).status_code == 403
    assert await seen(other) == []
