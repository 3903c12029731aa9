"""Half-open spans of time, aware and in UTC, and the little algebra that joint slots need."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple


class Span(NamedTuple):
    """`starts` belongs to it, `ends` does not."""

    starts: datetime
    ends: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.starts < other.ends and other.starts < self.ends


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same instants as spans in order that neither overlap nor touch; empty spans vanish."""
    merged: list[Span] = []
    for span in sorted(span for span in spans if span.starts < span.ends):
        if merged and span.starts <= merged[-1].ends:
            merged[-1] = Span(merged[-1].starts, max(merged[-1].ends, span.ends))
        else:
            merged.append(span)
    return merged


def intersect(some: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """The instants that lie in both."""
    common = [Span(max(a.starts, b.starts), min(a.ends, b.ends)) for a in some for b in others]
    return merge(common)


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The instants of `spans` that do not lie in `taken`. One pass over both, once they are in order."""
    gone, left, at = merge(taken), [], 0
    for starts, ends in merge(spans):
        while at < len(gone) and gone[at].ends <= starts:
            at += 1
        here, rest = at, starts
        while here < len(gone) and gone[here].starts < ends:
            if rest < gone[here].starts:
                left.append(Span(rest, gone[here].starts))
            rest = gone[here].ends
            here += 1
        if rest < ends:
            left.append(Span(rest, ends))
    return left


def covers(spans: Iterable[Span], wanted: Span) -> bool:
    """Whether one of the spans, which must be merged, has room for all of `wanted`."""
    return any(span.starts <= wanted.starts and wanted.ends <= span.ends for span in spans)
