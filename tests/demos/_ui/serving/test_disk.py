"""The folder of uploads: bounded in all and by address, the oldest going first (HOLD.md F)."""

import os
import time
from pathlib import Path

import pytest

from demos._ui.serving import disk
from demos._ui.serving.disk import Uploads

KB = 1000


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Uploads:
    monkeypatch.setattr(disk, "UPLOADS_BYTES", 100 * KB)
    monkeypatch.setattr(disk, "UPLOADS_OF_ONE_BYTES", 40 * KB)
    monkeypatch.setattr(disk, "RECKONED_S", 0.0)
    return Uploads(tmp_path)


def written(uploads: Uploads, name: str, n: int, *, minutes_ago: float = 0) -> Path:
    path = uploads.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(n))
    then = time.time() - 60 * minutes_ago
    os.utime(path, (then, then))
    return path


def test_one_address_has_a_share(uploads: Uploads) -> None:
    assert uploads.refusal("1.2.3.4", 30 * KB) is None
    refused = uploads.refusal("1.2.3.4", 11 * KB)
    assert refused and "from your address" in refused and "10 minutes" in refused
    assert uploads.refusal("5.6.7.8", 11 * KB) is None, "another's share is its own"


def test_the_oldest_go_first_and_what_is_young_stays(uploads: Uploads) -> None:
    old, older = (
        written(uploads, "a/old", 40 * KB, minutes_ago=20),
        written(uploads, "b/older", 40 * KB, minutes_ago=30),
    )
    assert uploads.refusal("a", 30 * KB) is None
    assert old.exists() and not older.exists()
    young = [written(uploads, f"c/{i}", 30 * KB, minutes_ago=i) for i in range(3)]
    refused = uploads.refusal("b", 30 * KB)
    assert refused and "no room" in refused and all(path.exists() for path in young) and not old.exists()
    uploads.room_for(30 * KB)
    assert [path.exists() for path in young] == [True, True, False], "an answer's own file finds room all the same"


def test_a_thousand_uploads_leave_no_more_than_the_bound(uploads: Uploads) -> None:
    refused = 0
    for i in range(1000):
        if uploads.refusal(f"10.0.{i // 250}.{i % 250}", 9 * KB):
            refused += 1
        else:
            written(uploads, f"{i}", 9 * KB)
    assert refused == 1000 - 11 and sum(p.stat().st_size for p in uploads.folder.rglob("*")) <= 100 * KB
