"""Who is asked in a slot, in which order, once a plan was adopted. Pure; hard rules hold as in every ranking."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.interpreter.costs import Appointment
from services.interpreter.ranking import Candidate, Ranked, rank
from shared.contracts.interpreter import Asked, ReorderedSlot


@dataclass(frozen=True, slots=True)
class AskingOrder:
    slot_id: UUID
    rule: str
    """Pot and version."""
    asked: Sequence[tuple[Ranked, str]]
    """With the participant's language that each would interpret."""

    @property
    def told(self) -> ReorderedSlot:
        people = [Asked(interpreter_id=each.interpreter_id, language=language) for each, language in self.asked]
        return ReorderedSlot(slot_id=self.slot_id, asked=people)


def asking_order(
    appointment: Appointment,
    candidates: Sequence[Candidate],
    planned: tuple[UUID, str] | None,
    elsewhere: Collection[UUID],
) -> AskingOrder:
    """Whoever is planned for this slot first, with the language that the plan means; who is planned elsewhere last.

    All others stay in the order of the ranking, so that somebody can still be asked where the plan comes to nothing.
    """
    first, language = planned or (None, "")
    marked = [
        replace(one, planned=one.interpreter.id == first, planned_elsewhere=one.interpreter.id in elsewhere)
        for one in candidates
    ]
    found = rank(appointment.talk, appointment.slot, marked)
    asked = [(each, found.language or "") for each in found.ranked if each.interpreter_id != first]
    meant = replace(appointment.talk, languages=(language,))
    alone = rank(meant, appointment.slot, [one for one in marked if one.planned]).ranked if planned else ()
    return AskingOrder(
        appointment.slot.slot_id, appointment.tariff.name, [*((each, language) for each in alone), *asked]
    )
