"""A calendar server as there are in the world, on a socket: ICS by GET, free and busy times by REPORT (RFC 4791)."""

from base64 import b64encode
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

LOGIN = ("anna", "geheim")


def calendar(*parts: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Somebody//Else//EN", *parts, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def event(starts: str, ends: str, *more: str, uid: str = "1") -> str:
    """With a title that nobody of ours may ever see."""
    lines = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", f"DTSTART{starts}", f"DTEND{ends}"]
    return "\r\n".join([*lines, "SUMMARY:Kanarienvogel beim Arzt", *more, "END:VEVENT"])


@dataclass
class CalendarServer:
    """Answers with `content` under `etag`, or as the other fields say."""

    content: bytes = b""
    etag: str | None = None
    media_type: str = "text/calendar; charset=utf-8"
    redirect: str | None = None
    needs_login: bool = False
    heard: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.heard.append(request)
        self.bodies.append(await request.body())
        await self._answer(request)(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if self.redirect:
            return Response(status_code=302, headers={"location": self.redirect})
        if self.needs_login and request.headers.get("authorization") != _basic(*LOGIN):
            return Response(status_code=401, headers={"www-authenticate": "Basic"})
        if self.etag and request.headers.get("if-none-match") == self.etag:
            return Response(status_code=304, headers={"etag": self.etag})
        headers = {"etag": self.etag} if self.etag else {}
        return Response(self.content, headers=headers, media_type=self.media_type)


def _basic(user: str, password: str) -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
