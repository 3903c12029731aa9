"""What an office sees of its municipalities as numbers: from anonymous cells, and never a small one."""

from collections.abc import Mapping
from statistics import median

from pydantic import BaseModel, Field

from services.coordination.domain import Finding
from services.coordination.suppression import LEAST, suppress


class Waiting(BaseModel):
    """From the enquiry to the first confirmed talk."""

    enquiries: int = Field(ge=LEAST)
    median_days: float


class UnmetLanguages(BaseModel):
    """Bookings for which nobody could interpret. A language that is not there has a small count, or none."""

    bookings: dict[str, int]
    others: int | None
    total: int | None


class Overview(BaseModel):
    """Whatever is under 5, or could be worked out to be, is left out or null."""

    office: str
    waiting: dict[str, Waiting]
    """By AGS."""
    waiting_total: Waiting | None
    unmet_languages: UnmetLanguages
    open_findings: int


def overview(
    office: str,
    waited: Mapping[str, Mapping[int, int]],
    unmet: Mapping[str, int],
    findings: list[Finding],
) -> Overview:
    """`waited`: AGS -> days -> enquiries; `unmet`: language -> bookings."""
    waiting = suppress({ags: sum(days.values()) for ags, days in waited.items()})
    languages = suppress(unmet)
    return Overview(
        office=office,
        waiting={ags: _waiting(waited[ags]) for ags in waiting.shown},
        waiting_total=_waiting(*waited.values()) if waiting.total else None,
        unmet_languages=UnmetLanguages(bookings=languages.shown, others=languages.others, total=languages.total),
        open_findings=sum(finding.measure_id is None for finding in findings),
    )


def _waiting(*cells: Mapping[int, int]) -> Waiting:
    days = [day for cell in cells for day, enquiries in cell.items() for _ in range(enquiries)]
    return Waiting(enquiries=len(days), median_days=median(days))
