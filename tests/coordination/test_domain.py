from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.coordination.domain import (
    AlreadyDecided,
    Consent,
    Finding,
    Measure,
    NothingFound,
    NotServed,
    decide,
    is_consented,
    propose,
)
from shared.contracts.coordination import MeasureDecided, MeasureProposed
from shared.contracts.vocabulary import ConsentKind, FindingKind, Purpose, Recipient, Topic
from tests.coordination.world import ALPEN, DINSLAKEN

TODAY = date(2026, 11, 24)
CONSENT = Consent(
    UUID(int=1),
    UUID(int=2),
    ConsentKind.PROCESSING,
    Recipient.OFFICE_DINSLAKEN,
    Purpose.COORDINATION,
    valid_until=TODAY,
)
MEASURE = Measure(UUID(int=3), "dinslaken", DINSLAKEN, FindingKind.MISSING_LANGUAGE, Topic.HOUSING, proposed_on=TODAY)
FOUND = Finding(UUID(int=4), DINSLAKEN, FindingKind.MISSING_LANGUAGE, Topic.HOUSING, reported_on=TODAY)


def test_a_consent_counts_through_its_last_day() -> None:
    assert CONSENT.shows_to("dinslaken", TODAY)
    assert not CONSENT.shows_to("dinslaken", TODAY + timedelta(days=1))


def test_a_consent_shows_nothing_to_another_office() -> None:
    assert not CONSENT.shows_to("kreis-wesel", TODAY)


def test_a_consent_for_some_topics_shows_nothing_that_tells_of_others() -> None:
    housing = replace(CONSENT, topics=frozenset({Topic.HOUSING, Topic.WORK}))
    assert is_consented([housing], "dinslaken", TODAY, [Topic.HOUSING])
    assert is_consented([housing], "dinslaken", TODAY)
    assert not is_consented([housing], "dinslaken", TODAY, [Topic.HOUSING, Topic.HEALTH])
    assert is_consented([housing, CONSENT], "dinslaken", TODAY, [Topic.WORK, Topic.RESIDENCE])


OF_EACH_KIND = [replace(CONSENT, kind=kind) for kind in ConsentKind]


def test_health_is_shown_to_whom_each_kind_of_consent_names_alone() -> None:
    assert is_consented(OF_EACH_KIND, "dinslaken", TODAY, [Topic.HEALTH, Topic.HOUSING])
    assert not is_consented([CONSENT], "dinslaken", TODAY, [Topic.HEALTH])
    assert is_consented([CONSENT], "dinslaken", TODAY, [Topic.HOUSING])


@pytest.mark.parametrize("lacking", ConsentKind)
@pytest.mark.parametrize(
    "instead",
    [{"revoked": True}, {"recipient": Recipient.KIM}, {"purpose": Purpose.COUNSELLING}, {"topics": {Topic.WORK}}],
    ids=lambda instead: next(iter(instead)),
)
def test_of_health_no_kind_of_consent_is_missing(lacking: ConsentKind, instead: dict[str, Any]) -> None:
    given_ = [replace(each, **instead) if each.kind is lacking else each for each in OF_EACH_KIND]
    assert not is_consented(given_, "dinslaken", TODAY, [Topic.HEALTH])


def test_consent_to_special_categories_covers_those_and_need_cover_nothing_else() -> None:
    given_ = [
        each if each.kind is ConsentKind.PROCESSING else replace(each, topics=frozenset({Topic.HEALTH}))
        for each in OF_EACH_KIND
    ]
    assert is_consented(given_, "dinslaken", TODAY, [Topic.HEALTH, Topic.HOUSING])


@pytest.mark.parametrize(
    "other",
    [
        replace(CONSENT, kind=ConsentKind.SPECIAL_CATEGORIES),
        replace(CONSENT, kind=ConsentKind.CONFIDENTIALITY_RELEASE),
        replace(CONSENT, purpose=Purpose.COUNSELLING),
        replace(CONSENT, recipient=Recipient.KIM),
        replace(CONSENT, recipient=Recipient.FOREIGNERS_AUTHORITY),
        replace(CONSENT, revoked=True),
        Consent(UUID(int=1), UUID(int=2), None, None, None, None, revoked=True),
    ],
)
def test_no_other_consent_stands_in_for_it(other: Consent) -> None:
    assert not is_consented([other], "dinslaken", TODAY)


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), max_size=5))
def test_one_consent_that_stands_is_enough(given_: list[tuple[bool, int]]) -> None:
    consents = [replace(CONSENT, revoked=revoked, valid_until=TODAY + timedelta(days=days)) for revoked, days in given_]
    assert is_consented(consents, "dinslaken", TODAY) is any(not revoked and days >= 0 for revoked, days in given_)


def test_a_measure_answers_the_open_findings_of_its_matter() -> None:
    others = [
        replace(FOUND, ags=ALPEN),
        replace(FOUND, kind=FindingKind.WAITING_TIME),
        replace(FOUND, about=Topic.WORK),
        replace(FOUND, measure_id=UUID(int=9)),
    ]
    (_, answered), events = propose(MEASURE, {DINSLAKEN}, [*others, FOUND])
    assert answered == [replace(FOUND, measure_id=MEASURE.measure_id)]
    assert events == [
        MeasureProposed(
            measure_id=MEASURE.measure_id,
            ags=DINSLAKEN,
            kind=FindingKind.MISSING_LANGUAGE,
            about=Topic.HOUSING,
            proposed_on=TODAY,
        )
    ]


def test_a_measure_without_a_finding_is_refused() -> None:
    with pytest.raises(NothingFound):
        propose(MEASURE, {DINSLAKEN}, [])


def test_an_office_proposes_nothing_for_the_municipality_of_another() -> None:
    with pytest.raises(NotServed) as refused:
        propose(MEASURE, {ALPEN}, [FOUND])
    assert refused.value.field == "ags"


@pytest.mark.parametrize("adopted", [True, False])
def test_findings_of_an_adopted_measure_are_answered_and_of_a_rejected_one_open_again(*, adopted: bool) -> None:
    answered = replace(FOUND, measure_id=MEASURE.measure_id)
    (measure, left), events = decide(MEASURE, [answered], adopted=adopted, on=TODAY)
    assert (measure.adopted, measure.decided_on) == (adopted, TODAY)
    assert left == [answered if adopted else FOUND]
    assert events == [MeasureDecided(measure_id=MEASURE.measure_id, ags=DINSLAKEN, adopted=adopted, decided_on=TODAY)]


def test_what_is_decided_is_not_decided_again() -> None:
    (measure, _), _ = decide(MEASURE, [], adopted=True, on=TODAY)
    with pytest.raises(AlreadyDecided):
        decide(measure, [], adopted=False, on=TODAY)
