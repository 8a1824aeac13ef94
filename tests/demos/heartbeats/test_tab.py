"""The Heartbeats tab without a browser: real records, files, one beat, strangers, and what is told without the data."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from demos._ui.html import words_of
from demos._ui.nets import Net
from demos.heartbeats import tab
from demos.heartbeats.layout import SIMULATED
from demos.heartbeats.nets import GRADCAM, METHODS, Reading, classify_beats
from demos.heartbeats.records import EXAMPLES, FIRST
from models import CheckpointMissing
from signals.ecg import CLASSES, RATE_HZ
from signals.ecg_files import Lead
from signals.synthetic_ecg import simulate
from training import Run
from training.data import samples
from training.recipes.ecg import recipe


@pytest.fixture(scope="module")
def reading() -> Reading:
    return tab.show_example(FIRST, False, None).reading


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_real_record_fills_the_page(name: str, no_data: Path) -> None:
    found = tab.show_example(name, False, None)
    on_paper = tab.shown(found.reading, found.reading.start)
    assert found.sheet.count("data-beat=") == len(on_paper) > 20 and "<svg" in found.sheet
    assert name in found.verdict and "Found" in found.verdict and found.start["visible"] and found.example == name
    kinds = found.reading.annotated[on_paper]
    assert (kinds == CLASSES.index(EXAMPLES[name].kind)).sum() >= 2, "the half minute shows what the title says"
    beat = tab.open_beat(found.reading, found.beat, GRADCAM)
    assert f"Beat {beat.beat + 1} of" in beat.words and beat.large.count("<figure") == 4
    assert "nan" not in found.sheet + found.verdict + found.counts + beat.words + beat.large


@pytest.mark.parametrize("name", SIMULATED)
def test_a_simulated_heart_says_that_it_is_one(name: str) -> None:
    found = tab.show_simulated(name, False, None)
    assert "Simulated" in found.verdict and "no heart beats so tidily" in found.verdict
    assert found.start["visible"] is False and found.example is None, "no example is marked"


def test_the_verdict_counts_what_the_rows_show(reading: Reading) -> None:
    answer, true = reading.answer("ecg"), reading.annotated
    on_paper, v = tab.shown(reading, reading.start), CLASSES.index("V")
    assert true is not None and (true[on_paper] >= 0).all()
    hits = int(((answer == v) & (true == v))[on_paper].sum())
    false = int(((answer != true) & (answer > 0))[on_paper].sum())
    said = words_of(tab.paper(reading, reading.start).verdict)
    assert said.startswith(
        f"Found {hits} of {int((true[on_paper] == v).sum())} ventricular beats; {false or 'no'} false alarm"
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_beat_under_every_net(method: str, reading: Reading) -> None:
    assert reading.annotated is not None
    found = tab.inspect_beat(reading, int(np.flatnonzero(reading.annotated == 2)[1]), method)
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
    assert "points down" in found.verdict and found.reading.annotated is None
    again = tab.show_again(found.reading, True, None)
    assert "points down" not in again.verdict
    assert np.allclose(again.reading.lead.x_T, -found.reading.lead.x_T)
    once_more = tab.show_again(again.reading, True, None)
    assert np.allclose(once_more.reading.lead.x_T, again.reading.lead.x_T), "what is turned is not turned back"
    upright = tab.show_files(column(tmp_path, made.x_T), 360, True, None)
    assert "Take the tick out" in upright.verdict, "one that was turned is not told to be turned"


def test_a_gap_is_marked_and_nothing_beside_it_is_judged(tmp_path: Path) -> None:
    made = simulate(40, pattern=("N",), seed=3)
    x_T = made.x_T.copy()
    x_T[20 * RATE_HZ : 21 * RATE_HZ] = np.nan
    found = tab.show_files(column(tmp_path, x_T), 360, False, None)
    at = found.reading.beats.r_B.numpy() / RATE_HZ
    assert "nothing recorded" in found.sheet and "33 beats, all normal; 2 beside a gap are not judged" in words_of(
        found.verdict
    )
    near = (at > 19.2) & (at < 21.8)
    assert near.sum() >= 2 and (found.reading.answer("ecg")[near] == -1).all()
    assert (found.reading.answer("ecg")[(at < 18) | (at > 23)] >= 0).all()
    assert "not judged" in tab.inspect_beat(found.reading, int(np.flatnonzero(near)[0]), GRADCAM).words


def test_strangers_are_warned_of_before_the_answer(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    noise = words_of(tab.show_files(column(tmp_path, draw.standard_normal(10_800)), 360, False, None).verdict)
    assert noise.startswith("This does not look like an ECG")
    fast = words_of(tab.show_files(column(tmp_path, simulate(30, beats_per_minute=180).x_T), 360, False, None).verdict)
    assert fast.startswith("Faster than anything in training")
    usual = words_of(tab.show_files(column(tmp_path, simulate(30).x_T), 360, False, None).verdict)
    assert usual.startswith("35 beats, all normal")


def test_trouble_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Bring a file"):
        tab.show_files(None, 360, False, None)
    with pytest.raises(ValueError, match="Fewer than three heartbeats"):
        tab.show_files(column(tmp_path, 0.2 * np.sin(np.arange(3600) / 300)), 360, False, None)
    with pytest.raises(ValueError, match="Choose a record"):
        tab.show_record(None, False, None)


def test_half_an_hour_has_a_slider() -> None:
    made = simulate(120, pattern=("N",))
    found = tab.strip_of(classify_beats(Lead(made.x_T, "long")))
    assert found.start["visible"] and found.start["maximum"] == 90
    assert tab.paper(found.reading, 90).sheet.count("data-beat") > 30
    assert tab.paper(None, 0).sheet == tab.NOTHING


def test_a_name_from_outside_is_escaped() -> None:
    made = simulate(10, pattern=("N",))
    found = tab.strip_of(classify_beats(Lead(made.x_T, "<img src=x>", remarks=("<script>",))))
    assert "<img" not in found.verdict and "<script" not in found.verdict and "&lt;img" in found.verdict


def test_the_whole_record_where_it_is_and_ten_minutes_where_not(small_root: Path) -> None:
    whole = tab.show_record("200", False, None).reading
    assert whole.lead.title == "Record 200, 1 minutes" and whole.annotated is not None
    with samples():
        found = tab.show_record("200", False, None).reading
    assert found.lead.title == "Record 200, its first 10 minutes" and found.lead.seconds == 600
    assert found.annotated is not None and (found.annotated >= 0).mean() > 0.99


def test_the_list_says_what_is_in_a_record(no_data: Path) -> None:
    record, *_ = tab.below("ecg", "ROC", 0.5)
    listed = {name: label for label, name in record["choices"]}
    assert set(listed) == {example.record for example in EXAMPLES.values()}
    assert "bigeminy" in listed["200"] and "245 ventricular" in listed["200"]


def test_without_a_checkpoint(checkpoints: Path) -> None:
    for ask in (
        lambda: tab.show_example(FIRST, False, None),
        lambda: tab.scores("ecg", "ROC", 0.5),
        lambda: tab.on_open(None, False, None),
    ):
        with pytest.raises(CheckpointMissing, match="python -m training fit ecg"):
            ask()
    assert "python -m training fit ecg_cnn" in tab.attention_lesson()


def test_the_tab_opens_once(reading: Reading) -> None:
    assert FIRST in tab.on_open(None, False, None).verdict
    again = tab.on_open(reading, False, None)
    assert "__type__" in again.verdict and again.reading != reading, "what is on the paper stays"
    assert "__type__" in tab.open_beat(reading, 4, GRADCAM).words


@pytest.mark.slow
def test_a_model_of_ones_own(no_data: Path) -> None:
    with samples():
        run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=32)))
    for _ in run:
        pass
    own = Net.from_run(run)
    found, shipped = (tab.show_example(FIRST, False, net).reading for net in (own, None))
    assert not torch.equal(found.p["ecg"], shipped.p["ecg"]) and torch.equal(found.p["ecg_cnn"], shipped.p["ecg_cnn"])
    assert tab.inspect_beat(found, 2, GRADCAM).large and "Your net answers" in tab.show_again(found, False, own).verdict
