"""`python -m bench.bare`: a bare FastAPI + asyncpg service that checks an enquiry's form and inserts it, once.

What intake is measured against: no event, no code, no limits, no problem details. PORT and DATABASE_URL are set.
"""

import os
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Consent(BaseModel):
    kind: str
    purpose: str
    recipient: str | None = None
    valid_until: date


class Enquiry(BaseModel):
    channel: str
    postcode: str
    topics: list[str]
    languages: list[str]
    mode: str
    criteria: list[str]
    consents: list[Consent]
    sealed: str
    key_id: UUID


class Receipt(BaseModel):
    enquiry_id: UUID


INSERT = """
    insert into enquiry (id, ags, postcode, topics, languages, mode, channel, criteria, received_on, status, sealed,
                         sealed_key_id)
    values ($1, '05170008', $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10)
"""


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_life)


@app.get("/health/ready")
async def ready() -> dict[str, Any]:
    return {}


@app.post("/enquiries", status_code=201)
async def receive(body: Enquiry) -> Receipt:
    enquiry_id, today = uuid4(), datetime.now(UTC).date()
    await app.state.pool.execute(
        INSERT, enquiry_id, body.postcode, body.topics, body.languages, body.mode, body.channel, body.criteria, today,
        b64decode(body.sealed), body.key_id,
    )  # fmt: skip
    return Receipt(enquiry_id=enquiry_id)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning")
