"""A transaction for readings that the access log has to know of."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from shared.database import Connection, Database


async def _logged(request: Request) -> AsyncIterator[Connection]:
    """A transaction whose answer is never kept to be replayed: each reading is a reading, with its log row."""
    database: Database = request.app.state.database
    async with database.transaction() as conn:
        yield conn


Logged = Annotated[Connection, Depends(_logged, scope="function")]
