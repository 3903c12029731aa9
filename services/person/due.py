"""What is due, one after the other, outside any handler: claimed by postponing it, then done, then settled.

Whatever goes wrong in between costs a pause, and perhaps that something is done twice.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

AT_ONCE = 100
"""Most of one round, so that a service that is told to end does."""
Claim = TypeVar("Claim")


async def in_turn(claim: Callable[[], Awaitable[Claim | None]], act: Callable[[Claim], Awaitable[bool]]) -> None:
    """Until nothing is due any more, or `act` says False: whom it needs is away, and the rest is for later."""
    for _ in range(AT_ONCE):
        due = await claim()
        if due is None or not await act(due):
            return
