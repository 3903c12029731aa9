"""Scheduling is told how early the pot in use wants interpreters to be asked."""

from datetime import date, time
from typing import Any

from services.interpreter.commands_lead_times import tell_lead_times
from services.interpreter.lead_times import lead_times
from services.interpreter.tariffs import TARIFFS, Tariffs
from shared.contracts.interpreter import LeadTime, LeadTimesChanged
from tests.interpreter.agency import Agency

FREE_UNTIL: dict[str, Any] = {"cancel_days_before": 1, "cancel_free_until": time(13)}


def changed() -> Tariffs:
    """From 2027 on the pot in use wants seven days."""
    pot = TARIFFS.in_use.pot
    [old] = TARIFFS.pots[pot]
    new = old.model_copy(update={"valid_from": date(2027, 1, 1), "lead_working_days": 7})
    return TARIFFS.model_copy(update={"pots": {**TARIFFS.pots, pot: (new, old)}})


def test_every_version_of_the_pot_in_use_is_told_in_order() -> None:
    assert lead_times(changed()) == LeadTimesChanged(
        pot="borken",
        lead_times=[
            LeadTime(valid_from=date(2020, 1, 1), working_days=3, **FREE_UNTIL),
            LeadTime(valid_from=date(2027, 1, 1), working_days=7, **FREE_UNTIL),
        ],
    )


async def test_they_are_told_once_and_again_after_a_change(agency: Agency) -> None:
    for tariffs, told in ((TARIFFS, 1), (TARIFFS, 0), (changed(), 1), (changed(), 0)):
        async with agency.db.transaction() as conn:
            assert await tell_lead_times(conn, tariffs) == told
    assert await agency.told(LeadTimesChanged) == [lead_times(), lead_times(changed())]
