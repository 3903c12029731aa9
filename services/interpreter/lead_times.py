"""How early the pot in use wants interpreters to be asked and called off, as scheduling is told. Pure."""

from services.interpreter.tariffs import TARIFFS, Rules, Tariffs
from shared.contracts.interpreter import LeadTime, LeadTimesChanged


def lead_times(tariffs: Tariffs = TARIFFS) -> LeadTimesChanged:
    """Every version, in order of time."""
    pot = tariffs.in_use.pot
    versions = sorted(tariffs.pots[pot], key=lambda rules: rules.valid_from)
    return LeadTimesChanged(pot=pot, lead_times=[_told(rules) for rules in versions])


def _told(rules: Rules) -> LeadTime:
    return LeadTime(
        valid_from=rules.valid_from,
        working_days=rules.lead_working_days,
        cancel_days_before=rules.late_cancellation.days_before,
        cancel_free_until=rules.late_cancellation.free_until,
    )
