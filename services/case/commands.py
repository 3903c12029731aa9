"""What can be done with cases: load, verb, save, tell. Each runs in its caller's transaction."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import NamedTuple
from uuid import UUID, uuid4

from services.case import (
    areas,
    consents,
    domain,
    findings,
    plan,
    referrals,
    refusals,
    store,
    store_consents,
    store_enquiries,
    store_findings,
    store_plan,
    store_referrals,
    talks,
)
from services.case import store_managers as managers
from services.case import store_posts as posts
from services.case.case import Case, Ending, Needs, Outcome
from services.case.choice import Choice, Need, choose, with_room
from services.case.findings import Finding
from services.case.manager import CaseManager
from services.case.talks import TalkWish
from shared import outbox
from shared.clock import BERLIN
from shared.clock import now as present
from shared.consent_rules import CounsellingNotConsented
from shared.contracts.base import Event
from shared.contracts.intake import EnquiryAccepted
from shared.contracts.vocabulary import FindingKind, Phase, Topic
from shared.database import Connection
from shared.errors import NotFound
from shared.ids import new_id

BATCH = 50
"""Most waiting cases that are looked at in one transaction."""


class Edit(NamedTuple):
    """A change to a case as somebody has seen it."""

    case_id: UUID
    version: int


async def open_case(conn: Connection, accepted: EnquiryAccepted) -> Case:
    """Opens the case and, where somebody has room, gives it to them.

    Raises EnquiryHasEnded, CounsellingNotConsented, AlreadyOpened.
    """
    known = await store_enquiries.load(conn, accepted.enquiry_id)
    if known.has_ended:
        raise refusals.EnquiryHasEnded
    if not known.may_be_counselled:
        raise CounsellingNotConsented
    if await store.load_of_enquiry(conn, accepted.enquiry_id):
        raise refusals.AlreadyOpened
    case, told = domain.open(accepted, new_id(), today())
    await store.insert(conn, case)
    await outbox.append(conn, *told)
    await managers.one_choice_at_a_time(conn)
    return await _assign(conn, case)


async def assign_waiting(conn: Connection) -> int:
    """Chooses anew for cases that wait, where somebody has room by now. Returns how many have got a case manager."""
    if not await store.any_waits(conn):
        return 0
    await managers.one_choice_at_a_time(conn)
    municipalities = with_room(await managers.everybody(conn), today())
    waiting = await store.load_waiting(conn, municipalities, BATCH)
    assigned = [await _assign(conn, case) for case in waiting]
    return sum(case.case_manager_id is not None for case in assigned)


async def change_phase(conn: Connection, edit: Edit, manager_id: UUID, phase: Phase, ending: Ending | None) -> Case:
    """A case is reopened in another municipality with the participant's consent for that alone.

    Raises NotFound, VersionOutdated, ConsentMissing, ConsentExpired, GoalsStillOpen and as `domain.change_phase`.
    """
    case = await edited(conn, edit, manager_id)
    outcome = domain.change_phase(case, phase, ending, today())
    if case.is_closed and case.is_away:
        consents.for_municipality(case.ags, case.told).check(await store_consents.of(conn, case.enquiry_id), today())
    plan.check_ending(await store_plan.plan(conn, case.case_id), ending)
    return await keep(conn, outcome)


async def request_talk(conn: Connection, case_id: UUID, manager_id: UUID, wish: TalkWish) -> UUID:
    """Returns the id of the request. Raises NotFound and as `talks.request`."""
    case, counselling_id = await _load_own(conn, case_id, manager_id), new_id()
    await keep(conn, talks.request(await areas.as_open(conn, case, today()), wish, counselling_id, today()))
    return counselling_id


async def change_needs(conn: Connection, edit: Edit, manager_id: UUID, wishes: Needs) -> Case:
    """Dialect and gender anew; the conflicts of interest stay. Raises NotFound, VersionOutdated, CaseIsClosed."""
    case = await edited(conn, edit, manager_id)
    needs = wishes._replace(conflict_tokens=case.needs.conflict_tokens)
    return await keep(conn, domain.change_needs(case, needs, today()))


async def report_finding(conn: Connection, case_id: UUID, manager_id: UUID, kind: FindingKind, about: Topic) -> None:
    """Keeps nothing but the finding and its municipality. Raises NotFound, CounsellingNotConsented."""
    case = own(await store.look(conn, case_id), manager_id)
    if not case.may_be_counselled:
        raise CounsellingNotConsented
    unsortable = uuid4()  # one of version 7 would tell when it was entered
    await store_findings.insert(conn, Finding(unsortable, case.ags, kind, about))


async def publish_findings(conn: Connection, at: time) -> int:
    """Once a day, from `at` on by the clocks of Berlin, all that wait. Returns how many."""
    day = findings.batch_day(present().astimezone(BERLIN), at)
    if not await store_findings.begin_batch(conn, day):
        return 0
    taken = await store_findings.take_all(conn)
    await outbox.append(conn, *findings.report(taken, day))
    return len(taken)


async def withdraw(conn: Connection, enquiry_id: UUID) -> None:
    """Closes the case of the enquiry; where there is none yet, none will be opened."""
    await store_enquiries.load(conn, enquiry_id)
    await store_enquiries.end(conn, enquiry_id)
    if case := await store.load_of_enquiry(conn, enquiry_id):
        await keep(conn, domain.withdraw(case, today()))


async def link_person(conn: Connection, enquiry_id: UUID, person_id: UUID) -> None:
    """Where the enquiry has ended there is nothing to be linked any more."""
    if not (await store_enquiries.load(conn, enquiry_id)).has_ended:
        await store_enquiries.link_person(conn, enquiry_id, person_id)


async def erase(conn: Connection, enquiry_ids: Iterable[UUID]) -> None:
    """Ends the cases, drops the links to the person, and the coded facts with them.

    In a small municipality few facts are a person already. Counts are kept by coordination.
    """
    for enquiry_id in sorted(enquiry_ids):
        await withdraw(conn, enquiry_id)
        await store_enquiries.link_person(conn, enquiry_id, None)
        await store_consents.delete(conn, enquiry_id)
        if case := await store.load_of_enquiry(conn, enquiry_id):
            await store.delete(conn, case.case_id)


async def hear_of_talk(conn: Connection, case_id: UUID, verb: talks.Verb) -> None:
    """What scheduling made of a talk. Raises NotFound for a case that was erased, and TalkUnknown."""
    await keep(conn, verb(await store.load(conn, case_id)))


def own(case: Case, manager_id: UUID) -> Case:
    """Raises NotFound where it is another's, as if there were none."""
    if case.case_manager_id != manager_id:
        raise NotFound
    return case


