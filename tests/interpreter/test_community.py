"""Whom the participant can be interpreted by, from the case manager to who is asked; through all four services."""

from services.scheduling.booking import State
from shared.contracts.vocabulary import Gender
from tests.interpreter.chain import Chain
from tests.interpreter.people import languages

VILLAGE = ("village", "Adi Keyh")


async def test_dialect_and_gender_wished_in_the_enquiry_decide_who_is_asked_first(chain: Chain) -> None:
    man = await chain.knows(gender=Gender.MALE, dialects=("ti-ER",))
    other, same = await chain.knows(), await chain.knows(dialects=("ti-ER",))
    enquiry = await chain.accept(dialect="ti-ER", gender=Gender.FEMALE)
    assert await chain.ranked(enquiry) == [same.id, other.id, man.id]
    binding = await chain.accept(dialect="ti-ER", gender=Gender.FEMALE, gender_binding=True)
    assert await chain.ranked(binding) == [same.id, other.id]


async def test_an_interpreter_of_the_same_community_is_never_asked(chain: Chain) -> None:
    near, stranger = await chain.knows(), await chain.knows(languages=languages(ti="b2"))
    await chain.states_conflicts_of(near.id, VILLAGE)
    enquiry = await chain.accept()
    assert await chain.ranked(enquiry) == [near.id, stranger.id]
    await chain.states_conflicts(enquiry, ("village", "  adi KEYH "), ("family", "Tesfay"))
    held = await chain.choose(enquiry)
    assert (held.state, held.interpreter_id) == (State.HELD, stranger.id)
    assert await chain.asked() == [stranger.id]
    await chain.agrees(stranger.id)
    await chain.asks_for_another_talk(enquiry)
    assert await chain.ranked(enquiry) == [stranger.id]


async def test_a_conflict_that_is_learned_late_takes_the_talk_from_who_had_agreed(chain: Chain) -> None:
    near, stranger = await chain.knows(), await chain.knows(languages=languages(ti="b2"))
    enquiry = await chain.accept()
    await chain.choose(enquiry)
    await chain.agrees(near.id)
    await chain.states_conflicts(enquiry, VILLAGE)
    assert (await chain.booking(enquiry)).interpreter_id == near.id
    await chain.states_conflicts_of(near.id, VILLAGE)
    booking = await chain.booking(enquiry)
    assert (booking.state, booking.interpreter_id) == (State.HELD, stranger.id)
    assert await chain.asked() == [near.id, stranger.id]


async def test_where_everybody_is_too_close_the_language_is_unmet(chain: Chain) -> None:
    near = await chain.knows()
    enquiry = await chain.accept()
    await chain.states_conflicts_of(near.id, VILLAGE)
    await chain.states_conflicts(enquiry, VILLAGE)
    assert (await chain.choose(enquiry)).state is State.UNMET
    assert await chain.asked() == []
