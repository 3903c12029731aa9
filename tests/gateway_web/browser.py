"""A browser without JavaScript: it follows links, keeps cookies and sends the forms of a page as they are."""

from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from shared.http_client import http_client

HTML = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "de"}
ENQUIRY: dict[str, Any] = {
    "postcode": "46535",
    "topics": ["housing", "residence"],
    "languages": ["ti"],
    "mode": "in_person",
    "criteria": ["complex_need", "many_actors", "standard_ways_fail", "lacks_own_resources", "consents"],
    "name": "Selam Tesfay",
    "contact_kind": "none",
    "message": "ሰላም",
    "consents": ["processing", "coordination"],
}


class _Forms(HTMLParser):
    """action -> hidden fields, and the values of radio buttons by their name."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, dict[str, str]] = {}
        self.radios: dict[str, list[str]] = {}
        self._action = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action = given["action"]
            self.hidden.setdefault(self._action, {})
        elif tag == "input" and given.get("type") == "hidden":
            self.hidden[self._action][given["name"]] = given["value"]
        elif tag == "input" and given.get("type") == "radio":
            self.radios.setdefault(given["name"], []).append(given["value"])


class Browser:
    def __init__(self, url: str, **headers: str) -> None:
        self.client = http_client(base_url=url, follow_redirects=True, headers=HTML | headers, timeout=20)
        self.page = httpx.Response(204)

    async def go(self, path: str) -> httpx.Response:
        self.page = await self.client.get(path)
        return self.page

    async def send(self, action: str, **typed: Any) -> httpx.Response:
        """The form of the page with that beginning of an action."""
        hidden = self._forms().hidden
        found = next(each for each in hidden if each.startswith(action))
        self.page = await self.client.post(found, data=hidden[found] | typed)
        return self.page

    async def ask(self, **changed: Any) -> str:
        """An enquiry from the empty form to the page with the code, which it returns."""
        await self.go("/enquiry")
        await self.send("/enquiry", **(ENQUIRY | changed))
        assert self.page.status_code == 201, self.text
        return self._forms().hidden["/status"]["code"]

    async def sign_in(self, path: str, user: str) -> httpx.Response:
        """Through the issuer and back."""
        await self.go(path)
        asked = dict(parse_qsl(urlsplit(str(self.page.url)).query))
        self.page = await self.client.post(str(self.page.url.copy_with(query=None)), data=asked | {"user": user})
        return self.page

    def actions(self) -> list[str]:
        return list(self._forms().hidden)

    def choices(self, name: str) -> list[str]:
        return self._forms().radios.get(name, [])

    @property
    def text(self) -> str:
        return unescape(self.page.text)

    def _forms(self) -> _Forms:
        forms = _Forms()
        forms.feed(self.page.text)
        return forms
