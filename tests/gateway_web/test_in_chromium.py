"""In a real browser: the style sheet and the policy agree, a double click is harmless, an office's page is live."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.gateway_web.town import Town

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield await chromium.new_page(locale="de-DE")
        await chromium.close()


async def ask(town: Town, page: Page, mail: str | None = None) -> None:
    """Fills in the form and sends it with a double click, until it has arrived."""
    await page.goto(f"{town.url}/enquiry")
    await page.get_by_label("Postleitzahl Ihrer Wohnung").fill("46535")
    await page.get_by_label("Wohnen").check()
    await page.get_by_label("Am liebsten").select_option("ti")
    await page.get_by_label("Am Telefon").check()
    await page.get_by_label("Ihr Name").fill("Selam Tesfay")
    await page.get_by_label("Gar nicht." if mail is None else "Per E-Mail").check()
    if mail:
        await page.get_by_label("Telefonnummer oder E-Mail-Adresse").fill(mail)
    await page.locator("[value=processing]").check()
    await page.get_by_role("button", name="Anfrage abschicken").dblclick()
    await expect(page.get_by_role("heading", name="Ihre Anfrage ist angekommen")).to_be_visible()


async def test_from_the_form_to_the_code(our_town: Town, page: Page) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    await ask(our_town, page)
    assert refused == []


async def test_an_office_is_live(our_town: Town, page: Page) -> None:
    await page.goto(f"{our_town.url}/office/dinslaken")
    await page.locator("button[value=coordinator-dinslaken]").click()
    await expect(page.locator(".live.on")).to_be_visible()


async def test_a_participant_proves_by_mail_that_it_is_they_and_sees_who_read_and_what_was_told(
    our_town: Town, page: Page
) -> None:
    async def code() -> str:
        """In the mail that came to them last."""
        await our_town.carry()
        mail = [each for each in our_town.post_office.mails if each["to"] == "kanarienvogel@example.org"][-1]
        found = re.search(r"\b[0-9]{6}\b", mail.get_content())
        assert found
        return found[0]

    await ask(our_town, page, "kanarienvogel@example.org")
    await our_town.carry()
    typed, show = page.get_by_label("Code mit sechs Ziffern"), page.get_by_role("button", name="Anzeigen")
    await page.get_by_role("button", name="Weiter zu meiner Anfrage").click()
    await expect(page.get_by_text("Ihre Nachrichten sehen Sie mit einem Code")).to_be_visible()
    await page.get_by_role("button", name="Code an meine E-Mail-Adresse senden").click()
    await expect(page.get_by_text("Danach kommt ein zweiter Code")).to_be_visible()
    await typed.fill(await code())
    await show.click()
    await expect(page.get_by_text("Ein Code ist unterwegs. Er gilt 10 Minuten.")).to_be_visible()
    second = await code()
    await typed.fill(f"{(int(second) + 1) % 10**6:06}")
    await show.click()
    await expect(page.get_by_text("falsch, schon benutzt oder abgelaufen").first).to_be_visible()
    await typed.fill(second)
    await show.click()
    await expect(page.get_by_text("Bisher hat niemand Ihren Namen")).to_be_visible()
    await expect(page.get_by_text("Code zum Bestätigen Ihrer Adresse")).to_be_visible()
    assert not await page.get_by_text(second).count()
    cookies = {each["name"]: each for each in await page.context.cookies()}
    assert cookies["kim_second_factor"]["httpOnly"]
    assert cookies["kim_second_factor"]["sameSite"] == "Strict"
    await page.get_by_role("button", name="Abmelden").click()
    assert not {each["name"] for each in await page.context.cookies()} & {"kim_second_factor", "kim_participant"}
