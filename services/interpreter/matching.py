"""The answer to scheduling's question: candidates and the pot's rules are read, ranked, kept and published."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from services.interpreter import store, store_assignments, store_needs, store_rankings
from services.interpreter.commands import base_of
from services.interpreter.domain import Interpreter
from services.interpreter.needs import with_needs
from services.interpreter.next_options import next_options
from services.interpreter.offers import berlin_date
from services.interpreter.ranking import Candidate, OpenSlot, SlotRanking, Talk, rank
from services.interpreter.tariffs import Tariff, tariff
from services.interpreter.working_days import nth_working_day
from shared import outbox
from shared.contracts.interpreter import CandidatesRanked, RankedSlot
from shared.contracts.scheduling import InterpreterRequested, Slot
from shared.contracts.vocabulary import Mode
from shared.database import Connection
from shared.travel import OUTSIDE, between

FAIRNESS = timedelta(days=90)
"""How far back assignments count."""
REMOTE = frozenset({Mode.PHONE, Mode.VIDEO})


async def rank_candidates(conn: Connection, told: InterpreterRequested, at: datetime) -> None:
    """Ranks for every slot; a slot for which nobody can come has an empty list. `at`: when it was asked."""
    asked = with_needs(told, await store_needs.of_case(conn, told.case_id))
    candidates = await _candidates(conn, asked, at)
    questions = [question(asked, slot) for slot in asked.slots]
    rankings = [(in_force.name, rank(talk, slot, candidates)) for in_force, talk, slot in questions]
    await store_rankings.save_ranking(conn, asked, rankings, at)
    await store_rankings.open_request(conn, asked.booking_id)
    slots = [_told(in_force, ranking) for (in_force, _, _), (_, ranking) in zip(questions, rankings, strict=True)]
    found = any(slot.ranked for _, slot in rankings)
    everybody = [] if found else await store.interpreters(conn, None)
    await outbox.append(
        conn,
        CandidatesRanked(
            booking_id=asked.booking_id,
            enquiry_id=asked.enquiry_id,
            slots=slots,
            next_options=[] if found else next_options([(talk, slot) for _, talk, slot in questions], everybody),
        ),
    )


async def _candidates(conn: Connection, asked: InterpreterRequested, at: datetime) -> list[Candidate]:
    free: set[UUID] = set().union(*asked.free.values())
    recent = await store_assignments.assignments_since(conn, at - FAIRNESS)
    know = await store_assignments.who_know(conn, asked.case_id)
    return [candidate(asked, one, recent, know) for one in await store.by_ids(conn, free)]


def candidate(
    asked: InterpreterRequested, one: Interpreter, recent: Mapping[UUID, int], know: Collection[UUID]
) -> Candidate:
    """Of what is asked for. `recent`: assignments of late by interpreter; `know`: who know the case."""
    base = base_of(one)
    km = 0 if asked.mode in REMOTE else between(base or OUTSIDE, asked.ags).km
    return Candidate(one, recent.get(one.id, 0), one.id in know, base == asked.ags, km=km)


def _told(in_force: Tariff, slot: SlotRanking) -> RankedSlot:
    return RankedSlot(
        slot_id=slot.slot_id,
        interpreter_ids=[ranked.interpreter_id for ranked in slot.ranked],
        language=slot.language,
        ask_at_once=in_force.rules.asking.at_once,
    )


def question(asked: InterpreterRequested, slot: Slot) -> tuple[Tariff, Talk, OpenSlot]:
    """The rules that hold on the slot's day, what is asked for by them, and who is free then."""
    day = berlin_date(slot.starts_at)
    in_force = tariff(day)
    rules = in_force.rules
    talk = Talk(
        ags=asked.ags,
        languages=asked.languages,
        kinds=rules.exclusions.kinds(asked.topics, asked.purpose),
        rules=rules,
        earliest=nth_working_day(asked.requested_on, rules.lead_working_days),
        remote=asked.mode in REMOTE,
        dialect=asked.dialect,
        gender=asked.gender,
        gender_binding=asked.gender_binding,
        conflicts=frozenset(asked.conflict_tokens),
        high_stakes=rules.stakes.are_high(asked.topics, asked.purpose),
    )
    return in_force, talk, OpenSlot(slot.slot_id, day, frozenset(asked.free.get(slot.slot_id, ())))
