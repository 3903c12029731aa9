"""What people do with the bot, from beginning to end."""

from typing import Any
from uuid import UUID

from services.gateway_bot.texts import TEXTS
from shared.contracts.vocabulary import Criterion, Gender, Mode, Topic
from tests.gateway_bot.conftest import County
from tests.gateway_bot.telegram import Person

EN = TEXTS["en"]
NAME = "Selam Canary"


async def fill_in(somebody: Person) -> None:
    """Everything up to the summary, in English, for Tigrinya in Dinslaken, agreeing to everything."""
    await somebody.type("/start")
    await somebody.press("English")
    await somebody.press("ትግርኛ")
    await somebody.reads(EN.dialect_question)
    await somebody.press("Eritrea")
    await somebody.reads(EN.postcode_question)
    await somebody.type("46535")
    await somebody.press(EN.topics[Topic.HOUSING])
    await somebody.press(EN.topics[Topic.RESIDENCE])
    await somebody.press(EN.done)
    await somebody.press(EN.modes[Mode.IN_PERSON])
    await somebody.press(EN.genders[Gender.FEMALE])
    await somebody.reads(EN.gender_binding_question)
    await somebody.press(EN.no)
    for question in (*(EN.criteria[each] for each in Criterion), *EN.consents.values()):
        await somebody.reads(question)
        await somebody.press(EN.yes)
    await somebody.reads(EN.name_question)
    await somebody.type(NAME)
    await somebody.reads(EN.birth_year_question)
    await somebody.type("1991")
    await somebody.reads(NAME)


async def ask(somebody: Person) -> str:
    """The whole enquiry. Returns the code."""
    await fill_in(somebody)
    await somebody.press(EN.send)
    await somebody.reads(EN.code_follows)
    return somebody.texts[-2]


async def enquiries(county: County) -> list[Any]:
    return list(await county.intake.pool.fetch("select * from enquiry order by id"))


async def booked(county: County, **changed: Any) -> UUID:
    """Case has asked for a talk, and scheduling proposes slots. Returns the enquiry."""
    [enquiry] = await enquiries(county)
    await county.world.open_office()
    await county.world.request(enquiry_id=enquiry["id"], interpreter_needed=False, **changed)
    found: UUID = enquiry["id"]
    return found
