"""Consents given before, as the case manager's page shows them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shared.consent_rules import COUNSELLING


class State(StrEnum):
    IN_FORCE = "in_force"
    OVER = "over"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Shown:
    view: Mapping[str, Any]
    """As person shows it."""
    state: State
    ends_counselling: bool
    """Whether a revocation would: counselling stands on this one alone (Art. 7(3) GDPR)."""


def shown(consents: Iterable[Mapping[str, Any]], today: date) -> list[Shown]:
    """In the same order."""
    found = [(each, _state(each, today)) for each in consents]
    alone = sum(_is_for_counselling(each) and state is State.IN_FORCE for each, state in found) == 1
    return [
        Shown(each, state, alone and state is State.IN_FORCE and _is_for_counselling(each)) for each, state in found
    ]


def _state(consent: Mapping[str, Any], today: date) -> State:
    if consent["revoked_on"]:
        return State.REVOKED
    return State.IN_FORCE if date.fromisoformat(consent["valid_until"]) >= today else State.OVER


def _is_for_counselling(consent: Mapping[str, Any]) -> bool:
    return (consent["kind"], consent["recipient"], consent["purpose"]) == COUNSELLING
