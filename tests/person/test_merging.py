"""Two records of one person: linked by whoever is responsible for both, and apart again as if nothing had been."""

import asyncio
import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.person import commands, duplicates, messages, store_erasures, store_retention
from services.person.domain import Person, PersonState
from services.person.duplicates import (
    ErasureIsAsked,
    MergedElsewhere,
    MergeRefused,
    OthersWereMerged,
    Record,
    SamePerson,
    SurvivorIsMerged,
)
from services.person.messages import Kind, Message
from services.person.retention import Clock
from services.person.texts import Place
from services.person.vault import Vault
from shared.clock import BERLIN, now, today
from shared.contracts.person import PersonErased, PersonMerged, PersonMergeUndone
from shared.contracts.vocabulary import Mode
from shared.database import Database
from shared.ids import new_id
from tests.person.caller import Callers, Registered
from tests.person.people import published
from tests.person.town import Town, decide, look, path

OURS, THEIRS = new_id(), new_id()
SEGMENT = timedelta(seconds=1)
STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "merge-undo", "duplicates/dismissal"]), st.integers(0, 3), st.integers(0, 3)),
    max_size=6,
)


@pytest.fixture
def town(database: Database, vault: Vault, callers: Callers) -> Town:
    return Town(database, vault, callers)


async def test_a_merge_links_the_second_record_to_the_first_and_tells_ids_alone(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    answer = await decide(first, "merge", second)
    assert (answer.status_code, answer.content) == (204, b"")
    mine, other = await look(first), await look(second)
    assert answer.headers["etag"] == (await first.case_manager.get(path(first))).headers["etag"]
    assert (mine["survivor_id"], mine["merged_ids"], mine["candidates"]) == (None, [str(second.person_id)], [])
    assert (other["survivor_id"], other["merged_ids"], other["candidates"]) == (str(first.person_id), [], [])
    assert (await published(town.database))[-1] == PersonMerged(
        person_id=second.person_id,
        survivor_id=first.person_id,
        merged_enquiry_ids=[second.enquiry_id],
        enquiry_ids=sorted([first.enquiry_id, second.enquiry_id]),
    )


async def test_contacts_are_read_as_before_and_both_access_logs_are_one(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    await decide(first, "merge", second)
    for person in (first, second):
        assert (await person.case_manager.get(person.contact)).json()["person_id"] == str(person.person_id)
    logs = [
        [(each["id"], each["what"]) for each in (await person.participant.get("/me/access-log", **proof)).json()]
        for person, proof in [(first, await first.proof()), (second, await second.proof())]
    ]
    assert logs[0] == logs[1]
    assert [what for _, what in logs[0]].count("contact") == 2


async def test_messages_are_one_list_by_time_until_the_merge_is_undone(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    alone = [await told_of(town, person, hours) for person, hours in ((first, 3), (second, 1))]
    older, newer = await told_of(town, first, 4), await told_of(town, second, 2)
    assert [await read(first), await read(second)] == [[older, alone[0]], [newer, alone[1]]]
    await decide(first, "merge", second)
    together = [newer, older, alone[1], alone[0]]
    assert [await read(first), await read(second)] == [together, together]
    shown = (await first.participant.get("/me/messages", **await first.proof())).json()
    assert not {str(first.person_id), str(second.person_id)} & {str(value) for each in shown for value in each.values()}
    await decide(first, "merge-undo", second)
    assert [await read(first), await read(second)] == [[older, alone[0]], [newer, alone[1]]]


async def told_of(town: Town, person: Registered, hours: int) -> str:
    """A reminder of a talk in so many hours. Returns how its text can be known."""
    starts = now() + timedelta(hours=hours)
    values = {"starts_at": starts, "place": Place(Mode.PHONE, "Dinslaken")}
    async with town.database.transaction() as conn:
        await messages.post(conn, town.vault, person.person_id, Message(Kind.REMINDER, values, starts))
    return f"{starts.astimezone(BERLIN):%H:%M}"


async def read(person: Registered) -> list[str]:
    shown = (await person.participant.get("/me/messages", **await person.proof())).json()
    return [found[0] for each in shown if each["text"] and (found := re.findall(r"\d\d:\d\d", each["text"]))]


async def test_a_merge_or_its_undo_that_is_asked_for_again_changes_nothing(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    for what in ("merge", "merge-undo"):
        await decide(first, what, second)
        before, told = await town.state(), len(await published(town.database))
        stale = {"If-Match": '"' + "0" * 32 + '"'}
        again = await first.case_manager.post(path(first, what), {"person_id": str(second.person_id)}, **stale)
        assert again.status_code == 204
        assert (await town.state(), len(await published(town.database))) == (before, told)


async def test_whoever_is_responsible_for_one_of_them_alone_cannot_merge_but_can_undo(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(THEIRS)
    refused = await decide(first, "merge", second)
    assert (refused.status_code, refused.json()["field"]) == (404, "person_id")
    unknown = await first.case_manager.post(
        path(first, "merge"), {"person_id": str(new_id())}, **{"If-Match": '"' + "0" * 32 + '"'}
    )
    assert unknown.json() | {"instance": ""} == refused.json() | {"instance": ""}
    both = await town.asks(OURS)
    assert (await decide(first, "merge", both)).status_code == 204
    await town.database.pool.execute(
        "update responsibility set case_manager_id = $2 where enquiry_id = $1", both.enquiry_id, THEIRS
    )
    theirs = town.callers.role("case_manager", THEIRS)
    assert (await decide(both, "merge-undo", both, theirs)).status_code == 204
    assert (await look(first))["merged_ids"] == []


async def test_of_two_who_decide_at_once_the_slower_one_reads_again(town: Town) -> None:
    first, second, third = [await town.asks(OURS) for _ in range(3)]
    version = (await first.case_manager.get(path(first))).headers["etag"]
    answers = await asyncio.gather(
        *(
            first.case_manager.post(path(first, "merge"), {"person_id": str(each.person_id)}, **{"If-Match": version})
            for each in (second, third)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert refused["code"] == "version-outdated"


async def test_two_who_merge_each_into_the_other_at_once_end_with_one_survivor(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    answers = await asyncio.gather(decide(first, "merge", second), decide(second, "merge", first))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert await town.database.pool.fetchval("select count(*) from merge") == 1


async def test_a_refusal_names_the_rule_and_where_it_comes_from(town: Town) -> None:
    first, second, third = [await town.asks(OURS) for _ in range(3)]
    await decide(first, "merge", second)
    before = await town.state()
    problem = (await decide(second, "merge", third)).json()
    assert (problem["status"], problem["code"], problem["field"]) == (409, "survivor-is-merged", "person_id")
    assert problem["rule"] == "merge-into-survivor"
    assert problem["source"] == "house rule: docs/adr/0014-merges-are-links.md"
    assert problem["survivor_id"] == str(first.person_id)
    assert await town.state() == before


@pytest.mark.parametrize("which", [0, 1])
async def test_the_erasure_of_either_erases_both_and_is_told_once(town: Town, which: int) -> None:
    first, second = persons = [await town.asks(OURS), await town.asks(OURS)]
    await decide(first, "merge", second)
    person = persons[which]
    asked = (await person.participant.post("/me/erasure-request")).json()["erasure_id"]
    other = persons[1 - which]
    assert (await other.participant.post("/me/erasure-request")).json()["erasure_id"] == asked
    erased = await other.case_manager.post(f"/persons/{other.person_id}/erasure")
    assert (erased.status_code, erased.json()["erasure_id"]) == (202, asked)
    assert {table: rows for table, rows in (await town.state()).items() if rows} == {}
    enquiries = [first.enquiry_id, second.enquiry_id]
    assert [event for event in await published(town.database) if isinstance(event, PersonErased)] == [
        PersonErased(person_id=first.person_id, enquiry_ids=enquiries, erasure_id=asked)
    ]
    async with town.database.transaction() as conn:
        (begun,) = await store_erasures.not_in_ledger(conn)
    assert {str(each).encode() for each in (first.person_id, second.person_id, *enquiries)} <= set(begun.traces)


async def test_after_an_undo_each_is_erased_alone(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    await decide(first, "merge", second)
    await decide(first, "merge-undo", second)
    async with town.database.transaction() as conn:
        await commands.erase(conn, first.person_id, SEGMENT)
    assert (await second.case_manager.get(second.contact)).is_success
    assert await town.database.pool.fetchval("select count(*) from person") == 1


async def test_restored_records_of_one_person_are_erased_again_as_one(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    await decide(first, "merge", second)
    async with town.database.transaction() as conn:
        await commands.erase_restored(conn, [first.enquiry_id, second.enquiry_id], SEGMENT)
    assert await town.database.pool.fetchval("select count(*) from person") == 0


async def test_records_of_one_person_stay_as_long_as_the_last_of_their_clocks_runs(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    await decide(first, "merge", second)
    until = dict.fromkeys(Clock, today())
    clock = next(iter(Clock))
    async with town.database.transaction() as conn:
        await store_retention.start(conn, second.enquiry_id, clock, today())
        assert await store_retention.due(conn, until) is None
        await store_retention.start(conn, first.enquiry_id, clock, today())
        assert await store_retention.due(conn, until) == first.person_id
        assert await store_retention.is_due(conn, first.person_id, until)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=STEPS, between=STEPS, pair=st.permutations(range(4)))
async def test_an_undo_restores_exactly_what_was_before_its_merge(
    town: Town, before: list[tuple[str, int, int]], between: list[tuple[str, int, int]], pair: list[int]
) -> None:
    """Also where others were looked at, dismissed, merged and undone again in between, in any order."""
    await town.database.pool.execute("truncate person, enquiry, responsibility, outbox cascade")
    people = [await town.asks(OURS) for _ in range(4)]
    await steps(people, before)
    survivor, other, *rest = (people[number] for number in pair)
    untouched = await town.state()
    if (await decide(survivor, "merge", other)).status_code == 204 and await town.state() != untouched:
        elsewhere = [(what, one % 2, two % 2) for what, one, two in between if what != "duplicates/dismissal"]
        kept = await steps(rest, elsewhere)
        expected = dict(untouched)
        if kept:
            expected["merge"] = [row for row in (await town.state())["merge"] if str(other.person_id) not in row]
        assert (await decide(survivor, "merge-undo", other)).status_code == 204
        assert await town.state() == expected
        told = [each for each in await published(town.database) if isinstance(each, PersonMerged | PersonMergeUndone)]
        assert isinstance(told[-1], PersonMergeUndone)


async def steps(people: list[Registered], wanted: list[tuple[str, int, int]]) -> bool:
    """Whether any of them was carried out; what is refused leaves no trace."""
    done = [await decide(people[one], what, people[other]) for what, one, other in wanted]
    return any(answer.is_success for answer in done)


def person(*, asked: bool = False) -> Person:
    return Person(
        id=new_id(),
        enquiry_ids=(new_id(),),
        state=PersonState.REGISTERED,
        erasure_asked_at=now() if asked else None,
        erasure_id=new_id() if asked else None,
    )


@pytest.mark.parametrize(
    ("survivor", "other", "refused"),
    [
        (Record(person(), survivor_id=new_id()), Record(person()), SurvivorIsMerged),
        (Record(person()), Record(person(), survivor_id=new_id()), MergedElsewhere),
        (Record(person()), Record(person(), has_merged=True), OthersWereMerged),
        (Record(person(asked=True)), Record(person()), ErasureIsAsked),
        (Record(person()), Record(person(asked=True)), ErasureIsAsked),
    ],
)
def test_a_merge_is_one_deep_and_extends_no_erasure(
    survivor: Record, other: Record, refused: type[MergeRefused]
) -> None:
    with pytest.raises(refused):
        duplicates.merge(survivor, other)


def test_a_survivor_takes_many_and_never_itself() -> None:
    survivor = Record(person(), has_merged=True)
    assert duplicates.merge(survivor, Record(person()))
    with pytest.raises(SamePerson):
        duplicates.merge(survivor, survivor)
