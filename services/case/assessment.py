"""Assessments along life areas, each a value on one scale, kept one beside the other so that change can be seen."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from services.case import refusals
from services.case.case import Case
from shared.contracts.vocabulary import Phase, Topic


class Rating(IntEnum):
    """A house scale of five, from what cannot wait to what needs no help."""

    ACUTE = 1
    UNSTABLE = 2
    FRAGILE = 3
    SUFFICIENT = 4
    STABLE = 5


@dataclass(frozen=True, slots=True)
class Assessment:
    assessment_id: UUID
    assessed_on: date
    ratings: Mapping[Topic, Rating]
    """Of the life areas that were looked at."""


def within(assessments: Iterable[Assessment], areas: Collection[Topic]) -> list[Assessment]:
    """What they say of these life areas alone; one that says nothing else is not among them."""
    kept = [(each, {area: value for area, value in each.ratings.items() if area in areas}) for each in assessments]
    return [replace(each, ratings=ratings) for each, ratings in kept if ratings]


class Change(NamedTuple):
    area: Topic
    first: Rating
    latest: Rating

    @property
    def by(self) -> int:
        return self.latest - self.first


def assess(case: Case, assessment: Assessment) -> Assessment:
    """Raises CaseIsClosed, AssessmentTooEarly."""
    if case.is_closed:
        raise refusals.CaseIsClosed
    if case.phase is Phase.CLARIFICATION:
        raise refusals.AssessmentTooEarly("phase")
    return assessment


def changes(assessments: Iterable[Assessment]) -> list[Change]:
    """Per life area, from the first value to the latest; `assessments` stand in the order of time."""
    seen: dict[Topic, Change] = {}
    for assessment in assessments:
        for area, rating in assessment.ratings.items():
            seen[area] = Change(area, seen[area].first if area in seen else rating, rating)
    return [seen[area] for area in Topic if area in seen]
