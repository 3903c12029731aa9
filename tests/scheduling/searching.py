"""Drives the search on calendars at hand, as `finding` does on the database: it gets no more than it asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.scheduling.calendars import Busy, Calendar
from services.scheduling.searching import Found, Need, Wanted, searching
from services.scheduling.slots import Parties, Talk
from services.scheduling.spans import Span
from shared.travel import way


def search(
    parties: Parties,
    talk: Talk,
    days: Iterable[date],
    *preferred: frozenset[UUID],
    familiar: frozenset[UUID] = frozenset(),
) -> Found:
    groups = (parties.rooms, parties.interpreters)
    known = {one.resource_id: one for some in groups for one in some or ()}
    known |= {one.resource_id: one for one in (parties.client, parties.case_manager)}
    rooms, people = (None if some is None else [one.resource_id for one in some] for some in groups)
    ids = parties.client.resource_id, parties.case_manager.resource_id
    steps = searching(Wanted(*ids, rooms, people, preferred, familiar), talk, days)
    try:
        need = next(steps)
        while True:
            need = steps.send({who: _cut(known[who], need, talk.place) for who in need.ids})
    except StopIteration as done:
        found: Found = done.value
        return found


def _cut(calendar: Calendar, need: Need, place: str | None) -> Calendar:
    """Without the busy times that cannot matter for the spans that are asked about."""
    if need.spans is None:
        return calendar
    return replace(calendar, busy=tuple(busy for busy in calendar.busy if _matters(busy, need.spans, place)))


def _matters(busy: Busy, spans: Sequence[Span], place: str | None) -> bool:
    time = way(busy.place, place).time
    return any(busy.span.overlaps(Span(span.starts - time, span.ends + time)) for span in spans)
