"""Who has a case: hand-overs with consent and approval, absence, conflicts of interest.

All of them take turns with whatever else chooses case managers before they lock a case, so that none waits in a circle.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.case import choice, consents, domain, hand_over, refusals, store, store_consents
from services.case import store_managers as managers
from services.case import store_posts as posts
from services.case.case import Case
from services.case.commands import Edit, edited, explain, keep, today
from services.case.hand_over import HandOver
from services.case.manager import CaseManager
from services.case.store_managers import Absence
from shared.database import Connection
from shared.errors import NotFound
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Moved:
    case_id: UUID
    case_manager_id: UUID | None
    """None: it waits until somebody has room."""


async def put(conn: Connection, post: CaseManager, *, keeps_absence: bool) -> None:
    """As `store_managers.put`. Raises SupervisorOfOneself."""
    hand_over.check_supervisor(post)
    await managers.put(conn, post, keeps_absence=keeps_absence)


async def ask(conn: Connection, edit: Edit, manager_id: UUID, ags: str, successor: UUID | None) -> tuple[Case, bool]:
    """Hands over at once, or, True, where a supervisor has to approve, waits for that.

    Raises NotFound, VersionOutdated, CaseIsClosed, HandOverUnderWay, HandOverToOneself, ConsentMissing,
    ConsentExpired, SuccessorUnable, NobodyAble.
    """
    await managers.one_choice_at_a_time(conn)
    case = await edited(conn, edit, manager_id)
    if await posts.pending(conn, case.case_id):
        raise refusals.HandOverUnderWay
    present = (await _known(conn))[manager_id]
    supervisor = present.supervisor_id if ags != case.ags else None
    asked = hand_over.ask(case, present, HandOver(new_id(), ags, successor, supervisor, today()))
    await _check_consent(conn, case, ags)
    if supervisor is None:
        return await _hand_over(conn, case, asked), False
    await posts.insert_hand_over(conn, case.case_id, asked)
    return await keep(conn, (domain.changed(case), [])), True


async def decide(conn: Connection, case_id: UUID, supervisor_id: UUID, *, approved: bool) -> None:
    """By the supervisor who has to. Raises NotFound, and as `ask`."""
    await managers.one_choice_at_a_time(conn)
    case, asked = await store.load(conn, case_id), await posts.pending(conn, case_id)
    if asked is None or asked.supervisor_id != supervisor_id:
        raise NotFound
    await posts.delete_hand_over(conn, case_id)
    if not approved:
        await keep(conn, (domain.changed(case), []))
        return
    await _check_consent(conn, case, asked.ags)
    await _hand_over(conn, case, asked)


async def fall_ill(
    conn: Connection, manager_id: UUID, starts: date, ends: date | None, *, moves_cases: bool = True
) -> list[Moved]:
    """Notes the absence, in place of another. With its first day no new case comes, and every open one goes to somebody
    else or waits, unless they are to stay: at once, or when that day has come (`begin_absences`). Raises NotFound.
    """
    await managers.one_choice_at_a_time(conn)
    if not await managers.set_absence(conn, manager_id, Absence(starts, ends, moves_cases and starts > today())):
        raise NotFound
    if not moves_cases or not (await _known(conn))[manager_id].is_absent(today()):
        return []
    return await _move_all(conn, manager_id)


async def begin_absences(conn: Connection) -> int:
    """What was announced, on its first day, once. Returns how many case managers have given away what they had."""
    if not await managers.any_begins(conn, today()):
        return 0
    await managers.one_choice_at_a_time(conn)
    begun = await managers.begin_absences(conn, today())
    for manager_id in begun:
        await _move_all(conn, manager_id)
    return len(begun)


async def _move_all(conn: Connection, manager_id: UUID) -> list[Moved]:
    moved = [await _give_to_another(conn, case) for case in await store.load_open_of(conn, manager_id)]
    return [Moved(case.case_id, case.case_manager_id) for case in moved]


async def declare_conflict(conn: Connection, edit: Edit, manager_id: UUID) -> Moved:
    """The case manager is partial: somebody else gets the case. Raises NotFound, VersionOutdated, CaseIsClosed."""
    await managers.one_choice_at_a_time(conn)
    case = await edited(conn, edit, manager_id)
    await posts.declare_conflict(conn, case.case_id, manager_id)
    moved = await _give_to_another(conn, case)
    return Moved(moved.case_id, moved.case_manager_id)


async def learn_conflicts(conn: Connection, enquiry_id: UUID, tokens: Collection[str]) -> None:
    """From person alone: all of them anew. A case whose case manager has one in common goes to somebody else.

    Raises NotFound, CaseIsClosed.
    """
    await managers.one_choice_at_a_time(conn)
    case = await store.load_of_enquiry(conn, enquiry_id)
    if case is None:
        raise NotFound
    needs = case.needs._replace(conflict_tokens=tuple(sorted(set(tokens))))
    case = await keep(conn, domain.change_needs(case, needs, today()))
    present = (await _known(conn)).get(case.case_manager_id) if case.case_manager_id else None
    if present and not present.conflict_tokens.isdisjoint(tokens):
        await _give_to_another(conn, case)


async def bring_home(conn: Connection, case: Case) -> Case:
    """Somebody of the municipality that the enquiry came from gets the case again, or it waits there; closed ones, too.

    `one_choice_at_a_time` holds.
    """
    await posts.delete_hand_over(conn, case.case_id)
    _, chosen = await explain(conn, replace(case, ags=case.home_ags), gives_away=case.case_manager_id)
    return await keep(conn, domain.bring_home(case, chosen, today()))


async def _give_to_another(conn: Connection, case: Case) -> Case:
    await posts.delete_hand_over(conn, case.case_id)
    _, chosen = await explain(conn, case, gives_away=case.case_manager_id)
    if chosen is None:
        return await keep(conn, domain.unassign(case, today()))
    return await keep(conn, domain.reassign(case, chosen, case.ags, today()))


async def _hand_over(conn: Connection, case: Case, asked: HandOver) -> Case:
    successor = await _successor(conn, case, asked)
    return await keep(conn, domain.reassign(case, successor, asked.ags, today()))


async def _successor(conn: Connection, case: Case, asked: HandOver) -> CaseManager:
    there = domain.changed(case, ags=asked.ags)
    if asked.case_manager_id is None:
        _, chosen = await explain(conn, there, gives_away=case.case_manager_id)
        if chosen is None:
            raise refusals.NobodyAble
        return chosen
    named = (await _known(conn)).get(asked.case_manager_id)
    if asked.case_manager_id in await posts.in_conflict(conn, case.case_id):
        raise refusals.SuccessorUnable(str(choice.Obstacle.NOT_AVAILABLE))
    hand_over.check_successor(named, asked.ags, frozenset(case.needs.conflict_tokens), today())
    if named is None:
        raise NotFound
    await store.save_choice(conn, case.case_id, choice.named(named.id, by=case.case_manager_id))
    return named


async def _check_consent(conn: Connection, case: Case, ags: str) -> None:
    if ags != case.ags:
        consents.for_municipality(ags, case.told).check(await store_consents.of(conn, case.enquiry_id), today())


async def _known(conn: Connection) -> dict[UUID, CaseManager]:
    return {manager.id: manager for manager in await managers.everybody(conn)}
