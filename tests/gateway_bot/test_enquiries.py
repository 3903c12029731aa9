"""An enquiry through the bot, until it stands in intake and its talk in scheduling."""

import pytest

from services.gateway_bot.draft import Consent
from services.gateway_bot.polling import Poller
from services.person import crypto, keys
from shared.contracts.vocabulary import Criterion
from shared.sealing import ContactKind, SealedContact
from tests.gateway_bot.conftest import County
from tests.gateway_bot.people import EN, NAME, ask, booked, enquiries, fill_in
from tests.gateway_bot.telegram import Failure, Person, TelegramServer
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("emptied", "bot")


async def opened(county: County, block: bytes) -> SealedContact:
    async with county.person.transaction() as conn:
        private = await keys.private_keys(conn, county.vault)
    return SealedContact.model_validate_json(crypto.unseal(private, block))


async def test_an_enquiry_reaches_intake_with_what_was_said(county: County, somebody: Person) -> None:
    await ask(somebody)
    [enquiry] = await enquiries(county)
    assert (enquiry["postcode"], enquiry["ags"], enquiry["channel"]) == ("46535", "05170008", "bot")
    assert (enquiry["topics"], enquiry["languages"]) == (["housing", "residence"], ["ti"])
    assert (enquiry["dialect"], enquiry["gender"], enquiry["gender_binding"]) == ("ti-ER", "female", False)
    assert (enquiry["status"], enquiry["criteria"]) == ("accepted", list(Criterion))


async def test_person_alone_can_read_who_it_is(county: County, somebody: Person) -> None:
    await ask(somebody)
    block = await county.intake.pool.fetchval("select sealed from enquiry")
    contact = await opened(county, block)
    assert (contact.name, contact.contact_kind, contact.birth_year) == (NAME, ContactKind.TELEGRAM, 1991)
    assert (contact.contact, contact.preferred_language) == (str(somebody.chat), "ti")


async def test_each_consent_is_given_on_its_own(county: County, somebody: Person) -> None:
    await ask(somebody)
    event = await county.intake.pool.fetchval("select value from outbox order by id limit 1")
    assert event.count(b"consent_id") == len(Consent)


async def test_a_second_press_on_send_makes_no_second_enquiry(county: County, somebody: Person) -> None:
    await ask(somebody)
    await somebody.press(EN.send)
    await somebody.reads(EN.start_again)
    assert len(await enquiries(county)) == 1


async def test_the_code_tells_how_the_enquiry_stands(somebody: Person) -> None:
    code = await ask(somebody)
    await somebody.type(f"/status {code}")
    await somebody.reads(EN.statuses["accepted"])


async def test_a_pasted_code_does_so_too_in_any_writing(somebody: Person) -> None:
    code = await ask(somebody)
    await somebody.type(code.lower().replace("-", " "))
    await somebody.reads(EN.statuses["accepted"])


async def test_a_wrong_code_opens_nothing(somebody: Person) -> None:
    await somebody.type("0000-0000-0000-0000-0000-0000-0000")
    await somebody.reads("Diesen Code kenne ich nicht")


async def test_guessing_codes_is_stopped_for_this_chat_and_not_for_others(
    messenger: TelegramServer, somebody: Person
) -> None:
    for _ in range(30):
        await somebody.type("/status 0000")
    await somebody.reads("Zu viele Versuche")
    neighbour = Person(messenger, chat=770002)
    await neighbour.type("/status 0000")
    assert "Diesen Code kenne ich nicht" in await neighbour.reads("Code")


def slots(somebody: Person) -> list[str]:
    rows = somebody.seen[-1]["reply_markup"]["inline_keyboard"]
    return [button["text"] for row in rows for button in row if button["text"] != EN.refresh]


async def test_a_proposed_slot_is_chosen_by_a_button_and_confirmed(county: County, somebody: Person) -> None:
    code = await ask(somebody)
    await booked(county)
    await somebody.type(code)
    await somebody.reads(EN.bookings["proposed"])
    chosen = slots(somebody)[1]
    await somebody.press(chosen)
    assert chosen in await somebody.reads("Your appointment is confirmed")
    assert somebody.texts.count(EN.bookings["proposed"]) == 0, "it takes the place of the question"


async def test_a_slot_that_was_taken_meanwhile_is_said_and_the_others_stay(county: County, somebody: Person) -> None:
    code = await ask(somebody)
    await booked(county)
    await somebody.type(code)
    await somebody.reads(EN.bookings["proposed"])
    first = slots(somebody)[0]
    await county.world.choose(await county.world.request(interpreter_needed=False))
    await somebody.press(first)
    await somebody.reads(EN.slot_taken)
    await eventually(lambda: _is(somebody.texts[-1] == EN.bookings["proposed"]))
    assert first not in slots(somebody)


async def test_an_answer_that_was_lost_on_the_way_is_sent_again(
    county: County, messenger: TelegramServer, somebody: Person
) -> None:
    await fill_in(somebody)
    messenger.failures.append(Failure("sendMessage", 500))
    messenger.failures.append(Failure("sendMessage", 502))
    await somebody.press(EN.send)
    await somebody.reads(EN.code_follows)
    assert len(await enquiries(county)) == 1


async def test_a_forgotten_draft_is_really_forgotten(somebody: Person, bot: Poller) -> None:
    await fill_in(somebody)
    await somebody.type("/cancel")
    await somebody.reads(EN.cancelled)
    await somebody.press(EN.send)
    await somebody.reads(EN.start_again)
    assert NAME not in repr(vars(bot))


async def _is(found: bool) -> bool:  # noqa: FBT001 - the condition itself
    return found
