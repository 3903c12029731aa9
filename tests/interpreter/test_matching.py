"""Scheduling asks, interpreter ranks and answers; on a real database."""

from datetime import timedelta
from uuid import UUID

from services.interpreter.working_days import nth_working_day
from shared.clock import now
from shared.contracts.interpreter import CandidatesRanked, RankedSlot
from shared.contracts.vocabulary import TalkPurpose, Topic
from shared.ids import new_id
from tests.interpreter.agency import Agency
from tests.interpreter.people import ALPEN, STARTS_AT, TODAY, Booking, credentials, languages, slot


async def test_every_slot_is_answered_also_where_nobody_can_come(agency: Agency) -> None:
    booking, first, second, third = Booking(), slot(), slot(), slot()
    native, good = await agency.knows(), await agency.knows(languages=languages(ti="b2"))
    amharic = await agency.knows(languages=languages(am="native"))
    everybody = [good.id, native.id, amharic.id]
    await agency.hears(booking.requested((first, everybody), (second, [good.id]), (third, [amharic.id])))
    assert await agency.told(CandidatesRanked) == [
        CandidatesRanked(
            booking_id=booking.id,
            enquiry_id=UUID(str(booking.ids["enquiry_id"])),
            slots=[
                RankedSlot(slot_id=first.slot_id, interpreter_ids=[native.id, good.id], language="ti"),
                RankedSlot(slot_id=second.slot_id, interpreter_ids=[good.id], language="ti"),
                RankedSlot(slot_id=third.slot_id, interpreter_ids=[], language=None),
            ],
        )
    ]


async def ranked(agency: Agency, *free: UUID, booking: Booking | None = None) -> list[UUID]:
    """Who is ranked for one slot."""
    asked = (booking or Booking()).requested((slot(), list(free)))
    await agency.hears(asked)
    answer = (await agency.told(CandidatesRanked))[-1]
    assert answer.booking_id == asked.booking_id
    return answer.slots[0].interpreter_ids


async def test_a_slot_that_free_does_not_name_has_nobody(agency: Agency) -> None:
    booking, asked = Booking(), slot()
    await agency.hears(booking.requested((asked, [])).model_copy(update={"free": {}}))
    [answer] = await agency.told(CandidatesRanked)
    assert answer.slots == [RankedSlot(slot_id=asked.slot_id, interpreter_ids=[], language=None)]


async def test_strangers_are_not_ranked(agency: Agency) -> None:
    known = await agency.knows()
    assert await ranked(agency, new_id(), known.id) == [known.id]


async def test_credentials_that_expire_before_the_slot_refuse(agency: Agency) -> None:
    expired = await agency.knows(credentials=credentials(STARTS_AT.date() - timedelta(days=1)))
    valid = await agency.knows(credentials=credentials(STARTS_AT.date()))
    assert await ranked(agency, expired.id, valid.id) == [valid.id]


async def test_a_talk_with_legal_consequences_is_for_sworn_interpreters_alone(agency: Agency) -> None:
    day = STARTS_AT.date()
    sworn = await agency.knows(credentials=credentials(sworn=day))
    others = [await agency.knows(credentials=credentials(sworn=until)) for until in (None, day - timedelta(days=1))]
    everybody = [sworn.id, *(other.id for other in others)]
    asked = Booking().requested((slot(), everybody), purpose=TalkPurpose.LEGAL_ACT)
    await agency.hears(asked, Booking().requested((slot(), everybody)))
    act, counselling = await agency.told(CandidatesRanked)
    assert act.slots[0].interpreter_ids == [sworn.id]
    assert set(counselling.slots[0].interpreter_ids) == set(everybody)


