"""The stack starts twice, survives being killed at any moment, and leaves nothing behind."""

import signal
import time
from pathlib import Path

import psutil
import pytest

from deploy.stack.checks import wait_until
from deploy.stack.kafka import EmbeddedKafka
from deploy.stack.postgres import EmbeddedPostgres
from deploy.stack.stack import Watch
from tests.deploy.conftest import Command

pytestmark = pytest.mark.chaos

BOTH = ("--only", "postgres,kafka")
SECOND_START_LIMIT = 15.0


def test_the_second_start_is_quick_and_finds_what_the_first_one_made(stack: Command) -> None:
    assert stack.run(*BOTH, "--detach")[0] == 0
    assert stack.run("--stop")[1] == "KIM has ended.\n"
    assert stack.processes() == []
    started = time.monotonic()
    code, output, _ = stack.run(*BOTH, "--detach")
    assert (code, time.monotonic() - started < SECOND_START_LIMIT) == (0, True)
    assert "KIM is ready" in output


def test_servers_that_are_there_already_are_used_and_left_running(
    stack: Command, postgres: EmbeddedPostgres, kafka: EmbeddedKafka
) -> None:
    postgres.start()
    kafka.start()
    stack.environment |= {"DATABASE_URL": postgres.url(), "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap}
    assert stack.run(*BOTH, "--detach")[0] == 0
    assert stack.run("--stop")[0] == 0
    assert postgres.running
    assert kafka.running
    assert not (stack.home / "postgres").exists()
    assert not (stack.home / "kafka").exists()


def test_a_second_stack_in_the_same_home_is_refused(stack: Command) -> None:
    assert stack.run("--only", "postgres", "--detach")[0] == 0
    code, _, errors = stack.run("--only", "postgres")
    assert (code, errors.split(":")[0]) == (1, "KIM is running already")


@pytest.mark.parametrize("moment", ["postgres.making", "kafka.making", "run/kafka.json"])
def test_an_interrupt_during_the_first_start_leaves_no_process(stack: Command, moment: str) -> None:
    with stack.start(*BOTH) as process:
        assert wait_until((stack.home / moment).exists, 30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.endswith("KIM has ended.\n")
    assert stack.processes() == []


@pytest.mark.parametrize("moment", ["postgres.making", "kafka.making"])
def test_what_a_killed_first_start_left_half_made_is_made_anew(stack: Command, moment: str) -> None:
    with stack.start(*BOTH) as process:
        assert wait_until((stack.home / moment).exists, 30)
        process.kill()
    assert wait_until(lambda: stack.processes() == [], 20), "children outlive a killed supervisor"
    assert stack.run(*BOTH, "--detach")[0] == 0


def test_a_killed_supervisor_takes_its_children_along_and_the_next_start_works(stack: Command) -> None:
    assert stack.run(*BOTH, "--detach")[0] == 0
    supervisor = next(each for each in psutil.process_iter() if _runs_stack_of(each, stack.home))
    supervisor.kill()
    assert wait_until(lambda: stack.processes() == [], 20)
    assert stack.run(*BOTH, "--detach")[0] == 0


def _runs_stack_of(process: psutil.Process, home: Path) -> bool:
    try:
        return "deploy.stack" in process.cmdline() and process.environ().get("KIM_HOME") == str(home)
    except psutil.Error:
        return False


def test_a_part_that_ends_is_started_again_with_growing_pauses(capsys: pytest.CaptureFixture[str]) -> None:
    part = _Mayfly()
    watch = Watch("Mayfly", part)

    def started_twice() -> bool:
        watch.look()
        return part.starts == 2

    assert wait_until(started_twice, 10)
    assert [line.split()[-2] for line in capsys.readouterr().out.splitlines()] == ["1", "2"]


class _Mayfly:
    """A part that ends as soon as it is started."""

    running = False
    starts = 0

    def start(self) -> None:
        self.starts += 1
