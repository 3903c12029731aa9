"""What became of an interpreted talk: it took place, the participant did not come, somebody else took over the case."""

from uuid import UUID

import httpx

from shared.contracts.interpreter import CandidatesRanked
from shared.contracts.vocabulary import FeedbackBy
from shared.ids import new_id
from tests.interpreter.agency import Agency
from tests.interpreter.people import Booking, slot
from tests.interpreter.test_feedback import GOOD, talk
from tests.interpreter.test_statements import WHEN, lines


async def says(agency: Agency, booking: Booking, token: dict[str, str]) -> httpx.Response:
    return await agency.client.post(f"/bookings/{booking.id}/feedback", json=GOOD, headers=token)


async def ranked(agency: Agency, booking: Booking, *free: UUID) -> list[UUID]:
    """For another talk of the same case."""
    next_one = Booking(case_id=UUID(str(booking.ids["case_id"])))
    await agency.hears(next_one.requested((slot(), list(free))))
    return (await agency.told(CandidatesRanked))[-1].slots[0].interpreter_ids


async def test_of_a_talk_that_took_place_everybody_tells_how_it_went(agency: Agency) -> None:
    who = (await agency.knows()).id
    booking = await talk(agency, who)
    await agency.hears(booking.attended(), booking.attended())
    assert (await says(agency, booking, agency.as_interpreter(who))).status_code == 204


async def test_of_a_talk_that_was_missed_there_is_nothing_to_tell(agency: Agency) -> None:
    who = (await agency.knows()).id
    booking = await talk(agency, who)
    await agency.hears(booking.missed())
    refused = await says(agency, booking, agency.as_interpreter(who))
    assert (refused.status_code, refused.json()["code"]) == (409, "talk-not-over")


async def test_what_was_told_of_a_talk_before_it_was_known_as_missed_counts_no_more(agency: Agency) -> None:
    who = (await agency.knows()).id
    path, administrator = f"/interpreters/{who}/feedback", agency.token("administrator")
    for _ in range(5):
        booking = await talk(agency, who)
        assert (await says(agency, booking, agency.as_interpreter(who))).status_code == 204
    [summary] = (await agency.client.get(path, headers=administrator)).json()
    assert (summary["by"], summary["number"]) == (FeedbackBy.INTERPRETER, 5)
    await agency.hears(booking.missed())
    assert (await agency.client.get(path, headers=administrator)).json() == []


async def test_who_waited_in_vain_does_not_know_the_case_and_is_paid(agency: Agency) -> None:
    """Two and a half hours: 25 EUR and 10 EUR, as if the participant had come."""
    other, who = sorted([(await agency.knows()).id, (await agency.knows()).id])
    booking = Booking()
    await agency.hears(booking.confirmed(who, **WHEN), booking.attended())
    assert await ranked(agency, booking, other, who) == [who, other], "continuity"
    await agency.hears(booking.missed())
    assert await ranked(agency, booking, other, who) == [other, who], "equal, so by id"
    assert [line["amount"] for line in await lines(agency, who)] == ["25.00", "10.00", "35.00"]


async def test_who_took_over_the_case_tells_how_the_talk_went_and_who_left_it_does_not(agency: Agency) -> None:
    who, successor = (await agency.knows()).id, new_id()
    booking = await talk(agency, who)
    await agency.hears(booking.taken_over(successor))
    gone = agency.token("case_manager", sub=str(booking.all["case_manager_id"]))
    assert (await says(agency, booking, gone)).status_code == 404
    assert (await says(agency, booking, agency.token("case_manager", sub=str(successor)))).status_code == 204


async def test_what_became_of_a_talk_without_interpreter_changes_nothing(agency: Agency) -> None:
    booking = Booking()
    await agency.hears(booking.taken_over(new_id()), booking.attended(), booking.missed())
    assert await agency.rejections() == []
