"""A case manager's own cases: the list, and the case that a page is about."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from services.gateway_web.clients import Refused
from services.gateway_web.pages import page
from services.gateway_web.staff import CaseManager, Staff
from services.gateway_web.texts import CATALOGUES

router = APIRouter()
_TELLING = frozenset({401, 403, 404})
"""Statuses with a page of their own: the session is over, or the case is not theirs (any more)."""


@dataclass(frozen=True)
class Case:
    """One of whoever signed in: case itself refuses another's."""

    who: Staff
    view: Any
    """As case shows it."""

    @property
    def path(self) -> str:
        return f"/staff/cases/{self.view['case_id']}"

    @property
    def of_person(self) -> str:
        """Where person has what belongs to the enquiry of this case."""
        return f"/persons/by-enquiry/{self.view['enquiry_id']}"

    def page(self, template: str, *, status: int = 200, error: str | None = None, **values: Any) -> HTMLResponse:
        """`error`: key of a text."""
        return page(
            self.who.request,
            template,
            status=status,
            who=self.who,
            case=self.view,
            here=self.path,
            error=error,
            **values,
        )


async def _own(case_id: UUID, who: CaseManager) -> Case:
    """Raises Refused where it is not theirs."""
    return Case(who, await who.services.get("case", f"/cases/{case_id}"))


OwnCase = Annotated[Case, Depends(_own)]
"""In a route it stands after the form, as `staff.only`."""


@router.get("/staff/cases")
async def show(who: CaseManager, after: UUID | None = None) -> Response:
    """The oldest first, page by page."""
    found = await who.services.get("case", "/cases", after=after or UUID(int=0))
    return page(who.request, "cases.html", who=who, cases=found["cases"], next=found["next"])


def explained(refused: Refused) -> str:
    """Key of the text that says why, for the page that shows how things stand now.

    Raises what has a page of its own.
    """
    if refused.status in _TELLING:
        raise refused
    return refused.why if f"error.{refused.why}" in CATALOGUES["de"].texts else "changed"
