"""Bookings in SQL. What is loaded by `load` is locked until the transaction ends."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.scheduling.booking import Booking, Candidate
from services.scheduling.merits import Merits
from shared.database import Connection
from shared.errors import NotFound

_COLUMNS = tuple(name for name in Booking.model_fields if name not in {"booking_id", "candidates"})
_LOAD = f"select id as booking_id, {', '.join(_COLUMNS)} from booking"  # noqa: S608 - our own names
_SAVE = f"""
    insert into booking (id, {", ".join(_COLUMNS)})
    values ($1, {", ".join(f"${n}" for n in range(2, len(_COLUMNS) + 2))})
    on conflict (id) do update set {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}
"""  # noqa: S608 - our own names


async def load(conn: Connection, booking_id: UUID) -> Booking:
    """Locks the booking. Raises NotFound."""
    return await _one(conn, await conn.fetch(f"{_LOAD} where id = $1 for update", booking_id))


async def look(conn: Connection, booking_id: UUID) -> Booking:
    """The same without a lock, for reading. Raises NotFound."""
    return await _one(conn, await conn.fetch(f"{_LOAD} where id = $1", booking_id))


async def of_enquiry(conn: Connection, enquiry_id: UUID) -> list[Booking]:
    """In the order in which they were requested."""
    return await _whole(conn, await conn.fetch(f"{_LOAD} where enquiry_id = $1 order by id", enquiry_id))


async def save(conn: Connection, booking: Booking) -> None:
    """The whole of it replaces what was stored."""
    await conn.execute(_SAVE, booking.booking_id, *(getattr(booking, name) for name in _COLUMNS))
    await conn.execute("delete from proposed_slot where booking_id = $1", booking.booking_id)
    await conn.executemany(
        """
        insert into proposed_slot (id, booking_id, starts_at, ends_at, language, ask_at_once, waiting_days,
            talks_together, travel_minutes, recent_talks)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        [
            (c.slot_id, booking.booking_id, c.starts_at, c.ends_at, c.language, c.ask_at_once, *_merits(c))
            for c in booking.candidates
        ],
    )
    await conn.executemany(
        "insert into ranked_candidate (slot_id, rank, interpreter_id, language) values ($1, $2, $3, $4)",
        [
            (c.slot_id, n, who, c.other_languages.get(who))
            for c in booking.candidates
            for n, who in enumerate(c.interpreters)
        ],
    )


async def is_requested(conn: Connection, counselling_id: UUID) -> bool:
    """Whether the request has its booking already."""
    found = await conn.fetchval("select true from booking where counselling_id = $1", counselling_id)
    return bool(found)


async def one_at_a_time(conn: Connection, enquiry_id: UUID) -> None:
    """Until the transaction ends, no other gets past this for the same enquiry."""
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", str(enquiry_id))


async def is_free_to_change(conn: Connection, enquiry_id: UUID) -> bool:
    """As `one_at_a_time`, where nobody else is past it; False at once where somebody is."""
    return bool(await conn.fetchval("select pg_try_advisory_xact_lock(hashtextextended($1, 0))", str(enquiry_id)))


async def withdraw(conn: Connection, enquiry_id: UUID) -> None:
    """Remembers that nothing is booked for the enquiry any more."""
    await conn.execute("insert into withdrawn_enquiry values ($1) on conflict do nothing", enquiry_id)


async def is_withdrawn(conn: Connection, enquiry_id: UUID) -> bool:
    found = await conn.fetchval("select true from withdrawn_enquiry where enquiry_id = $1", enquiry_id)
    return bool(found)


async def open_ids(conn: Connection, *, enquiry_id: UUID | None = None, case_id: UUID | None = None) -> list[UUID]:
    """Ids of the bookings, of an enquiry or of a case, that have not ended."""
    rows = await conn.fetch(
        """
        select id from booking
        where (enquiry_id = $1 or case_id = $2) and state not in ('released', 'unmet', 'attended', 'missed')
        order by id for update
        """,
        enquiry_id,
        case_id,
    )
    return [row["id"] for row in rows]


