"""Which version of something its reader has seen: given as ETag, sent back as If-Match (RFC 9110, 8.8.3 and 13.1.1)."""

import re

from fastapi import Response

from shared.errors import DomainError, Invalid

COUNTED = re.compile(r'"(\d{1,9})"')
HASHED = re.compile(r'"([0-9a-f]{32})"')


def tag(version: int | str, response: Response) -> None:
    response.headers["ETag"] = f'"{version}"'


def seen(if_match: str | None, form: re.Pattern[str], missing: type[DomainError]) -> str:
    """The version within the quotes. Raises `missing` without a header, Invalid where it is not of that form."""
    if if_match is None:
        raise missing("If-Match")
    if not (found := form.fullmatch(if_match)):
        raise Invalid("If-Match")
    return found[1]
