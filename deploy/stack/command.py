"""The command line of the stack, and what signals do to it."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

from deploy.stack.addresses import show
from deploy.stack.detach import run_detached
from deploy.stack.errors import StackError
from deploy.stack.progress import Progress, say
from deploy.stack.services import MODULES
from deploy.stack.settings import PORTS, StackSettings, variable
from deploy.stack.single import alone, ready_mark, stop_other
from deploy.stack.stack import Stack
from shared.secret_file import SecretUnusable

PARTS = ("postgres", "kafka", *MODULES)
EPILOG = f"""\
environment:
  KIM_HOME                  where data, logs and secrets are kept (default: .kim)
  DATABASE_URL              a superuser's address of a PostgreSQL that is there already: none is started
  KAFKA_BOOTSTRAP_SERVERS   a Kafka that is there already: none is started
  {", ".join(variable(part) for part in PORTS)}
                            another port for that part
"""


class Interrupted(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal: end everything."""


def run(arguments: Sequence[str]) -> int:
    """Returns the exit code."""
    options = _options(arguments)
    try:
        settings = StackSettings.from_environment()
        if options.stop:
            say(stop_other(settings))
            return 0
        if options.detach:
            return run_detached(settings, [each for each in arguments if each != "--detach"])
        return _run(settings, options.only, seed=not options.no_seed and set(options.only) == set(PARTS))
    except (StackError, SecretUnusable) as error:
        print(error, file=sys.stderr)
        return 1
    except Interrupted:  # before anything was started
        return 0


def _run(settings: StackSettings, parts: Sequence[str], *, seed: bool) -> int:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupt)
    started = time.monotonic()
    progress = Progress()
    with alone(settings):
        stack = Stack(settings, parts, progress)
        try:
            with progress:
                stack.check()
                stack.start()
                if seed:
                    stack.seed()
            show(settings, parts, time.monotonic() - started)
            ready_mark(settings).write_text(str(os.getpid()))
            stack.watch()
        except Interrupted:
            say("Ending KIM ...")
        finally:
            _ignore_signals()
            stack.stop()
    say("KIM has ended.")
    return 0


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    _ignore_signals()
    raise Interrupted


def _ignore_signals() -> None:
    """While everything ends, once is enough."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.stack",
        description="Runs KIM on this machine: PostgreSQL, Kafka, the development issuer and every service.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", type=_parts, default=PARTS, metavar="PART,...", help=f"of: {', '.join(PARTS)}")
    parser.add_argument("--no-seed", action="store_true", help="load no demo data")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--detach", action="store_true", help="return when it is ready and leave it running")
    way.add_argument("--stop", action="store_true", help="end what runs in this KIM_HOME")
    return parser.parse_args(arguments)


def _parts(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"there is no part '{unknown[0]}', only {', '.join(PARTS)}")
    return names
