"""Who may see which municipality and which office: what is not somebody's own is not there."""

from shared.auth import Principal, Role
from shared.errors import NotFound
from shared.municipalities import BY_AGS, OFFICES


def require_municipality(who: Principal, ags: str) -> None:
    """Raises NotFound unless the office, or the partner, serves the municipality. An administrator sees all."""
    if ags not in BY_AGS or not _sees(who, ags):
        raise NotFound


def require_office(who: Principal, office: str) -> None:
    """Raises NotFound for an office that is not the coordinator's own."""
    if office not in OFFICES or office != who.office:
        raise NotFound


def _sees(who: Principal, ags: str) -> bool:
    return (
        Role.ADMINISTRATOR in who.roles
        or (Role.COORDINATOR in who.roles and who.office == BY_AGS[ags].coordinating_office)
        or (Role.PARTNER in who.roles and ags in who.municipalities)
    )
