from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.coordination import chain
from services.coordination.pseudonym import MASTER_FILE, Pseudonyms
from services.coordination.publish import record
from shared.clock import BERLIN
from shared.contracts.municipal import MunicipalEvent
from shared.secret_file import SecretUnusable
from tests.coordination.world import ALPEN, DINSLAKEN

ENQUIRY = UUID(int=1)


def test_a_pseudonym_is_the_same_ever_after_and_another_in_every_stream(secrets_dir: Path) -> None:
    once, again = Pseudonyms(secrets_dir), Pseudonyms(secrets_dir)
    assert once.subject(DINSLAKEN, ENQUIRY) == again.subject(DINSLAKEN, ENQUIRY)
    names = {once.subject(DINSLAKEN, ENQUIRY), once.subject(ALPEN, ENQUIRY), once.tombstone(ENQUIRY).hex()}
    assert len(names) == 3


def test_in_development_the_secret_is_made_once(tmp_path: Path) -> None:
    first = Pseudonyms(tmp_path, may_make=True).subject(DINSLAKEN, ENQUIRY)
    assert Pseudonyms(tmp_path).subject(DINSLAKEN, ENQUIRY) == first
    assert (tmp_path / MASTER_FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [None, b"", b"ab", b"no hex" * 20])
def test_without_a_whole_secret_nothing_starts(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / MASTER_FILE).write_bytes(content)
        (tmp_path / MASTER_FILE).chmod(0o600)
    with pytest.raises(SecretUnusable, match=MASTER_FILE):
        Pseudonyms(tmp_path).load()


def test_kafkas_own_timestamp_tells_the_day_alone_and_is_never_of_the_future() -> None:
    half_past_midnight = datetime(2026, 7, 1, 0, 30, tzinfo=BERLIN)
    event = MunicipalEvent(
        sequence=1, id=uuid4(), type="case.opened.v1", time=chain.midnight(half_past_midnight), subject="p", data={},
        withheld=[], salts={}, commitments={}, previous_hash="", hash="",
    )  # fmt: skip
    assert record("05170008", event).time == datetime(2026, 7, 1, tzinfo=BERLIN)
