"""An HTTP/1.1 client that does no more than a benchmark needs, so that it is not what is measured."""

import asyncio
import time
from collections.abc import Iterator
from typing import Self


class Client:
    """One kept-alive connection that posts one JSON body to one path, again and again."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._request = request

    @classmethod
    async def connect(cls, port: int, path: str, body: bytes) -> Self:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return cls(reader, writer, head.encode() + body)

    async def post(self) -> float:
        """Seconds from the request's first byte to the answer's last. Raises AssertionError unless it is 201."""
        started = time.perf_counter()
        self._writer.write(self._request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        await self._reader.readexactly(_length(head))
        took = time.perf_counter() - started
        assert head.startswith(b"HTTP/1.1 201 "), head
        return took

    def close(self) -> None:
        self._writer.close()


async def load(port: int, path: str, body: bytes, clients: int, requests: int) -> list[float]:
    """So many clients at once send `requests` in all, each the next when the last is answered. Seconds of each."""
    connected = [await Client.connect(port, path, body) for _ in range(clients)]
    left = iter(range(requests))
    took = await asyncio.gather(*(_work(client, left) for client in connected))
    for client in connected:
        client.close()
    return [seconds for part in took for seconds in part]


async def _work(client: Client, left: Iterator[int]) -> list[float]:
    return [await client.post() for _ in left]


def _length(head: bytes) -> int:
    name = b"content-length:"
    start = head.lower().index(name) + len(name)
    return int(head[start : head.index(b"\r\n", start)])
