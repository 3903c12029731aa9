"""Whose an enquiry is: the participant's with the token for it, and the clerks' of its municipality."""

from uuid import UUID

from services.intake.domain import Enquiry
from shared.auth import Principal, Role
from shared.errors import Forbidden, NotFound


class NotYourMunicipality(Forbidden):
    """You are a clerk of another municipality."""


class NotNamed(Forbidden):
    """Your sign-in gives you an id that is no UUID, so that nobody could be told who recorded the consents."""


def named(who: Principal) -> UUID:
    """The subject of a clerk's token. Raises NotNamed."""
    try:
        return UUID(who.subject)
    except ValueError:
        raise NotNamed from None


def own(enquiry: Enquiry, who: Principal) -> Enquiry:
    """The enquiry. Raises NotFound where it is not the caller's, as if there were none."""
    as_participant = Role.PARTICIPANT in who.roles and who.enquiry_id == enquiry.id
    as_clerk = Role.CLERK in who.roles and enquiry.ags in who.municipalities
    if not (as_participant or as_clerk):
        raise NotFound
    return enquiry


def clerk_of(ags: str, who: Principal) -> None:
    """Raises NotYourMunicipality."""
    if ags not in who.municipalities:
        raise NotYourMunicipality("postcode")
