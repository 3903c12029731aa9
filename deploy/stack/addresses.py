"""What to look at once it runs: one table."""

from collections.abc import Collection

from rich.console import Console
from rich.table import Table

from deploy.stack.settings import StackSettings

ADDRESSES: tuple[tuple[str, str, str], ...] = (
    ("gateway_web", "/", "ask for counselling, in your language"),
    ("gateway_web", "/office/dinslaken", "what the coordinating office sees, live: sign in as coordinator-dinslaken"),
    ("gateway_web", "/interpreter", "accept the request to interpret: sign in as interpreter-01 (Tigrinya)"),
    ("gateway_web", "/staff", "every office, and who is signed in"),
    ("intake", "/docs", "the API of intake; the other services have theirs at the same path"),
    ("issuer", "/", "who can sign in here, in development"),
)
"""Part, path, what to try."""


def show(settings: StackSettings, parts: Collection[str], seconds: float) -> None:
    """The addresses of the parts that run."""
    console = Console(width=None if Console().is_terminal else 120, highlight=False)
    console.print(
        f"\nKIM is ready after {seconds:.1f} s. Its log files are in {settings.home / 'log'}.", soft_wrap=True
    )
    table = Table(box=None, show_header=False, pad_edge=False)
    for part, path, hint in ADDRESSES:
        if part in parts:
            table.add_row(settings.url(part) + path, hint)
    if "postgres" in parts and not settings.existing_postgres:
        table.add_row(f"127.0.0.1:{settings.ports['postgres']}", "PostgreSQL")
    if "kafka" in parts and not settings.existing_kafka:
        table.add_row(f"127.0.0.1:{settings.ports['kafka']}", "Kafka")
    console.print(table)
    console.print("End it with Ctrl-C, or `make stop` from elsewhere. `make demo` walks through the main job.")