async def test_a_slot_within_the_lead_time_has_nobody(agency: Agency) -> None:
    """Three working days in the pot that is in use."""
    who = (await agency.knows()).id
    days = [nth_working_day(TODAY, lead) for lead in (2, 3)]
    slots = [slot(STARTS_AT + (day - STARTS_AT.date())) for day in days]
    await agency.hears(Booking().requested(*((one, [who]) for one in slots)))
    [answer] = await agency.told(CandidatesRanked)
    assert [one.interpreter_ids for one in answer.slots] == [[], [who]]


async def test_work_is_shared_fairly_within_90_days(agency: Agency) -> None:
    busy, idle, formerly_busy = [await agency.knows() for _ in range(3)]
    for _ in range(2):
        await agency.hears(Booking().confirmed(busy.id))
        await agency.hears(Booking().confirmed(formerly_busy.id), at=now() - timedelta(days=91))
    assert await ranked(agency, busy.id, idle.id, formerly_busy.id) == [idle.id, formerly_busy.id, busy.id]


async def test_a_cancelled_assignment_is_neither_work_nor_acquaintance(agency: Agency) -> None:
    first, second = await agency.knows(), await agency.knows()
    case_id = new_id()
    cancelled = Booking(case_id)
    await agency.hears(cancelled.confirmed(second.id), cancelled.released())
    assert await ranked(agency, first.id, second.id, booking=Booking(case_id)) == [first.id, second.id]


async def test_who_knows_the_case_is_asked_first(agency: Agency) -> None:
    case_id = new_id()
    stranger, known = await agency.knows(), await agency.knows()
    await agency.hears(Booking(case_id).confirmed(known.id))
    assert await ranked(agency, stranger.id, known.id, booking=Booking(case_id)) == [known.id, stranger.id]


async def test_who_lives_in_the_municipality_is_asked_first_and_who_comes_from_afar_last(agency: Agency) -> None:
    outside = await agency.knows(base_postcode="10115")
    far, near = await agency.knows(), await agency.knows(base_postcode="46535")
    assert await ranked(agency, outside.id, far.id, near.id) == [near.id, far.id, outside.id]


async def test_asked_again_it_answers_again_by_the_present_state(agency: Agency) -> None:
    booking, who = Booking(), await agency.knows()
    assert await ranked(agency, who.id, booking=booking) == [who.id]
    await agency.knows(**(who.model_dump() | {"active": False}))
    assert await ranked(agency, who.id, booking=booking) == []
    answer = await agency.client.get(f"/rankings/{booking.id}", headers=agency.token("administrator"))
    assert answer.json() == []


async def test_the_same_event_twice_is_answered_once(agency: Agency) -> None:
    [record] = await agency.hears(Booking().requested((slot(), [(await agency.knows()).id])))
    await agency.dispatcher.handle([record, record])
    assert len(await agency.told(CandidatesRanked)) == 1


async def test_a_ranking_is_explained_to_staff_of_the_municipality(agency: Agency) -> None:
    booking, asked, who = Booking(), slot(), await agency.knows(base_postcode="46535")
    await agency.hears(booking.requested((asked, [who.id]), topics=[Topic.HEALTH]))
    clerk = agency.token("clerk", municipalities=[str(booking.ids["ags"])])
    for reader in (clerk, agency.token("administrator")):
        answer = await agency.client.get(f"/rankings/{booking.id}", headers=reader)
        assert answer.json() == [
            {
                "slot_id": str(asked.slot_id),
                "place": 1,
                "interpreter_id": str(who.id),
                "language": "ti",
                "rule": "borken@2020-01-01",
                "reasons": [
                    {"reason": "language_native", "points": 60},
                    {"reason": "same_municipality", "points": 10},
                ],
            }
        ]


async def test_a_ranking_of_another_municipality_is_not_there(agency: Agency) -> None:
    booking = Booking()
    await agency.hears(booking.requested((slot(), [])))
    for path, municipality in ((booking.id, ALPEN), (new_id(), str(booking.ids["ags"]))):
        clerk = agency.token("clerk", municipalities=[municipality])
        assert (await agency.client.get(f"/rankings/{path}", headers=clerk)).status_code == 404
