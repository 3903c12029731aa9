"""What may go wrong, by name. Pure, so that a domain may raise from it; HTTP stands in problems.py."""

import re
from collections.abc import Mapping
from inspect import cleandoc
from types import MappingProxyType
from typing import ClassVar

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


class DomainError(Exception):
    """The request is refused by a rule of the domain.

    A subclass needs nothing but a name and a docstring: the docstring is the message, the name in kebab-case
    is the code. Messages are static, so no value that somebody sent ever stands in one.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "domain-error"
    message: ClassVar[str] = "The request is refused by a rule of the domain."
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({})
    members: Mapping[str, object] = MappingProxyType({})
    """Additional members of the problem (RFC 9457, 3.2): ids and coded facts that help to go on."""

    def __init__(self, field: str | None = None) -> None:
        super().__init__(self.message)
        self.field = field

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not cls.__doc__:
            raise TypeError(f"{cls.__name__} needs a docstring: it is the message")
        cls.code = _WORD_START.sub("-", cls.__name__).lower()
        cls.message = " ".join(cleandoc(cls.__doc__).split())


class NotFound(DomainError):
    """There is no such thing here, or it is not yours to see."""

    status = 404


class Forbidden(DomainError):
    """Your role does not allow this."""

    status = 403


class Conflict(DomainError):
    """The present state does not allow this."""


class ChangedSince(Conflict):
    """It was changed since you read it. Its present version stands in `version`."""

    def __init__(self, version: int | str) -> None:
        super().__init__("If-Match")
        self.members = MappingProxyType({"version": version})


class Invalid(DomainError):
    """The value is not valid."""

    status = 422


HOUSE_RULE = "house rule"
"""Of this software, assumed: no rule of Kreis Wesel on it is public."""


class RuleBroken(DomainError):
    """A rule does not allow this. Which one, and where it comes from, stand beside."""

    rule: ClassVar[str] = "rule"

    def __init__(self, field: str | None = None, source: str = HOUSE_RULE, **more: object) -> None:
        """`more`: further members."""
        super().__init__(field)
        self.members = MappingProxyType({"rule": self.rule, "source": source, **more})


class Unavailable(DomainError):
    """A part that is needed for this cannot be reached now. Nothing was changed; please try again."""

    status = 503
    headers = MappingProxyType({"Retry-After": "2"})
