"""What cannot work says so in one sentence that tells what to do."""

import shutil
import socket
from pathlib import Path

import pytest

from deploy.stack.checks import require_disk, require_free_port, require_writable
from deploy.stack.errors import StackError
from deploy.stack.jars import DIRECTORY, SUMS, kafka_jars, read_sums, wrong_jars
from deploy.stack.kafka import EmbeddedKafka
from deploy.stack.settings import StackSettings
from tests.deploy.conftest import Command
from tests.stack import free_port


def test_a_taken_port_names_the_port_and_the_variable_that_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StackError, match=rf"Port {port} for Kafka is taken .* KIM_KAFKA_PORT"):
            require_free_port(port, "Kafka", "KIM_KAFKA_PORT")


def test_a_full_disk_says_how_much_is_missing(tmp_path: Path) -> None:
    require_disk(tmp_path / "not" / "there" / "yet", needed=1)
    with pytest.raises(StackError, match=r"MB are free .* are needed: free some space"):
        require_disk(tmp_path / "not" / "there" / "yet", needed=2**60)


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match=r"file/home cannot be written"):
        require_writable(tmp_path / "file" / "home")


@pytest.mark.parametrize("value", ["eighty", "0", "70000", "-1", "8 0"])
def test_a_port_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(StackError, match="KIM_CASE_PORT"):
        StackSettings.from_environment({"KIM_CASE_PORT": value})


def test_a_jar_with_another_sum_is_refused_and_not_kept(tmp_path: Path) -> None:
    sums = tmp_path / "jars.sha256"
    sums.write_text(SUMS.read_text().replace(read_sums(SUMS)["kafka_2.13-4.3.1.jar"], "0" * 64))
    with pytest.raises(StackError, match=r"kafka_2\.13-4\.3\.1\.jar is not the file"):
        kafka_jars(tmp_path / "jars", sums)
    assert not (tmp_path / "jars").exists()


def test_a_jar_that_was_cut_short_is_fetched_again(tmp_path: Path) -> None:
    kafka_jars()
    shutil.copytree(DIRECTORY, tmp_path / "jars")
    (tmp_path / "jars" / "kafka_2.13-4.3.1.jar").write_bytes(b"half")
    assert wrong_jars(tmp_path / "jars", read_sums(SUMS)) == ["kafka_2.13-4.3.1.jar"]
    kafka_jars(tmp_path / "jars")
    assert wrong_jars(tmp_path / "jars", read_sums(SUMS)) == []


def test_a_first_start_without_network_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with pytest.raises(StackError, match=r"could not be fetched from Maven Central .* needs the network once"):
        kafka_jars(tmp_path / "jars")


def test_an_address_of_no_server_is_a_sentence(stack: Command) -> None:
    stack.environment["DATABASE_URL"] = f"postgresql://postgres@127.0.0.1:{free_port()}/postgres"
    code, _, errors = stack.run("--only", "postgres")
    assert code == 1
    assert errors.startswith("PostgreSQL could not be set up (")
    assert errors.count("\n") == 1


def test_a_server_that_does_not_start_names_its_log(kafka: EmbeddedKafka) -> None:
    broken = EmbeddedKafka(kafka.home, kafka.port, {"log.retention.ms": "not a number"})
    with pytest.raises(StackError, match=r"Kafka.* the reason is at the end of .*kafka\.log"):
        broken.start()


def test_the_command_prints_the_sentence_and_no_traceback(stack: Command) -> None:
    with socket.create_server(("127.0.0.1", int(stack.environment["KIM_POSTGRES_PORT"]))):
        code, _, errors = stack.run("--only", "postgres")
    assert code == 1
    assert errors.startswith("Port ")
    assert errors.count("\n") == 1
    assert stack.processes() == []


def test_a_password_that_others_can_read_stops_the_start(stack: Command) -> None:
    secrets = stack.home / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "postgres").touch(mode=0o644)
    code, _, err = stack.run("--only", "postgres")
    assert (code, err) == (1, "postgres is open to others: set its mode to 0600.\n")
