"""How early the pot in use wants interpreters to be asked, as scheduling is told. Pure."""

from services.interpreter.tariffs import TARIFFS, Tariffs
from shared.contracts.interpreter import LeadTime, LeadTimesChanged


def lead_times(tariffs: Tariffs = TARIFFS) -> LeadTimesChanged:
    """Every version, in order of time."""
    pot = tariffs.in_use.pot
    versions = sorted(tariffs.pots[pot], key=lambda rules: rules.valid_from)
    told = [LeadTime(valid_from=rules.valid_from, working_days=rules.lead_working_days) for rules in versions]
    return LeadTimesChanged(pot=pot, lead_times=told)
