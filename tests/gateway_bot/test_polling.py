"""What Telegram does wrong, and what of it a person notices."""

import asyncio
from pathlib import Path

import httpx
import pytest

from services.gateway_bot.app import TOKEN_FILE, build
from services.gateway_bot.texts import TEXTS
from shared.service import create_app
from shared.settings import Settings
from tests.gateway_bot.conftest import polling
from tests.gateway_bot.people import EN
from tests.gateway_bot.telegram import TOKEN, Failure, Person, TelegramServer
from tests.shared.serving import serve
from tests.stack import free_port
from tests.waiting import eventually

NOWHERE = Settings.model_validate(dict.fromkeys(("intake_url", "person_url", "scheduling_url"), "http://127.0.0.1:9"))


async def confirmed(messenger: TelegramServer) -> bool:
    return not messenger.updates


async def test_a_person_is_answered_in_the_language_of_their_telegram(telegram: str, somebody: Person) -> None:
    somebody.speaks = "uk-UA"
    async with polling(telegram, NOWHERE):
        await somebody.type("/help")
        await somebody.reads(TEXTS["uk"].help)


async def test_errors_of_telegram_pass_without_anything_lost(
    telegram: str, messenger: TelegramServer, somebody: Person
) -> None:
    messenger.failures += [Failure("getUpdates", 500), Failure("getUpdates", 502), Failure("sendMessage", 503)]
    await somebody.type("/help")
    async with polling(telegram, NOWHERE):
        await somebody.reads("/start")
        await eventually(lambda: confirmed(messenger))
    assert len(somebody.texts) == 1


async def test_telegram_is_left_alone_for_as_long_as_it_asks(
    telegram: str, messenger: TelegramServer, somebody: Person
) -> None:
    messenger.failures += [Failure("sendMessage", 429, retry_after=1)]
    await somebody.type("/help")
    async with polling(telegram, NOWHERE):
        await somebody.reads("/start")
    first, second = messenger.times("sendMessage")
    assert second - first >= 1


async def test_an_update_that_comes_again_has_no_second_effect(
    telegram: str, messenger: TelegramServer, somebody: Person
) -> None:
    await somebody.type("/help")
    again = list(messenger.updates)
    async with polling(telegram, NOWHERE):
        await eventually(lambda: confirmed(messenger))
        messenger.repeated = again
        await somebody.type("/cancel")
        await somebody.reads(TEXTS["de"].cancelled)
        await eventually(lambda: confirmed(messenger))
    assert somebody.texts == [TEXTS["de"].help, TEXTS["de"].cancelled]


async def test_telegram_may_be_away_for_a_while(messenger: TelegramServer, somebody: Person) -> None:
    port = free_port()
    async with polling(f"http://127.0.0.1:{port}", NOWHERE), serve(messenger.app(), port):
        await somebody.type("/help")
        await somebody.reads("/start")


async def test_somebody_who_blocked_the_bot_stops_nobody_else(
    telegram: str, messenger: TelegramServer, somebody: Person
) -> None:
    gone = Person(messenger, chat=770009)
    messenger.deaf_to.add(gone.chat)
    await gone.type("/help")
    await somebody.type("/help")
    async with polling(telegram, NOWHERE):
        await somebody.reads("/start")
        await eventually(lambda: confirmed(messenger))


async def test_updates_of_an_unknown_shape_and_groups_are_passed_over(
    telegram: str, messenger: TelegramServer, somebody: Person
) -> None:
    await messenger.push(message={"message_id": 1, "chat": {"id": -5, "type": "group"}, "text": "/start"})
    await messenger.push(message={"nonsense": True})
    await messenger.push(message={"message_id": 2, "chat": {"id": -5, "type": "private"}, "photo": []})
    await somebody.type("/help")
    async with polling(telegram, NOWHERE):
        await somebody.reads("/start")
    assert list(messenger.messages) == [somebody.chat]


async def test_a_press_is_acknowledged(telegram: str, messenger: TelegramServer, somebody: Person) -> None:
    async with polling(telegram, NOWHERE):
        await somebody.type("/start")
        await somebody.press("English")
        await somebody.reads(EN.talk)
    assert messenger.answered == [f"{somebody.chat}-0"]


async def test_what_was_handled_is_confirmed_when_the_bot_ends(
    telegram: str, messenger: TelegramServer, somebody: Person
) -> None:
    async with polling(telegram, NOWHERE) as poller:
        await messenger.polling.wait()
        await somebody.type("/help")
        await somebody.reads("/start")
        async with asyncio.timeout(2):
            await poller.stop()
    assert messenger.updates == []


async def test_after_a_restart_a_person_is_told_to_begin_again(telegram: str, somebody: Person) -> None:
    async with polling(telegram, NOWHERE):
        await somebody.type("/start")
        await somebody.press("English")
        await somebody.reads(EN.talk)
    somebody.speaks = "en"
    async with polling(telegram, NOWHERE):
        await somebody.press("ትግርኛ")
        await somebody.reads(EN.start_again)


async def test_without_the_services_a_person_is_asked_to_try_again(telegram: str, somebody: Person) -> None:
    somebody.speaks = "en"
    async with polling(telegram, NOWHERE):
        await somebody.type("/status 0000")
        await somebody.reads(EN.unavailable)


async def test_no_log_line_has_a_chat_a_text_or_the_token(
    telegram: str, messenger: TelegramServer, somebody: Person, capfd: pytest.CaptureFixture[str]
) -> None:
    messenger.failures += [Failure("getUpdates", 500), Failure("sendMessage", 400)]
    async with polling(telegram, NOWHERE):
        await somebody.type("/status canary")
        await eventually(lambda: confirmed(messenger))
    logged = "".join(capfd.readouterr())
    assert "telegram.unavailable" in logged
    assert "service.unavailable" in logged
    for secret in (str(somebody.chat), "canary", TOKEN):
        assert secret not in logged


@pytest.mark.parametrize("content", [None, "\n"])
async def test_without_a_token_the_gateway_is_ready_and_says_so(
    tmp_path: Path, content: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / TOKEN_FILE).write_text(content)
    settings = Settings.model_validate({"secrets_dir": tmp_path})
    app = create_app(build(settings), settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client,
    ):
        assert (await client.get("/health/ready")).status_code == 200
    assert capfd.readouterr().out.count("telegram.off") == 1


async def test_with_a_token_the_gateway_polls_as_long_as_it_lives(
    telegram: str, messenger: TelegramServer, somebody: Person, tmp_path: Path
) -> None:
    (tmp_path / TOKEN_FILE).write_text(f"{TOKEN}\n")
    settings = Settings.model_validate({"secrets_dir": tmp_path, "telegram_url": telegram})
    app = create_app(build(settings), settings)
    await somebody.type("/help")
    async with app.router.lifespan_context(app):
        await somebody.reads("/start")
    assert messenger.updates == []
