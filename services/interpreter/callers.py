"""Who calls: what the routes of this service have in common."""

from typing import Annotated
from uuid import UUID

from shared.auth import Principal, Role, allow
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import reading, transaction

Administrator = Annotated[Principal, allow(Role.ADMINISTRATOR)]
Staff = Annotated[Principal, allow(Role.ADMINISTRATOR, Role.CLERK)]
Asking = Annotated[Principal, allow(Role.CASE_MANAGER, Role.ADMINISTRATOR, Role.CLERK)]
Planning = Annotated[Principal, allow(Role.ADMINISTRATOR, Role.COORDINATOR)]
"""Who has all open talks planned at once: a coordinator for the municipalities of their office."""
OwnerOrAdministrator = Annotated[Principal, allow(Role.ADMINISTRATOR, Role.INTERPRETER)]
Interpreting = Annotated[Principal, allow(Role.INTERPRETER)]
Linking = Annotated[Principal, allow(Role.ADMINISTRATOR, Role.SERVICE)]
"""Who sends links: the coordinators of the pool, and what sends messages for them."""
WasThere = Annotated[Principal, allow(Role.PARTICIPANT, Role.CASE_MANAGER, Role.INTERPRETER)]
Writing = Annotated[Connection, transaction()]
Reading = Annotated[Connection, reading()]


def own_id(who: Principal) -> UUID:
    """An interpreter's token names the interpreter. Raises NotFound where it names nobody that could be one."""
    try:
        return UUID(who.subject)
    except ValueError:
        raise NotFound from None
