"""The funding pots' rules, read once from tariffs.json: what holds on the day of a talk."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.interpreter.domain import Credential
from shared.contracts.vocabulary import TalkPurpose, Topic
from shared.errors import DomainError

_FILE = Path(__file__).with_name("tariffs.json")


class NoTariffInForce(DomainError):
    """The funding pot has no rules for that day."""


class Kind(StrEnum):
    """What a talk is, where a pot has a rule about it."""

    LEGAL_CONSEQUENCES = "legal_consequences"
    MEDICAL = "medical"
    LONG_TERM_COUNSELLING = "long_term_counselling"
    WRITTEN_WORK = "written_work"
    WITHOUT_PROFESSIONAL = "without_professional"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Block(_Data):
    """`amount` EUR for up to `minutes`, or for each of them that is started."""

    minutes: Annotated[int, Field(gt=0)]
    amount: Annotated[Decimal, Field(ge=0)]


class Fee(_Data):
    first: Block
    """Always paid."""
    then: Block
    """For each started block after the first."""


class NoTravel(_Data):
    """Not paid, or included in the fee."""

    kind: Literal["none", "included"]


class TravelPerKilometre(_Data):
    """`amount` EUR for each kilometre, there and back: between two municipalities by the table of `shared.travel`."""

    kind: Literal["per_km"]
    amount: Decimal
    km_same_municipality: Decimal
    km_other_municipality: Decimal
    """From outside of the county."""


class LateCancellation(_Data):
    """Free until `free_until` in Berlin, `days_before` calendar days before the talk; then so many minutes are paid.

    Source: Paedalogik.
    """

    free_until: time
    days_before: int
    charged_minutes: int


class Asking(_Data):
    """How interpreters are asked: one by one, or so many in a round, of whom the first to accept comes."""

    at_once: Annotated[int, Field(ge=1, le=10)]
    answer_within_hours: Annotated[int, Field(ge=1)]
    """Then an offer expires: silence is never acceptance."""


class Exclusions(_Data):
    never: frozenset[Kind]
    sworn_only: frozenset[Kind]
    kinds_by_topic: Mapping[Topic, frozenset[Kind]]
    """How the pot reads a topic of counselling."""
    kinds_by_purpose: Mapping[TalkPurpose, frozenset[Kind]]
    """How it reads what the talk is for, as the case manager states it: nothing else tells whether it is long-term."""

    def kinds(self, topics: Sequence[Topic], purpose: TalkPurpose) -> frozenset[Kind]:
        of_topics = (self.kinds_by_topic.get(topic, frozenset()) for topic in topics)
        return self.kinds_by_purpose.get(purpose, frozenset()).union(*of_topics)


class Stakes(_Data):
    """Where much depends on every word: levels count double, and who has the credential is preferred."""

    topics: frozenset[Topic]
    purposes: frozenset[TalkPurpose]
    prefer: Credential

    def are_high(self, topics: Sequence[Topic], purpose: TalkPurpose) -> bool:
        return purpose in self.purposes or not self.topics.isdisjoint(topics)


class Rules(_Data):
    """One version of a pot's rules."""

    valid_from: date
    lead_working_days: int
    fee: Fee
    travel: Annotated[NoTravel | TravelPerKilometre, Field(discriminator="kind")]
    late_cancellation: LateCancellation
    missed: Literal["paid_in_full"]
    """Where the participant does not come, the interpreter did: what was quoted for the talk holds."""
    asking: Asking
    required_credentials: frozenset[Credential]
    exclusions: Exclusions
    stakes: Stakes
    assumed: tuple[str, ...]
    """Paths of the values that no published source gives."""
    note: str = ""


class InUse(_Data):
    pot: str
    note: str


class Tariffs(_Data):
    note: str
    in_use: InUse
    pots: Mapping[str, tuple[Rules, ...]]


class Tariff(BaseModel):
    """The rules of a pot in force on a day; `name` stands on every line of a quote."""

    model_config = ConfigDict(frozen=True)

    pot: str
    rules: Rules

    @property
    def name(self) -> str:
        return f"{self.pot}@{self.rules.valid_from}"


TARIFFS = Tariffs.model_validate_json(_FILE.read_bytes())


def tariff(day: date, pot: str = TARIFFS.in_use.pot, tariffs: Tariffs = TARIFFS) -> Tariff:
    """The pot's version with the latest valid-from up to that day. Raises NoTariffInForce."""
    begun = [rules for rules in tariffs.pots[pot] if rules.valid_from <= day]
    if not begun:
        raise NoTariffInForce
    return Tariff(pot=pot, rules=max(begun, key=lambda rules: rules.valid_from))
