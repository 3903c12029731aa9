"""Memory of the whole stack after the main job: the summed PSS of every process, JVM and PostgreSQL included."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil

from bench.figures import REPEATS, Asked, Figure, Spread
from deploy.stack.services import environment
from deploy.stack.settings import PORTS, ROOT, StackSettings, variable
from deploy.stack.single import ready_mark

OFFSET = 10_000
"""From the ports of a stack that may be running to those of this one."""
READY_LIMIT = 240
MEGABYTE = 1_000_000


async def memory() -> list[Figure]:
    async with stack() as (pid, settings):
        await _main_job(settings)
        samples = [await _sample(pid) for _ in range(REPEATS)]
    largest = sorted(samples[-1].items(), key=lambda item: item[1], reverse=True)
    return [
        Figure(
            Asked("memory of the whole stack (PSS)", "MB", "under 1200"),
            Spread.of([sum(sample.values()) for sample in samples]),
            detail="memory, MB: " + ", ".join(f"{name} {size:.0f}" for name, size in largest),
        )
    ]


@asynccontextmanager
async def stack(**variables: str) -> AsyncIterator[tuple[int, StackSettings]]:
    """A stack of its own with its demo data, ready; its supervisor's process id, and where it is."""
    home = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / ".kim"))
    home.chmod(0o755)
    told = {variable(part): str(port + OFFSET) for part, port in PORTS.items()} | {"KIM_HOME": str(home)} | variables
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.stack", env=_environment() | told, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    settings = StackSettings.from_environment(told)
    try:
        await _until_ready(ready_mark(settings), process)
        yield process.pid, settings
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _environment() -> dict[str, str]:
    """Ours, but with no server of somebody else's."""
    return {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"}
    }


async def _until_ready(mark: Path, process: asyncio.subprocess.Process) -> None:
    """Raises TimeoutError, or AssertionError where it ended instead; it has said why."""
    async with asyncio.timeout(READY_LIMIT):
        while not mark.exists():
            assert process.returncode is None, "the stack did not start"
            await asyncio.sleep(0.2)


async def _main_job(settings: StackSettings) -> None:
    """Raises AssertionError where the demo does not come to its end."""
    told = environment("demo", settings, f"127.0.0.1:{settings.ports['kafka']}", "")
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.demo", env=told, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await demo.communicate()
    assert demo.returncode == 0, said.decode()[-500:]


async def _sample(pid: int) -> Mapping[str, float]:
    """Part of the stack -> MB."""
    await asyncio.sleep(1)
    sizes: dict[str, float] = defaultdict(float)
    supervisor = psutil.Process(pid)
    for process in [supervisor, *supervisor.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # a session of PostgreSQL that has just ended
            sizes[_part(process)] += process.memory_full_info().pss / MEGABYTE
    return sizes


def _part(process: psutil.Process) -> str:
    command = process.cmdline()
    if command[1:2] == ["-m"]:
        return command[2].rpartition(".")[2]
    return {"java": "Kafka", "postgres": "PostgreSQL"}.get(process.name(), process.name())
