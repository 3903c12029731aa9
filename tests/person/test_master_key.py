"""The master key is there, closed to others and whole; or the vault says in one sentence why it stays shut."""

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.person.app import build
from services.person.crypto import Key
from services.person.master_key import file_name, read, read_newest, versions
from shared.secret_file import SecretUnusable
from shared.service import create_app
from shared.settings import Settings

FILE_NAME = file_name(1)


def keep(folder: Path, content: bytes, mode: int = 0o600, version: int = 1) -> None:
    path = folder / file_name(version)
    path.write_bytes(content)
    path.chmod(mode)


def test_in_development_it_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = read_newest(folder, may_make=True)
    assert read_newest(folder, may_make=True) == made == read(folder, 1)
    assert (folder / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


def test_processes_that_start_together_get_the_same_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: read_newest(tmp_path, may_make=True), range(8)))
    assert len({found.key for found in made}) == 1


def test_in_production_it_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(SecretUnusable, match="cannot be read"):
        read_newest(tmp_path, may_make=False)
    assert list(tmp_path.iterdir()) == []


def test_each_version_has_a_file_of_its_own_and_the_newest_counts(tmp_path: Path) -> None:
    for version in (1, 2, 10):
        keep(tmp_path, b64encode(Key.new().secret), version=version)
    for stranger in ("person-master-01.key", "person-master-1.key", "person-master-3.key.bak", "person-master-x.key"):
        (tmp_path / stranger).write_bytes(b"")
    assert versions(tmp_path) == [1, 2, 10]
    assert read_newest(tmp_path, may_make=True) == read(tmp_path, 10)
    assert len({read(tmp_path, version).key for version in (1, 2, 10)}) == 3


def test_where_a_newer_one_is_there_the_first_is_not_made_again(tmp_path: Path) -> None:
    keep(tmp_path, b64encode(Key.new().secret), version=2)
    assert read_newest(tmp_path, may_make=True).version == 2
    assert versions(tmp_path) == [2]


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_one_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    keep(tmp_path, b64encode(Key.new().secret), mode)
    with pytest.raises(SecretUnusable, match="0600"):
        read_newest(tmp_path, may_make=True)


@pytest.mark.parametrize("content", [b"", b"not base64!", b64encode(b"too short")])
def test_one_that_is_damaged_is_refused_and_never_replaced(tmp_path: Path, content: bytes) -> None:
    keep(tmp_path, content)
    with pytest.raises(SecretUnusable, match="backup"):
        read_newest(tmp_path, may_make=True)
    assert (tmp_path / FILE_NAME).read_bytes() == content


async def test_a_production_service_without_its_master_key_does_not_start(tmp_path: Path) -> None:
    settings = Settings.model_validate({"environment": "production", "secrets_dir": tmp_path})
    app = create_app(build(settings), settings)
    with pytest.raises(SecretUnusable):
        async with app.router.lifespan_context(app):
            pytest.fail("it must not start")