async def edited(conn: Connection, edit: Edit, manager_id: UUID) -> Case:
    """The case as it was read, locked. Raises NotFound, VersionOutdated."""
    case = await _load_own(conn, edit.case_id, manager_id)
    if case.version != edit.version:
        raise refusals.VersionOutdated(case.version)
    return case


async def touch(conn: Connection, case: Case) -> Case:
    """Something that belongs to the case has changed: its next version."""
    return await keep(conn, (domain.changed(case), []))


async def explain(conn: Connection, case: Case, gives_away: UUID | None = None) -> tuple[Choice, CaseManager | None]:
    """Chooses, and keeps the reasons. `one_choice_at_a_time` holds."""
    known = {manager.id: manager for manager in await managers.everybody(conn)}
    need = Need(
        case.ags,
        case.topics,
        case.languages,
        frozenset(case.needs.conflict_tokens),
        await posts.in_conflict(conn, case.case_id),
        gives_away,
    )
    choice = choose(need, known.values(), today())
    await store.save_choice(conn, case.case_id, choice)
    return choice, known[choice.chosen] if choice.chosen else None


async def _load_own(conn: Connection, case_id: UUID, manager_id: UUID) -> Case:
    return own(await store.load(conn, case_id), manager_id)


async def _assign(conn: Connection, case: Case) -> Case:
    """Where nobody can have it, it waits, and says why."""
    _, chosen = await explain(conn, case)
    if chosen is None:
        return case
    return await keep(conn, domain.assign(await areas.as_open(conn, case, today()), chosen, new_id(), today()))


async def keep(conn: Connection, outcome: Outcome) -> Case:
    """With a case that is closed go the hand-over that waits for approval, the conferences to come, and the offers that
    no service has answered.
    """
    case, told = outcome
    await store.save(conn, case)
    if case.is_closed:
        await posts.delete_hand_over(conn, case.case_id)
        await store_referrals.call_off(conn, case.case_id, today())
        told = [*told, *await _revoke_offers(conn, case)]
    await outbox.append(conn, *told)
    return case


async def _revoke_offers(conn: Connection, case: Case) -> list[Event]:
    revoked = referrals.with_closed(case, await store_referrals.referrals(conn, case.case_id), today())
    for referral, _ in revoked:
        await store_referrals.save(conn, case.case_id, referral)
    return [event for _, told in revoked for event in told]


def moment() -> datetime:
    return present()


def today() -> date:
    return present().astimezone(BERLIN).date()
