"""Intake's secrets: made once, read by itself alone."""

import stat
from base64 import b64encode
from pathlib import Path

import pytest

from services.intake.keys import CODE_FILE, SIGNING_FILE, Keys
from shared.secret_file import SecretUnusable


def _reason(folder: Path) -> str:
    with pytest.raises(SecretUnusable) as raised:
        Keys.read(folder, may_make=False)
    return str(raised.value)


def test_keys_are_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first, second = Keys.read(folder, may_make=True), Keys.read(folder, may_make=True)
    assert (first.code, first.kid) == (second.code, second.kid)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {CODE_FILE: 0o600, SIGNING_FILE: 0o600}


def test_in_production_keys_must_be_there(tmp_path: Path) -> None:
    assert CODE_FILE in _reason(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    Keys.read(tmp_path, may_make=True)
    (tmp_path / SIGNING_FILE).chmod(0o640)
    assert "0600" in _reason(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [(CODE_FILE, b64encode(b"short")), (CODE_FILE, b"\xff"), (SIGNING_FILE, b"no key"), (SIGNING_FILE, b"")],
)
def test_a_damaged_key_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    Keys.read(tmp_path, may_make=True)
    (tmp_path / name).write_bytes(content)
    assert name in _reason(tmp_path)


def test_the_key_set_shows_the_public_key_alone() -> None:
    (key,) = Keys.new().jwks()["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_keys_do_not_show_in_a_repr() -> None:
    assert repr(Keys.new()) == "Keys()"
