"""The API of an office, over real HTTP and a real database."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.case import FindingReported
from shared.contracts.coordination import MeasureProposed
from shared.contracts.intake import EnquiryReceived
from shared.contracts.scheduling import BookingConfirmed, LanguageUnmet
from shared.contracts.vocabulary import FindingKind, Mode, Topic
from shared.ids import new_id
from tests.coordination.api import Api
from tests.coordination.world import ALPEN, DINSLAKEN, MOERS, MOMENT, TODAY, World, received

MEASURE = {"ags": DINSLAKEN, "kind": "missing_language", "about": "housing"}


def finding(ags: str = DINSLAKEN) -> FindingReported:
    return FindingReported(
        finding_id=new_id(),
        ags=ags,
        kind=FindingKind.MISSING_LANGUAGE,
        about=Topic.HOUSING,
        reported_on=TODAY,
    )


async def test_a_finding_leads_to_a_measure_and_its_adoption(api: Api, world: World) -> None:
    await world.hear(finding(), finding(), finding(MOERS))
    found = (await api.get("/offices/dinslaken/findings")).json()
    assert [each["measure_id"] for each in found] == [None, None]
    assert (await api.get("/offices/dinslaken/overview")).json()["open_findings"] == 2

    proposed = await api.post("/offices/dinslaken/measures", MEASURE)
    assert proposed.status_code == 201
    measure_id = proposed.json()["measure_id"]
    found = (await api.get("/offices/dinslaken/findings")).json()
    assert [each["measure_id"] for each in found] == [measure_id, measure_id]

    decided = await api.post(f"/measures/{measure_id}/decision", {"adopted": True})
    assert (decided.status_code, decided.json()["adopted"]) == (200, True)
    [listed] = (await api.get("/offices/dinslaken/measures")).json()
    assert listed == decided.json()
    assert (await api.get("/offices/dinslaken/overview")).json()["open_findings"] == 0


async def test_findings_of_a_rejected_measure_are_open_again(api: Api, world: World) -> None:
    await world.hear(finding())
    measure_id = (await api.post("/offices/dinslaken/measures", MEASURE)).json()["measure_id"]
    await api.post(f"/measures/{measure_id}/decision", {"adopted": False})
    assert (await api.get("/offices/dinslaken/overview")).json()["open_findings"] == 1
    again = await api.post(f"/measures/{measure_id}/decision", {"adopted": True})
    assert (again.status_code, again.json()["code"]) == (409, "already-decided")


async def test_a_measure_is_told_to_the_municipality(api: Api, world: World) -> None:
    await world.hear(finding())
    measure_id = (await api.post("/offices/dinslaken/measures", MEASURE)).json()["measure_id"]
    row = await world.database.pool.fetchrow("select value from outbox where topic = 'kim.coordination.v1'")
    await world.hear(MeasureProposed.model_validate_json(row["value"]))
    event = (await world.stream())[-1]
    assert event.data == {**MEASURE, "proposed_on": TODAY.isoformat()}
    assert measure_id not in event.model_dump_json()


async def test_a_measure_that_nothing_asks_for_is_refused(api: Api) -> None:
    refused = await api.post("/offices/dinslaken/measures", MEASURE)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-found")


@pytest.mark.parametrize(
    ("change", "field_"), [({"ags": ALPEN}, "ags"), ({"kind": "gossip"}, "kind"), ({"name": "x"}, "name")]
)
async def test_a_measure_that_is_none_names_its_field(api: Api, change: dict[str, str], field_: str) -> None:
    refused = await api.post("/offices/dinslaken/measures", {**MEASURE, **change})
    assert (refused.status_code, refused.json()["field"]) == (422, field_)


async def test_an_office_of_others_is_not_there(api: Api, world: World) -> None:
    await world.hear(finding())
    for path in ("overview", "findings", "measures"):
        for office in ("moers", "nowhere"):
            assert (await api.get(f"/offices/{office}/{path}")).status_code == 404
    assert (await api.post("/offices/moers/measures", MEASURE)).status_code == 404
    measure_id = (await api.post("/offices/dinslaken/measures", MEASURE)).json()["measure_id"]
    for claims in ({"office": "moers"}, {"office": None}):
        decision = await api.post(
            f"/measures/{measure_id}/decision", {"adopted": True}, roles=["coordinator"], **claims
        )
        assert decision.status_code == 404


async def test_whoever_is_no_coordinator_is_refused(api: Api) -> None:
    for role in ("clerk", "case_manager", "interpreter", "partner", "administrator", "service"):
        answer = await api.get("/offices/dinslaken/overview", roles=[role], office="dinslaken")
        assert answer.status_code == 403


async def test_waiting_times_run_from_the_enquiry_to_its_first_confirmed_talk(api: Api, world: World) -> None:
    enquiries = [received() for _ in range(5)]
    for days, enquiry in enumerate(enquiries):
        await world.hear(enquiry, confirmed(enquiry, days), confirmed(enquiry, days + 100))
    overview = (await api.get("/offices/dinslaken/overview")).json()
    assert overview["waiting"] == {DINSLAKEN: {"enquiries": 5, "median_days": 2.0}}
    assert overview["waiting_total"] == {"enquiries": 5, "median_days": 2.0}


async def test_small_numbers_are_not_shown(api: Api, world: World) -> None:
    enquiries = [received() for _ in range(4)]
    for enquiry in enquiries:
        await world.hear(enquiry, confirmed(enquiry, 3), unmet(enquiry, "ti"))
    overview = (await api.get("/offices/dinslaken/overview")).json()
    assert (overview["waiting"], overview["waiting_total"]) == ({}, None)
    assert overview["unmet_languages"] == {"bookings": {}, "others": None, "total": None}


async def test_unmet_languages_are_counted_even_without_consent(api: Api, world: World) -> None:
    enquiry = received()
    await world.hear(enquiry, *(unmet(enquiry, "ti", "ti", "am") for _ in range(5)))
    overview = (await api.get("/offices/dinslaken/overview")).json()
    assert overview["unmet_languages"] == {"bookings": {"ti": 5, "am": 5}, "others": 0, "total": 10}
    assert [event.type for event in await world.stream()] == ["intake.enquiry.received.v1"]


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"roles": ["coordinator"], "office": "dinslaken"}, 200),
        ({"roles": ["coordinator"], "office": "moers"}, 404),
        ({"roles": ["coordinator"]}, 404),
        ({"roles": ["partner"], "municipalities": [DINSLAKEN]}, 200),
        ({"roles": ["partner"], "municipalities": [ALPEN]}, 404),
        ({"roles": ["partner"], "office": "dinslaken"}, 404),
        ({"roles": ["administrator"]}, 200),
        ({"roles": ["clerk"], "municipalities": [DINSLAKEN]}, 403),
        ({"roles": ["case_manager"], "office": "dinslaken"}, 403),
    ],
)
async def test_a_stream_is_for_those_whom_the_municipality_concerns(
    api: Api, claims: dict[str, Any], status: int
) -> None:
    assert (await api.get(f"/municipalities/{DINSLAKEN}/events", **claims)).status_code == status


async def test_backfill_gives_what_was_published_page_by_page(api: Api, world: World) -> None:
    await world.hear(*(received() for _ in range(5)))
    published = [event.model_dump(mode="json") for event in await world.stream()]
    first = (await api.get(f"/municipalities/{DINSLAKEN}/events?limit=3")).json()
    second = (await api.get(f"/municipalities/{DINSLAKEN}/events?after={first['last']}")).json()
    third = (await api.get(f"/municipalities/{DINSLAKEN}/events?after={second['last']}")).json()
    assert first["events"] + second["events"] == published
    assert third == {"events": [], "last": 5}


async def test_no_municipality_is_made_up(api: Api) -> None:
    for ags in ("05170009", "x"):
        assert (await api.get(f"/municipalities/{ags}/events", roles=["administrator"])).status_code == 404


def confirmed(enquiry: EnquiryReceived, days: int) -> BookingConfirmed:
    return BookingConfirmed(
        booking_id=uuid4(),
        case_id=uuid4(),
        enquiry_id=enquiry.enquiry_id,
        ags=enquiry.ags,
        starts_at=MOMENT,
        ends_at=MOMENT,
        mode=Mode.IN_PERSON,
        case_manager_id=uuid4(),
        room_id=None,
        interpreter_id=None,
        language=None,
        confirmed_on=TODAY + timedelta(days=days),
    )


def unmet(enquiry: EnquiryReceived, *languages: str) -> LanguageUnmet:
    return LanguageUnmet(
        booking_id=uuid4(),
        case_id=uuid4(),
        enquiry_id=enquiry.enquiry_id,
        ags=enquiry.ags,
        languages=list(languages),
        unmet_on=TODAY,
    )
