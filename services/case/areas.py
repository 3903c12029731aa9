"""Which life areas of a case are open: what consent to counselling covers is read and written, all else kept and shut.

Health needs consent to special categories besides (Art. 9(2)(a) GDPR). What was written with consent stays when it is
taken back, as it was lawful (Art. 7(3)), and nobody sees it until there is a new one.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.case import consents, store_consents
from services.case.case import Case
from shared.contracts.vocabulary import Topic
from shared.database import Connection


async def open_areas(conn: Connection, enquiry_id: UUID, today: date) -> frozenset[Topic]:
    return consents.open_areas(await store_consents.of(conn, enquiry_id), today)


async def as_open(conn: Connection, case: Case, today: date) -> Case:
    """The case with those of its topics that are open: as it is shown, and as talks are asked for."""
    seen = await open_areas(conn, case.enquiry_id, today)
    return replace(case, topics=tuple(topic for topic in case.topics if topic in seen))


async def check(conn: Connection, case: Case, areas: Iterable[Topic], today: date) -> None:
    """Before these are written of, or passed on. Away from home, they are consented to for the municipality there, too.

    Raises ConsentMissing, ConsentExpired.
    """
    told, known = tuple(areas), await store_consents.of(conn, case.enquiry_id)
    consents.for_counselling(known, told).check(known, today)
    if case.is_away:
        consents.for_municipality(case.ags, told).check(known, today)
