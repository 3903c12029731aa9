"""The answer to scheduling's question: candidates and the pot's rules are read, ranked, kept and published."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.interpreter import store
from services.interpreter.commands import is_based_in
from services.interpreter.offers import berlin_date
from services.interpreter.ranking import Candidate, OpenSlot, SlotRanking, Talk, rank
from services.interpreter.tariffs import tariff
from services.interpreter.working_days import nth_working_day
from shared import outbox
from shared.contracts.interpreter import CandidatesRanked, RankedSlot
from shared.contracts.scheduling import InterpreterRequested, Slot
from shared.database import Connection

FAIRNESS = timedelta(days=90)
"""How far back assignments count."""


async def rank_candidates(conn: Connection, asked: InterpreterRequested, at: datetime) -> None:
    """Ranks for every slot; a slot for which nobody can come has an empty list. `at`: when it was asked."""
    candidates = await _candidates(conn, asked, at)
    rankings = [_rank(asked, slot, candidates) for slot in asked.slots]
    await store.save_ranking(conn, asked, rankings, at)
    slots = [
        RankedSlot(
            slot_id=slot.slot_id,
            interpreter_ids=[ranked.interpreter_id for ranked in slot.ranked],
            language=slot.language,
        )
        for _, slot in rankings
    ]
    await outbox.append(conn, CandidatesRanked(booking_id=asked.booking_id, slots=slots))


async def _candidates(conn: Connection, asked: InterpreterRequested, at: datetime) -> list[Candidate]:
    free: set[UUID] = set().union(*asked.free.values())
    recent = await store.assignments_since(conn, at - FAIRNESS)
    know = await store.who_know(conn, asked.case_id)
    return [
        Candidate(one, recent.get(one.id, 0), one.id in know, is_based_in(one, asked.ags))
        for one in await store.by_ids(conn, free)
    ]


def _rank(asked: InterpreterRequested, slot: Slot, candidates: Sequence[Candidate]) -> tuple[str, SlotRanking]:
    """The name of the rules that hold on the slot's day, and the ranking by them."""
    day = berlin_date(slot.starts_at)
    in_force = tariff(day)
    rules = in_force.rules
    talk = Talk(
        ags=asked.ags,
        languages=asked.languages,
        kinds=rules.exclusions.kinds(asked.topics),
        rules=rules,
        earliest=nth_working_day(asked.requested_on, rules.lead_working_days),
    )
    free = frozenset(asked.free.get(slot.slot_id, ()))
    return in_force.name, rank(talk, OpenSlot(slot.slot_id, day, free), candidates)
