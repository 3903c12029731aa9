"""Whose an enquiry is: the participant's with the token for it, and the clerks' of its municipality."""

from services.intake.domain import Enquiry
from shared.auth import Principal, Role
from shared.errors import Forbidden, NotFound


class NotYourMunicipality(Forbidden):
    """You are a clerk of another municipality."""


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