async def is_moving(conn: Connection, booking_id: UUID) -> bool:
    """Whether a booking that will take its place has not ended."""
    found = await conn.fetchval(
        "select true from booking where replaces = $1 and state not in ('released', 'unmet')", booking_id
    )
    return bool(found)


async def due(conn: Connection, now: datetime) -> UUID | None:
    """Id of a booking whose time limit has passed, locked; those that others work on are left out."""
    found: UUID | None = await conn.fetchval(
        "select id from booking where expires_at <= $1 order by expires_at limit 1 for update skip locked",
        now,
    )
    return found


async def stale(conn: Connection, now: datetime, too_soon: Collection[date] = ()) -> UUID | None:
    """The same for a booking none of whose slots, ranked or not, can be had any more: somebody or something is taken.

    `too_soon`: days in Berlin on which it is too late for an interpreter. Travel and hours are not looked at, since a
    slot is checked in full when it is shown and when it is chosen.
    """
    found: UUID | None = await conn.fetchval(
        """
        with taken as (
            select resource_id, during, booking_id from reservation
            where state = 'confirmed' or state = 'held' and expires_at > $1
        ), slot as (
            select *, tstzrange(starts_at, ends_at) as during from proposed_slot where starts_at > $1
        )
        select id from booking
        where state in ('ranking', 'proposed') and not exists (
            select from slot
            where slot.booking_id = booking.id
                and not exists (
                    select from taken where resource_id in (booking.case_manager_id, booking.enquiry_id)
                    and taken.during && slot.during
                        and taken.booking_id is distinct from booking.replaces
                )
                and (mode <> 'in_person' or exists (
                    select from resource room where kind = 'room' and active and booking.ags = any(room.ags)
                    and not exists (
                        select from taken where resource_id = room.id and taken.during && slot.during
                        and taken.booking_id is distinct from booking.replaces
                    )
                ))
                and (not interpreter_needed or exists (
                    select from ranked_candidate where slot_id = slot.id and not exists (
                        select from taken where resource_id = interpreter_id and taken.during && slot.during
                        and taken.booking_id is distinct from booking.replaces
                    )
                    and (slot.starts_at at time zone 'Europe/Berlin')::date <> all($2)
                ))
        )
        order by id limit 1 for update of booking skip locked
        """,
        now,
        sorted(too_soon),
    )
    return found


async def _one(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> Booking:
    if not rows:
        raise NotFound
    return (await _whole(conn, rows))[0]


async def _whole(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Booking]:
    """The rows of bookings with their slots and whom each could have as interpreter."""
    slots = await conn.fetch(
        """
        select *, array(
            select interpreter_id from ranked_candidate where slot_id = proposed_slot.id order by rank
        ) as interpreters, array(
            select language from ranked_candidate where slot_id = proposed_slot.id order by rank
        ) as languages
        from proposed_slot where booking_id = any($1) order by starts_at, id
        """,
        [row["booking_id"] for row in rows],
    )
    return [
        Booking(**dict(row), candidates=_candidates(slot for slot in slots if slot["booking_id"] == row["booking_id"]))
        for row in rows
    ]


def _merits(candidate: Candidate) -> tuple[int | None, ...]:
    of = candidate.merits
    return of.waiting_days, of.talks_together, of.travel_minutes, of.recent_talks


def _candidates(slots: Iterable[Mapping[str, Any]]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            slot_id=slot["id"],
            starts_at=slot["starts_at"],
            ends_at=slot["ends_at"],
            language=slot["language"],
            ask_at_once=slot["ask_at_once"],
            interpreters=tuple(slot["interpreters"]),
            other_languages={
                who: other for who, other in zip(slot["interpreters"], slot["languages"], strict=True) if other
            },
            merits=Merits.model_validate({name: slot[name] for name in Merits.model_fields}),
        )
        for slot in slots
    )
