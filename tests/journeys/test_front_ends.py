"""The main job as people do it: in a browser and in a chat, through every service and real Kafka."""

from collections.abc import Mapping

from deploy.client import Client
from tests.gateway_bot.people import EN, ask
from tests.gateway_bot.telegram import Person, TelegramServer
from tests.gateway_web.browser import Browser
from tests.journeys.test_main_job import TIGRINYA, answer, timeline
from tests.waiting import eventually


async def test_from_the_form_to_the_confirmed_appointment_and_the_office_sees_it(
    environment: Mapping[str, str], client: Client
) -> None:
    gateway = environment["KIM_GATEWAY_WEB_URL"]
    browser, office = Browser(gateway), Browser(gateway)
    async with browser.client, office.client, timeline(client, TIGRINYA) as watched:
        await office.sign_in("/office/dinslaken", "coordinator-dinslaken")
        await browser.ask()
        await browser.send("/status")

        async def slots() -> list[str]:
            await browser.go("/status")
            return browser.choices("slot_id")

        await browser.send("/status/bookings", slot_id=(await eventually(slots))[0])
        watched.follow_all()
        await answer(client, watched, "accept")

        async def shown(page: Browser, path: str, text: str) -> bool:
            await page.go(path)
            return text in page.text

        await eventually(lambda: shown(browser, "/status", "Ihr Termin steht fest"), every=0.2)
        await eventually(lambda: shown(office, "/office/dinslaken", "Termin bestätigt"), every=0.2)
    assert "Selam" not in office.text


async def test_from_the_first_word_in_a_chat_to_the_confirmed_appointment(
    client: Client, telegram: TelegramServer
) -> None:
    somebody = Person(telegram, chat=880001)
    async with timeline(client, TIGRINYA) as watched:
        code = await ask(somebody)

        async def proposed() -> bool:
            await somebody.type(code)
            return EN.bookings["proposed"] in await somebody.reads("appointment")

        await eventually(proposed, every=0.5)
        buttons = somebody.seen[-1]["reply_markup"]["inline_keyboard"]
        await somebody.press(next(each["text"] for row in buttons for each in row if each["text"] != EN.refresh))
        watched.follow_all()
        await answer(client, watched, "accept")

        async def confirmed() -> bool:
            await somebody.type(code)
            return "Your appointment is confirmed" in await somebody.reads("ppointment")

        await eventually(confirmed, every=0.5)
