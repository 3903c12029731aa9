"""Exchanges that make a plan better: all talks of one moment are given out anew, at least cost, while the rest stays.

Talks that are going on at one moment need one interpreter each, so giving them out is a plain assignment, and
`linear_sum_assignment` solves that exactly, fairness included: what one more talk costs an interpreter
is known while the rest stays. The present plan is among the answers, so no exchange makes it worse.

Only a planning process imports this, never the service that runs all the time (docs/adr: assignment).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from services.interpreter.costs import FAIRNESS, UNMET, Option, Supply
from shared.travel import way

SWEEPS = 12
"""Most passes over all moments; it ends before where one brings nothing."""
_NEVER = 1e9
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Columns:
    """The options as arrays: times in seconds, places by number."""

    request: Ints
    supply: Ints
    cost: Ints
    starts: Ints
    ends: Ints
    place: Ints
    ways: Ints
    """Seconds from place to place."""

    @classmethod
    def of(cls, options: Sequence[Option]) -> "_Columns":
        places: dict[str | None, int] = {None: 0}
        for option in options:
            places.setdefault(option.appointment.place, len(places))
        return cls(
            _ints(option.request for option in options),
            _ints(option.supply for option in options),
            _ints(option.cost for option in options),
            _ints(_seconds(option.appointment.starts_at) for option in options),
            _ints(_seconds(option.appointment.ends_at) for option in options),
            _ints(places[option.appointment.place] for option in options),
            np.array([[way(one, other).minutes * 60 for other in places] for one in places], np.int64),
        )


class Exchange:
    """A plan over the options, as places in them; -1: the request is unmet."""

    def __init__(self, options: Sequence[Option], requests: int, supplies: Sequence[Supply], chosen: Ints) -> None:
        self._of = _Columns.of(options)
        self._load = _ints(supply.recent for supply in supplies)
        self._by_request = _groups(self._of.request, requests)
        self._by_supply = _groups(self._of.supply, len(supplies))
        self._blocked = np.zeros(len(options), np.int64)
        """How many chosen options of the same interpreter each option collides with."""
        self.chosen = np.full(requests, -1, np.int64)
        for option in chosen[chosen >= 0]:
            self._put(np.array([option]), 1)

    def improve(self) -> Ints:
        """The plan after as many sweeps as bring something."""
        moments = np.unique(self._of.starts)
        for _ in range(SWEEPS):
            before = self.chosen.copy()
            for moment in moments:
                self._give_out_anew(int(moment))
            if (before == self.chosen).all():
                break
        return self.chosen

    def _give_out_anew(self, moment: int) -> None:
        requests = self._going_on(moment)
        if not requests.size:
            return
        present = self.chosen[requests]
        self._put(present[present >= 0], -1)
        self._put(self._cheapest(requests), 1)

    def _going_on(self, moment: int) -> Ints:
        """Requests whose talk is going on then, and those unmet that could."""
        now = (self._of.starts <= moment) & (moment < self._of.ends)
        could = np.unique(self._of.request[now])
        chosen = self.chosen[could]
        return could[(chosen < 0) | now[chosen]]

    def _cheapest(self, requests: Ints) -> Ints:
        """Options, at most one for each of the requests and each interpreter, at least cost."""
        ways = np.concatenate([self._by_request[request] for request in requests])
        ways = ways[self._blocked[ways] == 0]
        rows = np.searchsorted(requests, self._of.request[ways])
        people, columns = np.unique(self._of.supply[ways], return_inverse=True)
        costs = self._of.cost[ways] + FAIRNESS * self._load[self._of.supply[ways]]
        table = np.full((len(requests), len(people) + len(requests)), _NEVER)
        table[np.arange(len(requests)), len(people) + np.arange(len(requests))] = UNMET
        best = np.full(table.shape, -1, np.int64)
        order = np.argsort(-costs, kind="stable")  # of several at other times the cheapest is written last
        table[rows[order], columns[order]], best[rows[order], columns[order]] = costs[order], ways[order]
        row, column = linear_sum_assignment(table)
        found: Ints = best[row, column]
        return found[found >= 0]

    def _put(self, options: Ints, sign: int) -> None:
        """Chooses (1) options, or (-1) gives them up; each has another interpreter."""
        if not options.size:
            return
        of, supplies = self._of, self._of.supply[options]
        self.chosen[of.request[options]] = options if sign > 0 else -1
        self._load[supplies] += sign
        groups = [self._by_supply[supply] for supply in supplies]
        theirs = np.concatenate(groups)
        put = np.repeat(options, [len(group) for group in groups])
        time = of.ways[of.place[theirs], of.place[put]]
        collide = (of.starts[theirs] < of.ends[put] + time) & (of.starts[put] < of.ends[theirs] + time)
        self._blocked[theirs] += sign * collide


def exchanged(
    options: Sequence[Option], requests: int, supplies: Sequence[Supply], chosen: dict[int, Option]
) -> dict[int, Option]:
    """The plan after all exchanges that make it cost less."""
    places = {id(option): at for at, option in enumerate(options)}
    begun = np.full(requests, -1, np.int64)
    for request, option in chosen.items():
        begun[request] = places[id(option)]
    found = Exchange(options, requests, supplies, begun).improve()
    return {request: options[at] for request, at in enumerate(found.tolist()) if at >= 0}


def _groups(keys: Ints, number: int) -> list[Ints]:
    """Key -> places with it, in order."""
    order = np.argsort(keys, kind="stable")
    bounds = np.searchsorted(keys[order], np.arange(number + 1))
    return [order[bounds[at] : bounds[at + 1]] for at in range(number)]


def _ints(values: Any) -> Ints:
    return np.fromiter(values, np.int64)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
