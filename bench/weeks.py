"""Generated weeks: interpreters with languages, hours and work behind them, and the talks that wait for them.

Every hard rule of `ranking.Refusal` is broken by some of them.
"""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from services.interpreter.costs import Appointment, OpenRequest, Supply
from services.interpreter.domain import Credentials, Interpreter, Level, SpokenLanguage
from services.interpreter.ranking import OpenSlot, Talk
from services.interpreter.tariffs import Kind, tariff
from shared.contracts.vocabulary import LANGUAGES, Gender
from shared.municipalities import BY_AGS

MONDAY = date(2026, 3, 16)
IN_FORCE = tariff(MONDAY, "steinfurt")
TAGS = sorted(LANGUAGES - {"de"})[:27]
WEIGHTS = [1 / (rank + 1) ** 0.7 for rank in range(len(TAGS))]
AGS = sorted(BY_AGS)
Week = tuple[list[OpenRequest], list[Supply]]


def week(requests: int, interpreters: int, seed: int, hard: float = 0.04) -> Week:
    """The same for the same numbers. Each interpreter works in about half of the ten half days.

    `hard`: how often each condition is drawn that refuses somebody, besides language, place and hours.
    """
    chance, rules = random.Random(seed), _Hard(random.Random(f"hard {seed}"), hard)  # noqa: S311 - the same week again
    supplies = [_supply(chance) for _ in range(interpreters)]
    hours = {each.interpreter.id: {half for half in range(10) if chance.random() < 0.6} for each in supplies}
    asked = [_request(chance, supplies, hours) for _ in range(requests)]
    return [rules.on_request(each) for each in asked], [rules.on_supply(each) for each in supplies]


class _Hard:
    """Draws conditions from a source of its own, so that the rest of a week is the same however hard it is."""

    def __init__(self, chance: random.Random, often: float) -> None:
        self._chance, self._often = chance, often

    def on_supply(self, supply: Supply) -> Supply:
        who = supply.interpreter
        changes: dict[str, object] = {"active": not self._hits(), "conflicts": (self._token(),) if self._hits() else ()}
        if self._hits():
            expired = MONDAY + timedelta(days=self._chance.randrange(-1, 4))
            changes["credentials"] = who.credentials.model_copy(update={"certificate_of_conduct": expired})
        return replace(supply, interpreter=who.model_copy(update=changes))

    def on_request(self, request: OpenRequest) -> OpenRequest:
        talk, conflicts = request.appointments[0].talk, frozenset({self._token()})
        strict = replace(
            talk,
            gender_binding=talk.gender is not None and self._chance.random() < 0.5,
            kinds=frozenset(kind for kind in (Kind.LEGAL_CONSEQUENCES, Kind.MEDICAL) if self._hits()),
            earliest=MONDAY + timedelta(days=self._chance.randrange(8)) if self._hits() else MONDAY,
            conflicts=conflicts if self._hits() else frozenset(),
        )
        return replace(request, appointments=tuple(replace(each, talk=strict) for each in request.appointments))

    def _hits(self) -> bool:
        return self._chance.random() < self._often

    def _token(self) -> str:
        """One of two communities, so that they often meet."""
        return self._chance.choice("ab") * 64


def _supply(chance: random.Random) -> Supply:
    spoken = set(chance.choices(TAGS, WEIGHTS, k=chance.choice([1, 2, 2, 3])))
    until = MONDAY + timedelta(days=365)
    who = Interpreter(
        id=_id(chance),
        gender=chance.choice([Gender.FEMALE, Gender.MALE]),
        languages=tuple(SpokenLanguage(language=tag, level=chance.choice(list(Level))) for tag in sorted(spoken)),
        municipalities=tuple(chance.sample(AGS, chance.randint(3, len(AGS)))),
        base_postcode="46535",
        credentials=Credentials(
            certificate_of_conduct=until, data_secrecy=until, sworn=until if chance.random() < 0.3 else None
        ),
        active=True,
    )
    return Supply(who, chance.randint(0, 20), chance.choice([*AGS, None]))


def _request(chance: random.Random, supplies: list[Supply], hours: dict[UUID, set[int]]) -> OpenRequest:
    day, start, length = chance.randrange(5), chance.randrange(16, 34), chance.choice([2, 3, 3, 4])
    starts_at = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=UTC) + timedelta(days=day, minutes=30 * start)
    halves = {2 * day + (at >= 26) for at in (start, start + length - 1)}
    free = frozenset(each.interpreter.id for each in supplies if halves <= hours[each.interpreter.id])
    remote, ags = chance.random() < 0.2, chance.choice(AGS)
    talk = Talk(
        ags=ags,
        languages=tuple(dict.fromkeys(chance.choices(TAGS, WEIGHTS, k=chance.choice([1, 1, 2])))),
        kinds=frozenset(),
        rules=IN_FORCE.rules,
        earliest=MONDAY,
        remote=remote,
        gender=chance.choice([None, None, None, Gender.FEMALE]),
        high_stakes=chance.random() < 0.5,
    )
    appointment = Appointment(
        OpenSlot(_id(chance), starts_at.date(), free),
        talk,
        IN_FORCE,
        starts_at,
        starts_at + timedelta(minutes=30 * length),
        None if remote else ags,
    )
    known = chance.sample(supplies, 1) if chance.random() < 0.3 else []
    return OpenRequest(_id(chance), (appointment,), frozenset(each.interpreter.id for each in known))


def _id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
