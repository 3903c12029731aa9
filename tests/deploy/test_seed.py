"""Demo data through the services' own API."""

import asyncio
from typing import Annotated

import pytest
from fastapi import Body, FastAPI, Response

from deploy.client import Client, RefusedError
from deploy.seed import AT_ONCE, seed
from shared.settings import Settings
from tests.shared.serving import serve


class House:
    """Issuer and services in one, which take their time, and refuse the first case manager."""

    def __init__(self) -> None:
        self.asked = 0
        self.goes_on = asyncio.Event()

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/token")
        async def token() -> dict[str, str]:
            return {"access_token": "a token"}

        @app.put("/{path:path}")
        async def put(path: str, _body: Annotated[object, Body()]) -> Response:
            self.asked += 1
            if path.startswith("case-managers/"):
                return Response(status_code=422)
            await self.goes_on.wait()
            return Response(status_code=204)

        return app

    def settings(self, url: str) -> Settings:
        return Settings(oidc_issuer=url, case_url=url, scheduling_url=url, interpreter_url=url)


async def test_after_a_refusal_nothing_more_is_put() -> None:
    house = House()
    async with serve(house.app()) as url, Client(house.settings(url)) as client:
        with pytest.raises(RefusedError, match="422"):
            await seed(client)
        asked = house.asked
        house.goes_on.set()
        await client.token("administrator")
        others = [each for each in asyncio.all_tasks() if "seed" in repr(each.get_coro())]
    assert asked <= AT_ONCE
    assert house.asked == asked
    assert not others
