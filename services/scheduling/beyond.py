"""What a talk in another place, or with another case manager, would give where there is no joint slot. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.scheduling.calendars import Calendar
from services.scheduling.shortage import Change, Relief
from services.scheduling.slots import Parties, Talk, joint_spans, spans_with_any
from services.scheduling.working_days import Days


@dataclass(frozen=True, slots=True)
class Others:
    """Whom and what the search did not look at."""

    places: Mapping[str, Parties]
    """By AGS: the same client and case manager, with rooms and interpreters of that municipality."""
    case_managers: Sequence[Calendar] = ()
    """Who else may have cases of the municipality."""


def reliefs(parties: Parties, talk: Talk, days: Days, others: Others) -> list[Relief]:
    """At most one of each change. Elsewhere is where the first slot is; interpreters are not given up."""
    there = [
        relief
        for ags, its in others.places.items()
        for relief in Relief.of(Change.ELSEWHERE, joint_spans(its, replace(talk, place=ags), days.searched), ags)
    ]
    nearest = sorted(there, key=lambda relief: (relief.first, -relief.slots, relief.ags))
    colleagues = spans_with_any(others.case_managers, parties, talk, days.searched)
    return [*nearest[:1], *Relief.of(Change.ANOTHER_CASE_MANAGER, colleagues)]
