"""The Heartbeats tab without a browser: examples, files, records, one beat, and what is told without them."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from demos._ui.nets import Net
from demos.heartbeats import tab
from demos.heartbeats.nets import GRADCAM, METHODS, Reading, classify_beats
from models import CheckpointMissing
from signals.ecg_files import Lead
from signals.synthetic_ecg import simulate
from training import DataMissing, Run
from training.recipes.ecg import recipe


@pytest.fixture(scope="module")
def reading() -> Reading:
    return tab.show_example(tab.FIRST, False, None).reading


@pytest.mark.parametrize("name", tab.EXAMPLES)
def test_every_example_fills_the_page(name: str) -> None:
    found = tab.show_example(name, False, None)
    assert found.sheet.count("data-beat=") == len(found.reading.beats.r_B) and "<svg" in found.sheet
    assert "beats in 30 s" in found.summary and found.start["visible"] is False
    assert f"Beat {found.beat + 1} of" in found.words and found.large.count("<figure") == 4
    assert "nan" not in found.sheet + found.summary + found.words + found.large


@pytest.mark.parametrize("method", METHODS)
def test_a_beat_under_every_net(method: str, reading: Reading) -> None:
    assert reading.truth_B is not None
    found = tab.inspect_beat(reading, int(np.flatnonzero(reading.truth_B == 2)[1]), method)
    assert "ventricular ectopic" in found.words and "In truth it is V" in found.words
    assert "Bars from the top: head 1, head 2, head 3, head 4" in found.large and found.large.count(method) >= 3
    assert "in logits, by integrated gradients" in found.large


def test_a_click_and_steps(reading: Reading) -> None:
    event: Any = SimpleNamespace(_data={"beat": 7})
    assert tab.on_beat_click(reading, GRADCAM, event).beat == 7
    assert tab.step_beat(1, reading, 7, GRADCAM).beat == 8
    assert tab.step_beat(-1, reading, 0, GRADCAM).beat == 0
    assert tab.step_beat(1, None, 3, GRADCAM) == (0, "", "")
    last = len(reading.beats.r_B) - 1
    assert tab.inspect_beat(reading, 10_000, GRADCAM).beat == last
    event._data = "nonsense"
    assert tab.on_beat_click(reading, GRADCAM, event).beat == 0


def column(folder: Path, x_T: np.ndarray) -> list[str]:
    np.savetxt(folder / "mine.csv", x_T, fmt="%.4f")
    return [str(folder / "mine.csv")]


def test_a_file_and_a_lead_upside_down(tmp_path: Path) -> None:
    made = simulate(20, pattern=("N",) * 4 + ("V",))
    found = tab.show_files(column(tmp_path, -made.x_T), 360, False, None)
    assert "points down" in found.summary and found.reading.truth_B is None
    again = tab.show_again(found.reading, True, None)
    assert "points down" not in again.summary
    assert np.allclose(again.reading.lead.x_T, -found.reading.lead.x_T)
    once_more = tab.show_again(again.reading, True, None)
    assert np.allclose(once_more.reading.lead.x_T, again.reading.lead.x_T), "what is turned is not turned back"


def test_trouble_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Bring a file"):
        tab.show_files(None, 360, False, None)
    with pytest.raises(ValueError, match="Fewer than three heartbeats"):
        tab.show_files(column(tmp_path, 0.2 * np.sin(np.arange(3600) / 300)), 360, False, None)


def test_half_an_hour_has_a_slider() -> None:
    made = simulate(120, pattern=("N",))
    found = tab.strip_of(classify_beats(Lead(made.x_T, "long")))
    assert found.start["visible"] and found.start["maximum"] == 90
    assert tab.paper(found.reading, 90).count("data-beat") > 30
    assert tab.paper(None, 0) == tab.NOTHING


def test_a_name_from_outside_is_escaped() -> None:
    made = simulate(10, pattern=("N",))
    found = tab.strip_of(classify_beats(Lead(made.x_T, "<img src=x>", remarks=("<script>",))))
    assert "<img" not in found.summary and "<script" not in found.summary and "&lt;img" in found.summary


def test_a_test_record(small_root: Path) -> None:
    found = tab.show_record("200", False, None).reading
    assert "MIT-BIH 200, MLII" in found.lead.title and found.truth_B is not None and (found.truth_B >= 0).all()


def test_a_test_record_without_the_data(no_data: Path) -> None:
    with pytest.raises(DataMissing, match="physionet"):
        tab.show_record("200", False, None)


def test_without_a_checkpoint(checkpoints: Path) -> None:
    for ask in (
        lambda: tab.show_example(tab.FIRST, False, None),
        lambda: tab.scores("ecg", "ROC", 0.5),
        lambda: tab.on_open(None, None, "ecg", "ROC", 0.5),
    ):
        with pytest.raises(CheckpointMissing, match="python -m training fit ecg"):
            ask()
    assert "python -m training fit ecg_cnn" in tab.attention_lesson()


@pytest.mark.slow
def test_a_model_of_ones_own(small_root: Path) -> None:
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=32)))
    for _ in run:
        pass
    own = Net.from_run(run)
    found, shipped = (tab.show_example(tab.FIRST, False, net).reading for net in (own, None))
    assert not torch.equal(found.p["ecg"], shipped.p["ecg"]) and torch.equal(found.p["ecg_cnn"], shipped.p["ecg_cnn"])
    assert tab.inspect_beat(found, 2, GRADCAM).large
