"""From our events to the municipal streams, on a real database."""

import json
from datetime import UTC, date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.coordination.chain import verify
from shared.contracts.case import FindingReported
from shared.contracts.municipal import MunicipalEvent
from shared.contracts.person import ConsentGiven, ConsentRevoked
from shared.contracts.vocabulary import ConsentKind, FindingKind, Purpose, Recipient, Topic
from shared.ids import new_id
from tests.coordination.world import (
    ALPEN,
    DINSLAKEN,
    MOERS,
    MOMENT,
    TODAY,
    TOMORROW,
    World,
    consent,
    envelope,
    opened,
    received,
)

YESTERDAY = TODAY - timedelta(days=1)


async def test_with_consent_the_office_sees_language_topics_and_the_moment(world: World) -> None:
    await world.hear(envelope(received(consent()), MOMENT))
    [event] = await world.stream()
    assert event.data == {
        "ags": DINSLAKEN,
        "postcode": "46535",
        "topics": ["housing", "residence"],
        "languages": ["ti"],
        "mode": "in_person",
        "received_on": TODAY.isoformat(),
    }
    assert event.withheld == []
    assert event.time == MOMENT


async def test_without_consent_only_the_open_fields_leave_and_the_day(world: World) -> None:
    await world.hear(envelope(received(), MOMENT))
    [event] = await world.stream()
    assert event.data == {"ags": DINSLAKEN, "received_on": TODAY.isoformat()}
    assert event.withheld == ["languages", "mode", "postcode", "topics"]
    assert event.time == MOMENT.replace(hour=0, minute=0, second=0, microsecond=0)


async def test_late_in_the_evening_the_day_is_that_of_people_here(world: World) -> None:
    await world.hear(envelope(received(), MOMENT.replace(hour=23)))
    [event] = await world.stream()
    assert event.time.astimezone(UTC).isoformat() == "2026-11-25T00:00:00+00:00"


async def test_a_consent_for_another_office_shows_nothing(world: World) -> None:
    await world.hear(received(consent(recipient=Recipient.OFFICE_MOERS)))
    assert "languages" in (await world.stream())[0].withheld


@pytest.mark.parametrize(("topics", "shown"), [([Topic.HOUSING, Topic.RESIDENCE], True), ([Topic.HOUSING], False)])
async def test_a_consent_for_some_topics_shows_only_what_tells_of_no_other(
    world: World, topics: list[Topic], *, shown: bool
) -> None:
    await world.hear(received(consent(topics=topics)))
    assert ("topics" not in (await world.stream())[0].withheld) is shown


async def test_health_leaves_with_consent_to_special_categories_and_release_from_confidentiality(world: World) -> None:
    [plain, whole] = [
        received(*(consent(kind=kind) for kind in kinds)).model_copy(update={"topics": [Topic.HEALTH]})
        for kinds in ([ConsentKind.PROCESSING], ConsentKind)
    ]
    await world.hear(plain, opened(plain), whole, opened(whole))
    shown = [event.data or {} for event in await world.stream()]
    assert ["health" in each.get("topics", ()) for each in shown] == [False, False, True, True]
    assert not {"topics", "languages", "postcode"} & {*shown[0], *shown[1]}


async def test_the_kreis_sees_what_concerns_alpen(world: World) -> None:
    await world.hear(received(consent(recipient=Recipient.OFFICE_KREIS_WESEL), ags=ALPEN))
    [event] = await world.stream(ALPEN)
    assert event.data is not None
    assert event.data["languages"] == ["ti"]
    assert await world.stream(DINSLAKEN) == []


async def test_while_the_stream_of_consents_lags_consented_fields_are_withheld(world: World) -> None:
    enquiry = received(consent())
    for world.lag in (5.0, 5.1, float("inf")):
        await world.hear(opened(enquiry) if world.lag > 5.0 else enquiry)
    assert [event.withheld == [] for event in await world.stream()] == [True, False, False]


async def test_a_revocation_holds_for_what_follows_and_leaves_what_was_published(world: World) -> None:
    given_ = consent()
    enquiry = received(given_)
    await world.hear(enquiry, opened(enquiry), _revoked(enquiry.enquiry_id, given_.consent_id), opened(enquiry))
    assert [event.withheld == [] for event in await world.stream()] == [True, True, False]


async def test_a_revocation_that_comes_before_its_consent_stands(world: World) -> None:
    given_ = consent()
    enquiry = received(given_)
    await world.hear(_revoked(enquiry.enquiry_id, given_.consent_id), enquiry)
    assert "languages" in (await world.stream())[0].withheld


async def test_an_event_that_comes_before_its_enquiry_waits_for_it(world: World) -> None:
    enquiry = received(consent())
    await world.hear(opened(enquiry))
    assert await world.stream() == []
    await world.hear(enquiry)
    events = await world.stream()
    assert [event.type for event in events] == ["intake.enquiry.received.v1", "case.opened.v1"]
    assert [event.withheld for event in events] == [[], []]


