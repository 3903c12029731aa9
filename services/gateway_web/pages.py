"""Pages: a template, in the language of whoever reads it. Errors are pages too, where a browser asks for one."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway_web import csrf, dates
from services.gateway_web.texts import CATALOGUES, LANGUAGE_NAMES, Catalogue
from shared.municipalities import BY_AGS
from shared.problems import MEDIA_TYPE

LANGUAGE_COOKIE = "kim_lang"
_A_YEAR = 365 * 24 * 3600
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def texts_for(request: Request) -> Catalogue:
    """As chosen here and now, as chosen before, as the browser prefers; German otherwise."""
    accepted = [part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    wanted = [request.query_params.get("lang", ""), request.cookies.get(LANGUAGE_COOKIE, ""), *accepted]
    return next((CATALOGUES[each] for each in wanted if each in CATALOGUES), CATALOGUES["de"])


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The template with `values`; it also has `t` (texts), dates, the form's token and the names of things."""
    answer = HTMLResponse(fragment(request, template, **values), status)
    csrf.remember(request, answer)
    if (chosen := request.query_params.get("lang")) in CATALOGUES:
        answer.set_cookie(LANGUAGE_COOKIE, str(chosen), max_age=_A_YEAR, httponly=True, samesite="lax")
    return answer


def fragment(request: Request, template: str, **values: Any) -> str:
    """A part of a page."""
    texts = texts_for(request)
    known: Mapping[str, Any] = {
        "t": texts,
        "other": "en" if texts.language == "de" else "de",
        "path": request.url.path,
        "method": request.method,
        "token": partial(csrf.token, request),
        "municipality": lambda ags: BY_AGS[ags].name if ags in BY_AGS else ags,
        "own_names": LANGUAGE_NAMES,
        "day": lambda value: dates.day(texts, _date(value)),
        "short_day": lambda value: dates.short_day(texts, _date(value)),
        "moment": lambda value: dates.moment(texts, _moment(value)),
        "span": lambda starts, ends: dates.span(texts, _moment(starts), _moment(ends)),
    }
    return _templates.get_template(template).render({**known, **values})


def _moment(value: str | datetime) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _date(value: str | date) -> date:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


class Pages:
    """ASGI middleware: sets the content security policy, and makes a page of a problem where a browser asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, receive, send)
        await self._app(scope, receive, answer.send)


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._request = Request(scope, receive)
        self._receive = receive
        self._send = send
        self._problem: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["content-security-policy"] = _POLICY
            if headers.get("content-type") == MEDIA_TYPE and self._is_for_people:
                self._problem = message
                return
        if self._problem is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page(self._problem)

    @property
    def _is_for_people(self) -> bool:
        return "text/html" in self._request.headers.get("accept", "")

    async def _send_page(self, start: Message) -> None:
        problem = json.loads(self._body)
        answer = page(self._request, "problem.html", status=problem["status"], problem=problem)
        for name, value in MutableHeaders(raw=start["headers"]).items():
            if name not in {"content-type", "content-length"}:
                answer.headers[name] = value
        await answer(self._request.scope, self._receive, self._send)
