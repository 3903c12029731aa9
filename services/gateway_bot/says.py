"""What passes between the gateway's pure parts and Telegram: what is given, and what is said."""

from dataclasses import dataclass
from typing import NamedTuple


class Button(NamedTuple):
    label: str
    data: str
    """At most 64 bytes; comes back when it is pressed."""


@dataclass(frozen=True)
class Say:
    """A message with its rows of buttons."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    in_place: bool = False
    """Takes the place of the message whose button was pressed, where one was."""
    code: bool = False
    """In type of its own, so that a tap copies it; ASCII."""


@dataclass(frozen=True)
class Typed:
    text: str


@dataclass(frozen=True)
class Pressed:
    """A button, by its data `<step>:<value>`."""

    step: str
    value: str

    @classmethod
    def of(cls, data: str) -> "Pressed":
        step, _, value = data.partition(":")
        return cls(step, value)


Given = Typed | Pressed


def in_rows(buttons: list[Button], width: int) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))