async def test_one_enquiry_has_another_pseudonym_in_every_stream(world: World) -> None:
    enquiry = received()
    elsewhere = enquiry.model_copy(update={"ags": MOERS})
    await world.hear(enquiry, opened(enquiry), opened(elsewhere))
    dinslaken, moers = await world.stream(DINSLAKEN), await world.stream(MOERS)
    assert dinslaken[0].subject == dinslaken[1].subject != moers[0].subject


async def test_no_internal_id_and_no_trace_is_in_a_record(world: World) -> None:
    given_ = consent()
    enquiry = received(given_)
    case = opened(enquiry)
    await world.hear(enquiry, case)
    internal = [enquiry.enquiry_id, given_.consent_id, case.case_id, *(event.id for event in world.heard)]
    for key, headers, value in await world.records():
        assert "ce_traceparent" not in headers
        text = (repr(headers) + value.decode() + str(key)).replace("-", "")
        assert not any(each.hex in text for each in internal)


async def test_the_records_are_the_stream_keyed_by_event_and_verify(world: World) -> None:
    enquiry = received(consent())
    await world.hear(enquiry, opened(enquiry), received())
    records = await world.records()
    events = [MunicipalEvent.of_record(headers, value) for _, headers, value in records]
    assert events == await world.stream()
    assert [key for key, _, _ in records] == [event.id for event in events]
    assert [headers["ce_sequence"] for _, headers, _ in records] == [b"%012d" % n for n in (1, 2, 3)]
    verify(events)


async def test_a_finding_is_published_without_a_link_to_anything(world: World) -> None:
    finding = FindingReported(
        finding_id=new_id(),
        ags=DINSLAKEN,
        kind=FindingKind.MISSING_LANGUAGE,
        about=Topic.HOUSING,
        reported_on=TODAY,
    )
    await world.hear(finding)
    [event] = await world.stream()
    assert event.data == {
        "ags": DINSLAKEN,
        "kind": "missing_language",
        "about": "housing",
        "reported_on": TODAY.isoformat(),
    }
    assert str(finding.finding_id) not in json.dumps(event.model_dump(mode="json"))


async def test_streams_are_counted_by_day_municipality_and_type(world: World) -> None:
    first, second = received(), received(consent())
    await world.hear(first, second, opened(first))
    rows = await world.database.pool.fetch("select type, ags, events from daily_cell order by type")
    assert [tuple(row) for row in rows] == [
        ("case.opened.v1", DINSLAKEN, 1),
        ("intake.enquiry.received.v1", DINSLAKEN, 2),
    ]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("given"), st.sampled_from([YESTERDAY, TODAY, TOMORROW]), st.sampled_from(Recipient)),
        st.tuples(st.just("revoked"), st.integers(0, 4), st.none()),
        st.tuples(st.just("event"), st.none(), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_consented_fields_leave_exactly_while_a_consent_stands(
    world: World, steps: list[tuple[str, Any, Any]]
) -> None:
    """Any timeline of consents given, revoked (before they are given, too), expired and given again."""
    enquiry = received()
    await world.hear(enquiry)
    ids, numbers = [new_id() for _ in range(5)], count()
    standing: dict[int, bool] = {}
    revoked: set[int] = set()
    seen = len(await world.stream())
    for kind, what, recipient in [*steps, ("event", None, None)]:
        if kind == "given":
            number = next(numbers) % 5
            standing.setdefault(number, recipient is Recipient.OFFICE_DINSLAKEN and what >= TODAY)
            await world.hear(_given(enquiry.enquiry_id, ids[number], recipient, what))
        elif kind == "revoked":
            revoked.add(what)
            standing.setdefault(what, False)
            await world.hear(_revoked(enquiry.enquiry_id, ids[what]))
        else:
            await world.hear(opened(enquiry))
            event = (await world.stream())[seen]
            seen += 1
            stands = any(good and number not in revoked for number, good in standing.items())
            assert ("languages" in (event.data or {})) is stands
            assert (event.withheld == []) is stands


def _given(enquiry_id: UUID, consent_id: UUID, recipient: Recipient, valid_until: date) -> ConsentGiven:
    return ConsentGiven(
        person_id=new_id(),
        consent_id=consent_id,
        enquiry_id=enquiry_id,
        kind=ConsentKind.PROCESSING,
        recipient=recipient,
        purpose=Purpose.COORDINATION,
        valid_until=valid_until,
    )


def _revoked(enquiry_id: UUID, consent_id: UUID) -> ConsentRevoked:
    return ConsentRevoked(person_id=new_id(), consent_id=consent_id, enquiry_id=enquiry_id, revoked_on=TODAY)
