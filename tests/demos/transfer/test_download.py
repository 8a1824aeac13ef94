"""What is taken away works by itself: the zip's own program tells and trains what the tab did."""

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from demos.transfer import own, own_tab
from demos.transfer.download import archive
from tests.demos.transfer.made import content, photograph, sent


@pytest.mark.slow
def test_the_zip_tells_and_trains_by_itself(tmp_path: Path) -> None:
    given = sent(4)
    given["kinds"] = ["../plum", "lime/lime"]
    lesson = own.unpack(given)
    head = own.solve(lesson, own.features(lesson.pictures, {}), time.perf_counter())
    with zipfile.ZipFile(io.BytesIO(archive(lesson, head))) as file:
        assert not [name for name in file.namelist() if ".." in name or name.startswith("/")]
        file.extractall(tmp_path)
    assert (tmp_path / "pictures/1 _plum").is_dir() and "pictures are yours" in (tmp_path / "README.md").read_text()
    (tmp_path / "new.jpg").write_bytes(content(photograph("lime", 77)))
    told = run(tmp_path, "new.jpg")
    assert "2 lime_lime" in told.split(" (")[0]
    before = (tmp_path / "head.safetensors").read_bytes()
    assert f"{head.right} of 8 right when left out" in run(tmp_path, "--train")
    assert json.loads((tmp_path / "head.json").read_text())["kinds"] == ["1 _plum", "2 lime_lime"]
    assert (tmp_path / "head.safetensors").stat().st_size == len(before)
    assert run(tmp_path, "new.jpg").split(" (")[0] == told.split(" (")[0]


def run(folder: Path, *arguments: str) -> str:
    """The zip's program, which finds nothing of this project but what it brought along."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "head.py", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_there_is_nothing_to_take_away_yet() -> None:
    with pytest.raises(ValueError, match="Add a second kind"):
        own_tab.pack(sent(2, ("plum",)), None)
