"""The exact part of the assignment: a mixed integer programme, solved by HiGHS through scipy.

Only a planning process imports this, never the service that runs all the time (docs/adr: assignment).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from services.interpreter.costs import FAIRNESS, UNMET, Option, collide
from shared.travel import FARTHEST

NODES = 200
"""Most nodes of the search tree, so that it ends; a bound in seconds would make results differ by machine."""


@dataclass
class _Programme:
    """Columns are 0 or 1; rows bound sums of columns."""

    costs: list[int] = field(default_factory=list)
    rows: list[tuple[Sequence[int], Sequence[int], int, int]] = field(default_factory=list)
    """Columns, their factors, least and most."""

    def column(self, cost: int) -> int:
        self.costs.append(cost)
        return len(self.costs) - 1

    def row(self, columns: Sequence[int], least: int, most: int, factors: Sequence[int] = ()) -> None:
        self.rows.append((columns, factors or [1] * len(columns), least, most))

    def solve(self) -> Sequence[float] | None:
        lengths = [len(columns) for columns, *_ in self.rows]
        at = [row for row, length in enumerate(lengths) for _ in range(length)]
        columns = list(chain.from_iterable(row[0] for row in self.rows))
        factors = list(chain.from_iterable(row[1] for row in self.rows))
        matrix = csr_array((factors, (at, columns)), shape=(len(self.rows), len(self.costs)))
        bounds = LinearConstraint(matrix, [row[2] for row in self.rows], [row[3] for row in self.rows])
        found = milp(
            self.costs,
            integrality=[1] * len(self.costs),
            bounds=Bounds(0, 1),
            constraints=bounds,
            options={"node_limit": NODES, "mip_rel_gap": 0},
        )
        return None if found.x is None else list(found.x)


def solve(options: Sequence[Option], load: Mapping[int, int]) -> list[int] | None:
    """Places of the options to choose, at least total cost; None where none was found within the limit.

    `load`: assignments that each interpreter has already, recent ones and those planned outside of these options.
    """
    programme = _Programme()
    for option in options:
        programme.column(option.cost)
    for places in _grouped(option.request for option in options).values():
        programme.row([*places, programme.column(UNMET)], 1, 1)
    for supply, places in _grouped(option.supply for option in options).items():
        for clique in _cliques(options, places):
            programme.row(clique, 0, 1)
        _spread(programme, places, load.get(supply, 0), _most(options, places))
    found = programme.solve()
    return None if found is None else [at for at in range(len(options)) if found[at] > 0.5]


def _grouped(keys: Iterable[int]) -> Mapping[int, list[int]]:
    places: dict[int, list[int]] = defaultdict(list)
    for at, key in enumerate(keys):
        places[key].append(at)
    return places


def _most(options: Sequence[Option], places: Sequence[int]) -> int:
    """Talks that one interpreter can do at most: those that end first, one after the other, and no way between."""
    most, free = 0, None
    for appointment in sorted((options[at].appointment for at in places), key=lambda a: a.ends_at):
        if free is None or appointment.starts_at >= free:
            most, free = most + 1, appointment.ends_at
    return most


def _spread(programme: _Programme, places: Sequence[int], load: int, most: int) -> None:
    """Each further talk of an interpreter costs more than the one before, so the cost is convex and stays exact."""
    steps = [programme.column(FAIRNESS * (load + step)) for step in range(most)]
    programme.row([*places, *steps], 0, 0, [1] * len(places) + [-1] * len(steps))


def _cliques(options: Sequence[Option], places: Sequence[int]) -> Iterable[list[int]]:
    """Sets of options that all collide with each other, which together cover every pair that does."""
    in_order = sorted(places, key=lambda at: (options[at].appointment.starts_at, at))
    longest = max(options[at].appointment.ends_at - options[at].appointment.starts_at for at in places) + FARTHEST.time
    for number, at in enumerate(in_order):
        cliques: list[list[int]] = []
        since = options[at].appointment.starts_at - longest
        for earlier in reversed(in_order[:number]):
            if options[earlier].appointment.starts_at < since:
                break
            if not _collide(options, earlier, at):
                continue
            fitting = (clique for clique in cliques if all(_collide(options, earlier, one) for one in clique))
            clique = next(fitting, None)
            if clique is None:
                cliques.append([earlier])
            else:
                clique.append(earlier)
        yield from ([at, *clique] for clique in cliques)


def _collide(options: Sequence[Option], one: int, other: int) -> bool:
    return collide(options[one].appointment, options[other].appointment)
