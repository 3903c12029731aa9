"""A read model's shadows, as a rebuild has them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.database import Database
from shared.rebuilding import ReadModel, shadow


@asynccontextmanager
async def shadowed(database_url: str, model: ReadModel) -> AsyncIterator[Database]:
    """Connections that write to the shadows."""
    made = await Database.connect(database_url, most=1, search_path=shadow.SEARCH_PATH)
    async with made.transaction() as conn:
        await shadow.prepare(conn, model.tables)
    yield made
    async with made.transaction() as conn:
        await shadow.drop(conn)
    await made.close()
