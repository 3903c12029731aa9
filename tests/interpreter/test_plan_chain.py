"""From open requests to who is asked, through all services: participants choose the slot, the plan who comes first."""

from services.interpreter import adopting, commands_plans, open_work, store_plans
from services.interpreter.assignment import plan
from services.interpreter.plan_contents import Choice
from services.interpreter.plans import Scope
from services.scheduling import commands as scheduling_commands
from services.scheduling.booking import State
from shared.clock import now
from shared.contracts.vocabulary import Mode
from tests.interpreter.chain import Chain
from tests.interpreter.people import IN_A_YEAR, TODAY


async def adopted(chain: Chain) -> list[Choice]:
    """A plan of everything is computed and adopted, and scheduling has heard of it."""
    db = chain.databases["interpreter"]
    async with db.transaction() as conn:
        await commands_plans.request(conn, Scope(TODAY, min(IN_A_YEAR, TODAY.replace(day=28)), None))
        claimed = await commands_plans.claim(conn)
    assert claimed
    async with db.read() as conn:
        made = plan(*await open_work.to_plan(conn, await open_work.read(conn, now()), None))
    async with db.transaction() as conn:
        await commands_plans.finish(conn, claimed, made)
        await adopting.adopt(conn, claimed.id, claimed.version + 1, lambda _: None)
        contents = await store_plans.contents(conn, claimed.id)
    await chain.settle()
    return [each.outcome for each in contents if isinstance(each.outcome, Choice)]


async def test_whoever_the_plan_means_is_asked_first_in_the_slot_that_the_participant_chooses(chain: Chain) -> None:
    people = {(await chain.knows()).id for _ in range(2)}
    enquiries = [await chain.accept(mode=Mode.PHONE) for _ in range(2)]
    bookings = {each: await chain.booking(each) for each in enquiries}
    first = {one.candidates[0].interpreters[0] for one in bookings.values()}
    assert len(first) == 1, "ranked one by one, both would ask the same"
    choices = {each.request_id: each for each in await adopted(chain)}
    assert {each.interpreter_id for each in choices.values()} == people, "the plan shares the work"
    for enquiry, before in bookings.items():
        after, meant = await chain.booking(enquiry), choices[before.booking_id]
        assert after.state is State.PROPOSED
        assert [c.slot for c in after.candidates] == [c.slot for c in before.candidates]
        assert {c.slot_id: c.interpreters[0] for c in after.candidates}[meant.slot_id] == meant.interpreter_id
    [one, *_] = choices.values()
    async with chain.databases["scheduling"].transaction() as conn:
        await scheduling_commands.choose(conn, one.request_id, one.slot_id)
    await chain.settle()
    assert await chain.asked() == [one.interpreter_id]
