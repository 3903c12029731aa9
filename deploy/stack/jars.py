"""Apache Kafka as jars from Maven Central, checked against the sums in `deploy/kafka/jars.sha256`."""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.stack.errors import StackError

ROOT = Path(__file__).parents[2]
DIRECTORY = ROOT / ".kim" / "jars"
SUMS = ROOT / "deploy" / "kafka" / "jars.sha256"
COORDINATES = "org.apache.kafka:kafka_2.13:4.3.1+org.slf4j:slf4j-simple:2.0.17"


def kafka_jars(directory: Path = DIRECTORY, sums: Path = SUMS) -> list[Path]:
    """The class path, in a fixed order; fetched at the first call, checked at every one.

    Fetched beside their place and moved there when complete and right. Jars that are there and are wrong are
    fetched again once, for they may have been cut short by a full disk.
    """
    expected = read_sums(sums)
    with _alone(directory):
        if wrong_jars(directory, expected):
            _fetch(directory, expected)
    return [directory / name for name in sorted(expected)]


def read_sums(path: Path) -> dict[str, str]:
    """File name -> SHA-256, from the format of `sha256sum`."""
    lines = (line.split() for line in path.read_text().splitlines())
    return {name: digest for digest, name in lines}


def wrong_jars(directory: Path, expected: dict[str, str]) -> list[str]:
    """Names of jars that are missing or differ from their sum."""
    return [name for name, digest in sorted(expected.items()) if _digest(directory / name) != digest]


def _digest(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(directory: Path, expected: dict[str, str]) -> None:
    making = directory.with_name(f"{directory.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for jar in _resolve(making / "resolved"):
        shutil.copyfile(jar, making / jar.name)
    shutil.rmtree(making / "resolved")
    if wrong := wrong_jars(making, expected):
        raise StackError(
            f"{wrong[0]} is not the file KIM was tested with (its SHA-256 differs): delete it from the local "
            "Maven repository and start again, and distrust the network if it stays so."
        )
    shutil.rmtree(directory, ignore_errors=True)
    making.rename(directory)


def _resolve(cache: Path) -> list[Path]:
    import jgo  # noqa: PLC0415 - slow to import, needed once per machine

    try:
        return list(jgo.build(COORDINATES, cache_dir=cache).all_jars)
    except Exception as error:
        raise StackError(
            f"Kafka could not be fetched from Maven Central ({type(error).__name__}): "
            "the first start needs the network once; connect it and start again."
        ) from error


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """One process at a time: several stacks of this checkout share the jars."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_name(f"{directory.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
