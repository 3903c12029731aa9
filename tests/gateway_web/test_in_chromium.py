"""In a real browser: the style sheet and the policy agree, a double click is harmless, an office's page is live."""

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


async def test_from_the_form_to_the_code(our_town: Town, page: Page) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    await page.goto(f"{our_town.url}/enquiry")
    await page.get_by_label("Postleitzahl Ihrer Wohnung").fill("46535")
    await page.get_by_label("Wohnen").check()
    await page.get_by_label("Am liebsten").select_option("ti")
    await page.get_by_label("Am Telefon").check()
    await page.get_by_label("Ihr Name").fill("Selam Tesfay")
    await page.get_by_label("Gar nicht.").check()
    await page.locator("[value=processing]").check()
    await page.get_by_role("button", name="Anfrage abschicken").dblclick()
    await expect(page.get_by_role("heading", name="Ihre Anfrage ist angekommen")).to_be_visible()
    assert refused == []


async def test_an_office_is_live(our_town: Town, page: Page) -> None:
    await page.goto(f"{our_town.url}/office/dinslaken")
    await page.locator("button[value=coordinator-dinslaken]").click()
    await expect(page.locator(".live.on")).to_be_visible()
