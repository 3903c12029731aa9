"""CloudEvents 1.0 over Kafka, binary mode: attributes as `ce_*` headers, a bare JSON value.

Source: CloudEvents Kafka Protocol Binding 1.0.2, 3.2. `content-type` has no prefix.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

from shared.contracts.base import Event

E = TypeVar("E", bound=Event)
Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Envelope(Generic[E]):
    """An event as a handler receives it."""

    id: UUID
    type: str
    source: str
    subject: str
    """Id of the aggregate: events of one subject arrive in order."""
    time: datetime
    traceparent: str | None
    data: E


class UnreadableEventError(Exception):
    """The record is no CloudEvent that this version can read."""


def headers(  # noqa: PLR0913 - the attributes of the specification
    *,
    id: UUID | str,
    type: str,
    source: str,
    subject: str,
    time: datetime,
    traceparent: str | None = None,
    sequence: int | None = None,
) -> Headers:
    """The record headers of an event. Optional attributes are left out where they are None."""
    attributes = {
        "specversion": "1.0",
        "id": str(id),
        "source": source,
        "type": type,
        "subject": subject,
        "time": time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "traceparent": traceparent,
        "sequence": None if sequence is None else f"{sequence:012d}",
    }
    return [
        *((f"ce_{name}", value.encode()) for name, value in attributes.items() if value is not None),
        ("content-type", b"application/json"),
    ]


def attributes(record_headers: Mapping[str, bytes]) -> dict[str, str]:
    """The `ce_*` attributes without their prefix."""
    return {name[3:]: value.decode() for name, value in record_headers.items() if name.startswith("ce_")}


def read(model: type[E], record_headers: Mapping[str, bytes], value: bytes) -> Envelope[E]:
    """The envelope of a record of `model.type`. Raises UnreadableEventError, which quotes nothing of it."""
    given = attributes(record_headers)
    try:
        return Envelope(
            id=UUID(given["id"]),
            type=given["type"],
            source=given["source"],
            subject=given["subject"],
            time=datetime.fromisoformat(given["time"]),
            traceparent=given.get("traceparent"),
            data=model.model_validate_json(value),
        )
    except (KeyError, ValueError) as error:
        raise UnreadableEventError(f"unreadable {model.type}: {error.__class__.__name__}") from None
