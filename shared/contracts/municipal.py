"""What a reader of `kim.municipality.<AGS>.v1` gets: an event as projected for one municipality, in a hash chain.

On Kafka the CloudEvents attributes are headers (`ce_sequence` has the place in the chain) and the rest is the value.
Over HTTP all of it is one JSON object. Whether a chain is whole tells `services.coordination.chain.verify`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared import envelope
from shared.envelope import Headers


class MunicipalBody(BaseModel):
    """The record's value. After a redaction `data`, `withheld` and `salts` are empty; the commitments stay."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    data: dict[str, Any] | None
    """The fields that this stream's readers may see, by the names of the event's contract."""
    withheld: list[str]
    """Names of the fields that the participant's consent would have shown."""
    salts: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]
    """Leaf -> 32 random bytes, in hex. Leaves are `subject`, `time`, `withheld` and `data.<field>`."""
    commitments: dict[str, str]
    """Leaf -> SHA-256(salt || RFC 8785 of [leaf, value]), in hex."""
    previous_hash: str
    hash: str


class MunicipalEvent(MunicipalBody):
    sequence: int
    """Place in this stream: 1, 2, 3 ... without a gap. Readers sort by it and drop duplicates."""
    id: UUID
    """Random, of this stream alone; the key of the Kafka record."""
    type: str
    """That of the event's contract."""
    time: datetime
    """Midnight UTC of the day in Europe/Berlin; the moment itself only with the participant's consent."""
    subject: str | None
    """Pseudonym of the enquiry (or finding, or measure) in this stream alone; None after a redaction."""

    @property
    def redacted(self) -> bool:
        return self.data is None

    @classmethod
    def of_record(cls, headers: Mapping[str, bytes], value: bytes) -> Self:
        """From a Kafka record. Raises KeyError or ValueError where it is not one of a municipal stream."""
        given = envelope.attributes(headers)
        return cls(
            sequence=int(given["sequence"]),
            id=UUID(given["id"]),
            type=given["type"],
            time=datetime.fromisoformat(given["time"]),
            subject=given.get("subject"),
            **MunicipalBody.model_validate_json(value).model_dump(),
        )

    def headers(self, source: str) -> Headers:
        """The record's headers: no trace context, it is internal."""
        given = envelope.headers(
            id=self.id,
            type=self.type,
            source=source,
            subject=self.subject or "",
            time=self.time,
            sequence=self.sequence,
        )
        return [header for header in given if self.subject or header[0] != "ce_subject"]

    def value(self) -> bytes:
        return self.model_dump_json(include=set(MunicipalBody.model_fields)).encode()
