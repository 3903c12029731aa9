"""The hash chain of a municipal stream: sealing an event, and what every reader may verify by itself.

hash = SHA-256(RFC 8785 of {sequence, id, type, time, root, previous}); `time` is the day in Europe/Berlin, `root` is
SHA-256(RFC 8785 of the commitments). A redaction drops values and salts and leaves the commitments: the chain holds.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785

from shared.contracts.municipal import MunicipalEvent

GENESIS = "0" * 64
"""`previous_hash` of a stream's first event."""
_BERLIN = ZoneInfo("Europe/Berlin")


class ChainBrokenError(Exception):
    """The stream is not what was published; `sequence` is where it was found."""

    def __init__(self, sequence: int, what: str) -> None:
        super().__init__(f"event {sequence}: {what}")
        self.sequence = sequence


def verify(events: Iterable[MunicipalEvent], *, after: int = 0, previous_hash: str = GENESIS) -> None:
    """Raises ChainBrokenError unless the events, in order of sequence, follow the event `after` without a gap.

    For a part of a stream give the sequence and the hash of the event before it. What is redacted is verified by its
    commitments, all else by its values too.
    """
    for event in events:
        _require(event, event.sequence == after + 1, f"follows {after}")
        _require(event, event.previous_hash == previous_hash, "does not continue the event before it")
        _require(event, event.hash == link(event), "hash does not match")
        _verify_values(event)
        after, previous_hash = event.sequence, event.hash


def in_order(events: Iterable[MunicipalEvent]) -> list[MunicipalEvent]:
    """By sequence, without duplicates: of several with one sequence the last that came, since it may be a redaction."""
    latest = {event.sequence: event for event in events}
    return [latest[sequence] for sequence in sorted(latest)]


def seal(event: MunicipalEvent, salts: Mapping[str, str]) -> MunicipalEvent:
    """The event with its commitments and hash; `salts` has 32 random bytes, in hex, for each of its `leaves`."""
    committed = event.model_copy(update={"salts": dict(salts), "commitments": commit(salts, leaves(event))})
    return committed.model_copy(update={"hash": link(committed)})


def redact(event: MunicipalEvent) -> MunicipalEvent:
    """The event without anything that could be read from it: its place in the chain is left."""
    nothing: dict[str, Any] = {"data": None, "withheld": [], "salts": {}, "subject": None, "time": midnight(event.time)}
    return event.model_copy(update=nothing)


def leaves(event: MunicipalEvent) -> dict[str, Any]:
    """Leaf -> value, as committed to."""
    return {
        "subject": event.subject,
        "time": event.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "withheld": event.withheld,
        **{f"data.{name}": value for name, value in (event.data or {}).items()},
    }


def commit(salts: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    """Leaf -> SHA-256(salt || RFC 8785 of [leaf, value]), in hex. Every leaf needs its salt."""
    return {
        leaf: hashlib.sha256(bytes.fromhex(salts[leaf]) + rfc8785.dumps([leaf, value])).hexdigest()
        for leaf, value in values.items()
    }


def link(event: MunicipalEvent) -> str:
    """The hash that the event must have."""
    root = hashlib.sha256(rfc8785.dumps(dict(event.commitments))).hexdigest()
    linked: dict[str, Any] = {
        "sequence": event.sequence,
        "id": str(event.id),
        "type": event.type,
        "time": day(event.time).isoformat(),
        "root": root,
        "previous": event.previous_hash,
    }
    return hashlib.sha256(rfc8785.dumps(linked)).hexdigest()


def day(moment: datetime) -> date:
    """The day in Europe/Berlin, which is what the chain says of the time."""
    return moment.astimezone(_BERLIN).date()


def midnight(moment: datetime) -> datetime:
    """Midnight UTC of that day: a time that tells no more than the day."""
    return datetime.combine(day(moment), time(), UTC)


def _verify_values(event: MunicipalEvent) -> None:
    if event.redacted:
        opened = event.salts or event.withheld or event.subject or event.time != midnight(event.time)
        _require(event, not opened, "is redacted in part")
        return
    values = leaves(event)
    _require(event, values.keys() == event.salts.keys() == event.commitments.keys(), "has other fields")
    for leaf, commitment in commit(event.salts, values).items():
        _require(event, commitment == event.commitments[leaf], f"{leaf} does not match its commitment")


def _require(event: MunicipalEvent, holds: bool, what: str) -> None:  # noqa: FBT001 -- it is what is required
    if not holds:
        raise ChainBrokenError(event.sequence, what)
