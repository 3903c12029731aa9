"""Referrals and conferences in SQL. The case is locked by whoever changes something here."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from services.case.conferences import Conference, ConferenceOutcome
from services.case.referrals import Referral
from shared.contracts.registry import TOPICS
from shared.contracts.vocabulary import ReferralService, ReferralState, Topic
from shared.database import Connection
from shared.errors import NotFound

_REFERRAL = "select referral.id, case_id, service, area, state, offered_on, changed_on from referral"
_UNCONSENTED = """
    exists (
        select from unnest(needs) as need where not exists (
            select from consent where consent.enquiry_id = case_file.enquiry_id and kind = need and recipient = service
                and purpose = 'referral' and revoked_on is null and valid_until >= $1
                and (consent.topics = '{}' or area = any(consent.topics))
        )
    )
"""


class Found(NamedTuple):
    case_id: UUID
    referral: Referral


class Page(NamedTuple):
    after: UUID | None
    """Id of the last one seen; None: from the first on."""
    limit: int


class Shown(NamedTuple):
    enquiry_id: UUID
    referral: Referral


async def referral(conn: Connection, referral_id: UUID) -> Found:
    """Raises NotFound."""
    row = await conn.fetchrow(f"{_REFERRAL} where id = $1", referral_id)
    if row is None:
        raise NotFound
    return Found(row["case_id"], _referral(row))


async def referrals(conn: Connection, case_id: UUID) -> list[Referral]:
    """In the order in which they were offered."""
    return [_referral(row) for row in await conn.fetch(f"{_REFERRAL} where case_id = $1 order by id", case_id)]


async def for_service(
    conn: Connection, service: str, municipalities: Collection[str], today: date, page: Page
) -> list[Shown]:
    """Open ones of a service in these municipalities that stand on consents in force, the oldest first."""
    rows = await conn.fetch(
        f"""select referral.id, enquiry_id, service, area, state, offered_on, changed_on
        from referral join case_file on case_file.id = case_id
        where service = $2 and ags = any($3) and state in ('offered', 'accepted') and not {_UNCONSENTED}
            and not is_unheard(case_file.enquiry_id, $4) and referral.id > $5
        order by referral.id limit $6
        """,  # noqa: S608 - ours
        today,
        service,
        list(municipalities),
        TOPICS["person"],
        page.after or UUID(int=0),
        page.limit,
    )
    return [Shown(row["enquiry_id"], _referral(row)) for row in rows]


async def load_unconsented(conn: Connection, today: date, limit: int) -> list[Found]:
    """Open ones whose consents are gone; their cases are locked, those that others work on come later."""
    rows = await conn.fetch(
        f"""{_REFERRAL} join case_file on case_file.id = case_id
        where state in ('offered', 'accepted') and {_UNCONSENTED}
        order by referral.id limit $2 for update skip locked
        """,
        today,
        limit,
    )
    return [Found(row["case_id"], _referral(row)) for row in rows]


async def save(conn: Connection, case_id: UUID, made: Referral) -> None:
    await conn.execute(
        """
        insert into referral (id, case_id, service, area, state, needs, offered_on, changed_on)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (id) do update set state = excluded.state, changed_on = excluded.changed_on
        """,
        made.referral_id,
        case_id,
        made.service,
        made.area,
        made.state,
        list(made.needs),
        made.offered_on,
        made.changed_on,
    )


async def case_of_conference(conn: Connection, conference_id: UUID) -> UUID:
    """Raises NotFound."""
    case_id: UUID | None = await conn.fetchval("select case_id from conference where id = $1", conference_id)
    if case_id is None:
        raise NotFound
    return case_id


async def conferences(conn: Connection, case_id: UUID) -> list[Conference]:
    rows = await conn.fetch(
        """
        select id, held_on, participants, services, areas, outcome from conference where case_id = $1
        order by held_on, id
        """,
        case_id,
    )
    return [_conference(row) for row in rows]


async def save_conference(conn: Connection, case_id: UUID, made: Conference) -> None:
    await conn.execute(
        """
        insert into conference (id, case_id, held_on, participants, services, outcome, areas)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (id) do update set outcome = excluded.outcome
        """,
        made.conference_id,
        case_id,
        made.held_on,
        list(made.participants),
        list(made.services),
        made.outcome,
        list(made.areas),
    )


async def call_off(conn: Connection, case_id: UUID, today: date) -> None:
    """The conferences of the days that follow."""
    await conn.execute(
        "update conference set outcome = $3 where case_id = $1 and outcome is null and held_on > $2",
        case_id,
        today,
        ConferenceOutcome.CALLED_OFF,
    )


def _referral(row: Any) -> Referral:
    service, area, state = ReferralService(row["service"]), Topic(row["area"]), ReferralState(row["state"])
    return Referral(row["id"], service, area, row["offered_on"], row["changed_on"], state)


def _conference(row: Any) -> Conference:
    outcome = ConferenceOutcome(row["outcome"]) if row["outcome"] else None
    services = tuple(map(ReferralService, row["services"]))
    areas = tuple(map(Topic, row["areas"]))
    return Conference(row["id"], row["held_on"], tuple(row["participants"]), services, areas, outcome)
