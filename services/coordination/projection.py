"""What of an event may leave: one rule for all events, driven by the disclosures that their contracts declare."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic_core import to_jsonable_python

from shared.contracts import case, coordination, intake, interpreter, scheduling
from shared.contracts.base import CONSENTED, OPEN, Contract, Disclosure, Event, disclosure_of
from shared.contracts.vocabulary import Topic

MOST_LAG = 5.0
"""Seconds by which the stream of consents may be behind before consented fields are withheld."""

PUBLISHED: Mapping[type[Event], Disclosure] = MappingProxyType(
    {
        intake.EnquiryReceived: OPEN,
        intake.EnquiryAccepted: OPEN,
        intake.EnquiryRedirected: OPEN,
        intake.EnquiryWithdrawn: OPEN,
        case.CaseOpened: OPEN,
        case.CaseAssigned: OPEN,
        case.CounsellingRequested: OPEN,
        case.CasePhaseChanged: OPEN,
        case.FindingReported: OPEN,
        scheduling.BookingRequested: OPEN,
        scheduling.BookingProposed: OPEN,
        scheduling.BookingHeld: OPEN,
        scheduling.BookingConfirmed: OPEN,
        scheduling.BookingReleased: OPEN,
        scheduling.InterpreterSwapped: CONSENTED,
        scheduling.LanguageUnmet: CONSENTED,
        interpreter.OfferMade: CONSENTED,
        interpreter.OfferAccepted: CONSENTED,
        interpreter.OfferDeclined: CONSENTED,
        interpreter.OfferExpired: CONSENTED,
        interpreter.OfferWithdrawn: CONSENTED,
        coordination.MeasureProposed: OPEN,
        coordination.MeasureDecided: OPEN,
    }
)
"""The events that reach a municipality, and what must hold for one to be there at all: those that tell by their mere
type that an interpreter is needed do so only with consent. Whatever is not named here stays with us."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    data: dict[str, Any]
    """JSON values of the fields that may leave."""
    withheld: list[str]
    """Names of the consented fields that may not, sorted."""


def may_leave(event: type[Event], *, consented: bool) -> bool:
    """Whether the event may be seen at all."""
    return event in PUBLISHED and _allowed(PUBLISHED[event], consented=consented)


def disclose(event: Contract, *, consented: bool) -> Disclosed:
    """Open fields always, consented ones with consent, internal ones never; the same within nested contracts."""
    fields = type(event).model_fields
    declared = {name: disclosure_of(type(event), name) for name in fields}
    return Disclosed(
        data={
            name: _value(getattr(event, name), consented=consented)
            for name in fields
            if _allowed(declared[name], consented=consented)
        },
        withheld=[] if consented else sorted(name for name in fields if declared[name] is CONSENTED),
    )


def topics_told(event: Event) -> set[Topic]:
    """Of which topics of somebody's life the consented fields tell."""
    fields = (name for name in type(event).model_fields if disclosure_of(type(event), name) is CONSENTED)
    values = [getattr(event, name) for name in fields]
    told = (each for value in values for each in (value if isinstance(value, list) else [value]))
    return {each for each in told if isinstance(each, Topic)}


def _allowed(disclosure: Disclosure, *, consented: bool) -> bool:
    return disclosure is OPEN or (disclosure is CONSENTED and consented)


def _value(value: Any, *, consented: bool) -> Any:
    match value:
        case Contract():
            return disclose(value, consented=consented).data
        case list() | tuple() | set() | frozenset():
            return [_value(each, consented=consented) for each in value]
        case dict():
            return {str(key): _value(each, consented=consented) for key, each in value.items()}
        case _:
            return to_jsonable_python(value)
