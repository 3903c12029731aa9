"""Forged buttons, and what people mistype outside the dialogue: each gets an answer and changes nothing."""

from typing import Any

import pytest

from services.gateway_bot.texts import TEXTS
from tests.gateway_bot.conftest import County
from tests.gateway_bot.people import EN, ask, booked
from tests.gateway_bot.telegram import Person

pytestmark = pytest.mark.usefixtures("emptied", "bot")

DE = TEXTS["de"]
FORGED = [
    "slot:",
    "slot:x",
    "slot:AAAA:AAAA",
    "slot:ä:ö",
    "slot:" + "A" * 22,
    "slot:" + "A" * 22 + ":" + "A" * 22,
    "slot:" + "A" * 22 + ":" + "A" * 22 + ":more",
]


async def everything(county: County) -> list[Any]:
    """What intake and scheduling hold."""
    intake = await county.intake.pool.fetch("select * from enquiry order by id")
    return [*intake, *await county.world.database.pool.fetch("select * from booking order by id")]


@pytest.fixture
async def with_slots(county: County, somebody: Person) -> Person:
    """Somebody to whom slots are proposed."""
    code = await ask(somebody)
    await booked(county)
    await somebody.type(code)
    await somebody.reads(EN.bookings["proposed"])
    return somebody


@pytest.mark.parametrize("data", FORGED)
async def test_a_forged_slot_is_not_chosen_and_the_proposed_ones_stay(
    county: County, with_slots: Person, data: str
) -> None:
    before = await everything(county)
    shown = len(with_slots.server.times("editMessageText"))
    await with_slots.forge(data)
    await with_slots.type("/help")
    await with_slots.reads(EN.help)
    assert len(with_slots.server.times("editMessageText")) == shown + 1, "it was answered"
    assert with_slots.texts[-2] == EN.bookings["proposed"]
    assert await everything(county) == before


@pytest.mark.parametrize(
    ("data", "told"),
    [
        *((data, DE.ask_code) for data in FORGED),
        ("refresh:", DE.ask_code),
        ("offer:accept", DE.offer_over),
        ("offer:everything", DE.offer_over),
        ("", DE.start_again),
        (":", DE.start_again),
        ("nothing", DE.start_again),
        ("summary:send", DE.start_again),
        ("dialect:ti-ER", DE.start_again),
        ("gender:female", DE.start_again),
        ("gender_binding:yes", DE.start_again),
    ],
)
async def test_a_button_that_belongs_to_nothing_says_how_to_begin(
    county: County, somebody: Person, data: str, told: str
) -> None:
    before = await everything(county)
    await somebody.forge(data)
    await somebody.reads(told)
    assert await everything(county) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/nothing", DE.help),
        ("/start offer_x", DE.greeting),
        ("/start offer_" + "x" * 32, DE.offer_over),
        ("/status " + "x" * 4000, DE.code_refused),
        ("/status \x00", DE.code_refused),
        ("/status ¼½¾", DE.code_refused),
        ("/", DE.help),
        ("x" * 4096, DE.start_again),
        ("\x00\u202e", DE.start_again),
        ("A" * 28, DE.code_refused),
    ],
)
async def test_what_is_no_command_and_no_code_is_explained(
    county: County, somebody: Person, text: str, told: str
) -> None:
    before = await everything(county)
    await somebody.type(text)
    await somebody.reads(told)
    assert await everything(county) == before
