"""The search for joint slots. Pure: it says whose calendars it needs, and is given them as they were read."""

from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias
from uuid import UUID

from services.scheduling.calendars import Calendar, Sight
from services.scheduling.slots import Option, Talk, anybody_free, both_free
from services.scheduling.spans import Span
from services.scheduling.spreading import Preference, spread
from services.scheduling.ways import Ways

CANDIDATES = 8
"""Most slots for which interpreters are ranked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to meet. None: a room, or an interpreter, is not needed."""

    client: UUID
    case_manager: UUID
    rooms: Sequence[UUID] | None
    interpreters: Sequence[UUID] | None
    preferred: Sequence[frozenset[UUID]] = ()
    """Groups of interpreters: only where nobody of one is free for anything, the next is looked at."""
    familiar: frozenset[UUID] = frozenset()
    """Interpreters who know the case."""
    present: Span | None = None
    """Of a talk that is to be moved: when it is now, which is no other time."""


class Need(NamedTuple):
    """Whose calendars have to be known next, and of which busy times: those that matter for `spans` will do."""

    ids: Collection[UUID]
    spans: Sequence[Span] | None
    """None: all."""


class Found(NamedTuple):
    options: list[Option]
    travelling: Sequence[Ways]
    """Of client and case manager."""
    lacks_interpreter: bool = False
    """There were joint spans, and for none of them an interpreter."""


Known: TypeAlias = Mapping[UUID, Calendar]
Joint: TypeAlias = Sequence[tuple[date, Sequence[Span]]]
"""Days, and the spans that start on each."""


def searching(wanted: Wanted, talk: Talk, days: Iterable[date]) -> Generator[Need, Known, Found]:
    """At most `CANDIDATES` options, spread over the days, in order of time.

    Where there are spans with one of a preferred group, only those count; after all of them any interpreter will do,
    since interpreter tells what else could be tried. Of the spans of half a day, the `Preference` is for one.
    """
    both = yield Need([wanted.client, wanted.case_manager], None)
    client, manager = (Sight(both[who], talk.place) for who in (wanted.client, wanted.case_manager))
    free = ((day, both_free(client, manager, talk.duration, day)) for day in days)
    joint: Joint = [(day, [span for span in spans if span != wanted.present]) for day, spans in free]
    if wanted.rooms is not None:
        known = yield Need(wanted.rooms, _all(joint))
        rooms = [Sight(known[room], talk.place) for room in wanted.rooms]
        joint = [(day, [span for span in spans if anybody_free(rooms, span, day)]) for day, spans in joint]
    ways = [Ways(each, talk.place) for each in both.values()]
    best = Preference(ways, wanted.familiar)
    if wanted.interpreters is None:
        return Found(spread([[Option(span, ()) for span in spans] for _, spans in joint], CANDIDATES, best), ways)
    chosen = yield from _with_interpreter(wanted, talk.place, joint, best)
    return Found(chosen, ways, lacks_interpreter=bool(_all(joint)) and not chosen)


def _with_interpreter(
    wanted: Wanted, place: str | None, joint: Joint, best: Preference
) -> Generator[Need, Known, list[Option]]:
    """Everybody is looked at only for the few spans that are chosen, or where nobody preferred is free for any."""
    everybody = frozenset(wanted.interpreters or ())
    for group in dict.fromkeys((*(group & everybody for group in wanted.preferred), everybody)):
        asked = sorted(group | (wanted.familiar & everybody)) if group else []
        options = yield from _options(asked, place, joint)
        usable = [[option for option in day if not group.isdisjoint(option.interpreters)] for day in options]
        if chosen := {option.span for option in spread(usable, CANDIDATES, best)}:
            few = [(day, [span for span in spans if span in chosen]) for day, spans in joint]
            whole = yield from _options(wanted.interpreters or (), place, few)
            return [option for day in whole for option in day]
    return []


def _options(people: Sequence[UUID], place: str | None, joint: Joint) -> Generator[Need, Known, list[list[Option]]]:
    """By day: of each span, who of them is free, in the order given."""
    known = yield Need(people, _all(joint))
    sights = [Sight(known[who], place) for who in people]
    return [
        [Option(span, tuple(one.resource_id for one in sights if one.is_free(span, day))) for span in spans]
        for day, spans in joint
    ]


def _all(joint: Joint) -> list[Span]:
    return [span for _, spans in joint for span in spans]
