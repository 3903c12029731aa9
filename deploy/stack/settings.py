"""Where the stack keeps things and on which ports it listens: defaults, and the environment's word over them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.stack.errors import StackError

ROOT = Path(__file__).parents[2]

PORTS: Mapping[str, int] = {
    "postgres": 54320,
    "kafka": 19092,
    "issuer": 8100,
    "intake": 8101,
    "case": 8102,
    "scheduling": 8103,
    "interpreter": 8104,
    "person": 8105,
    "coordination": 8106,
    "gateway_bot": 8107,
    "gateway_web": 8080,
}
"""Part of the stack -> its port; KIM_<PART>_PORT overrides it."""


@dataclass(frozen=True)
class StackSettings:
    home: Path
    ports: Mapping[str, int]
    existing_kafka: str | None
    """Bootstrap servers of a broker that is there already; then none is started."""
    existing_postgres: str | None
    """A superuser's address of a server that is there already; then none is started."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "StackSettings":
        return cls(
            home=Path(environment.get("KIM_HOME") or ROOT / ".kim").absolute(),
            ports={part: _port(environment, variable(part), default) for part, default in PORTS.items()},
            existing_kafka=environment.get("KAFKA_BOOTSTRAP_SERVERS") or None,
            existing_postgres=environment.get("DATABASE_URL") or None,
        )

    @property
    def secrets(self) -> Path:
        return self.home / "secrets"

    def log(self, part: str) -> Path:
        return self.home / "log" / f"{part}.log"

    def record(self, part: str) -> Path:
        return self.home / "run" / f"{part}.json"

    def url(self, part: str) -> str:
        return f"http://127.0.0.1:{self.ports[part]}"


def variable(part: str) -> str:
    return f"KIM_{part.upper()}_PORT"


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not (value.isascii() and value.isdecimal() and 0 < int(value) < 65536):
        raise StackError(f"{name} is '{value}', which is no port: set it to a number from 1 to 65535, or unset it.")
    return int(value)
