"""What a visitor can do: every event of the application is the one that was read and meant."""

from pathlib import Path

import pytest

import app
from tests import events


def test_every_event_is_the_one_that_was_kept(
    checkpoints: Path, no_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAVELENS_TRAINING", "full")
    found, kept = events.lines(app.studio()), events.KEPT.read_text(encoding="utf-8").splitlines()
    assert found == kept, "events changed; read `git diff tests/events.txt` after `python -m tests.events --write`"
