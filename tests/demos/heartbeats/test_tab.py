"""The Heartbeats tab without a browser: examples, files, records, one beat, thresholds on stored scores."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from demos.heartbeats import scores, tab
from demos.heartbeats.strip import TRUTH, Row, strip
from models import _checkpoint
from models._checkpoint import CheckpointMissing
from models.ecg import BeatNet
from signals.ecg import RATE_HZ
from signals.ecg_files import Lead
from signals.synthetic_ecg import simulate
from training._run import Run
from training.data._root import DataMissing
from training.recipes.ecg import recipe

VENTRICULAR = "Ventricular beats"


@pytest.fixture(scope="module")
def reading() -> tab.Reading:
    return tab.show_example(VENTRICULAR, False, None)[0]


def test_an_example_is_judged_right_by_every_net(reading: tab.Reading) -> None:
    assert reading.truth_B is not None and len(reading.p) == 4
    for name, p_BC in reading.p.items():
        assert p_BC.sum(1).allclose(torch.ones(len(p_BC)))
        right = (p_BC.argmax(1).numpy() == reading.truth_B).mean()
        assert right > (0.9 if name == "ecg" else 0.7), f"{name} {right}"


@pytest.mark.parametrize("name", tab.EXAMPLES)
def test_every_example_fills_the_page(name: str) -> None:
    found, sheet, summary, slider, beat, words, large = tab.show_example(name, False, None)
    assert sheet.count("data-beat=") == len(found.beats.r_B) and "<svg" in sheet
    assert "beats in 30 s" in summary and slider["visible"] is False
    assert f"Beat {beat + 1} of" in words and large.count("<figure") == 4
    assert "nan" not in sheet + summary + words + large


def test_a_beat_under_every_net(reading: tab.Reading) -> None:
    i = int(np.flatnonzero(reading.truth_B == 2)[1])
    for how in tab.HOW:
        words, large = tab.look(reading, i, how)
        assert "ventricular ectopic" in words and "In truth it is V" in words
        assert "Bars from the top: head 1, head 2, head 3, head 4" in large and large.count(how) >= 3
        assert "in logits, by integrated gradients" in large
    for name in tab.NETS:
        found = tab.heats(name, tab.net(name), reading.beats, i, 2, tab.HOW[0])
        assert len(found) == (4 if name == "ecg_attention" else 1)
        assert all(np.isfinite(h).all() and h.min() >= 0 for _, h in found)


def test_rhythm_shares_add_up(reading: tab.Reading) -> None:
    """Integrated gradients: the shares sum to the score's change from the usual rhythm."""
    model, i = tab.net("ecg"), 4
    x, r = reading.beats.context_BCT[i : i + 1], reading.beats.rhythm_BF[i : i + 1]
    assert isinstance(model, BeatNet)
    with torch.no_grad():
        change = (model(x, r) - model(x, model.rhythm_mean[None]))[0, 2].item()
    total = sum(value for _, value in tab.rhythm_share(model, reading.beats, i, 2))
    assert total == pytest.approx(change, abs=0.1 + 0.1 * abs(change))


def test_a_click_and_steps(reading: tab.Reading) -> None:
    event = SimpleNamespace(_data={"beat": 7})
    assert tab.chosen(reading, tab.HOW[0], event)[0] == 7  # type: ignore[arg-type]
    assert tab.stepped(1)(reading, 7, tab.HOW[0])[0] == 8
    assert tab.stepped(-1)(reading, 0, tab.HOW[0])[0] == 0
    assert tab.stepped(1)(None, 3, tab.HOW[0]) == (0, "", "")
    assert tab.look(reading, 10_000, tab.HOW[0])[0]


def test_the_strip_is_to_scale() -> None:
    x_T = np.zeros(4 * RATE_HZ, np.float32)
    x_T[RATE_HZ] = 1
    text = strip(x_T, np.array([RATE_HZ, 2 * RATE_HZ]), [Row(TRUTH, [0, 2]), Row("net", [1, -1])], start=0, seconds=4)
    assert 'width="400"' in text  # 25 mm/s at 4 px/mm
    assert 'aria-label="Beat 1: truth N, net S"' in text and "wl-isS" in text
    ys = [float(p.split(",")[1]) for p in text.split('points="')[1].split('"')[0].split()]
    assert max(ys) - min(ys) == pytest.approx(40, abs=0.2)  # 10 mm/mV
    assert ">1000</text>" in text and "60 beats per minute" in text
    assert strip(x_T, np.array([RATE_HZ]), [Row("net", [0])], start=2, seconds=2).count("data-beat") == 0


def column(folder: Path, x_T: np.ndarray) -> list[str]:
    np.savetxt(folder / "mine.csv", x_T, fmt="%.4f")
    return [str(folder / "mine.csv")]


def test_a_file_and_a_lead_upside_down(tmp_path: Path) -> None:
    made = simulate(20, pattern=("N",) * 4 + ("V",))
    found, _, summary, *_ = tab.show_files(column(tmp_path, -made.x_T), 360, False, None)
    assert "points down" in summary and found.truth_B is None
    again = tab.again(found, True, False, None)
    assert "points down" not in again[2]
    assert np.allclose(again[0].lead.x_T, -found.lead.x_T)
    assert tab.again(again[0], True, True, None)[0].lead is again[0].lead


def test_trouble_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Bring a file"):
        tab.show_files(None, 360, False, None)
    noise = np.random.default_rng(0).standard_normal(3600) * 0.02
    with pytest.raises(ValueError, match="Fewer than three heartbeats"):
        tab.show_files(column(tmp_path, 0.2 * np.sin(np.arange(3600) / 300) + 0 * noise), 360, False, None)


def test_half_an_hour_has_a_slider() -> None:
    made = simulate(120, pattern=("N",))
    found = tab.shown(tab.judge(Lead(made.x_T, "long")))
    assert found[3]["visible"] and found[3]["maximum"] == 90
    assert tab.paper(found[0], 90).count("data-beat") > 30
    assert tab.paper(None, 0) == tab.EMPTY


def test_truth_is_matched_to_found_beats() -> None:
    found, known, kinds = np.array([100, 500, 900]), np.array([90, 510, 1300]), np.array([0, 2, 1])
    assert tab.matched(found, known, kinds).tolist() == [0, 2, -1]


def test_a_test_record(small_root: Path) -> None:
    found, *_ = tab.show_record("200", False, None)
    assert "MIT-BIH 200, MLII" in found.lead.title and found.truth_B is not None and (found.truth_B >= 0).all()


def test_a_test_record_without_the_data(no_data: Path) -> None:
    with pytest.raises(DataMissing, match="physionet"):
        tab.show_record("200", False, None)


def test_without_a_checkpoint(checkpoints: Path) -> None:
    for ask in (
        lambda: tab.show_example(VENTRICULAR, False, None),
        lambda: tab.scores("ecg", "ROC", 0.5),
        lambda: tab.opened(None, None, "ecg", "ROC", 0.5),
    ):
        with pytest.raises(CheckpointMissing, match="python -m training fit ecg"):
            ask()
    assert "python -m training fit ecg_cnn" in scores.finding_text()


def evidence() -> dict[str, torch.Tensor]:
    return _checkpoint.load(BeatNet, "ecg").evidence


def test_stored_scores_are_the_cards() -> None:
    card, stored = _checkpoint.card("ecg"), evidence()
    assert len(stored["class"]) == card.data["n_test"] == 49_692 and stored["record"].unique().numel() == 22
    text = scores.counts_text(stored, "in context")
    assert f"<b>{card.metrics['f1_S']:.3f}</b>" in text and "Q has 7 beats" in text


def test_the_threshold_moves_what_it_should() -> None:
    stored = evidence()
    low, high = (scores.at_threshold(stored, t) for t in (0.05, 0.95))
    assert low[:, 1].sum() > high[:, 1].sum() and low.sum() == high.sum() == 49_692
    assert low[1].sum() == (stored["class"] != 0).sum()
    text = scores.threshold_text(stored, 0.5)
    assert "abnormal test beats" in text and "chosen on the test set" in text
    assert tab.read_at("ecg", 0.3) != text


AREAS = {"ROC": roc_auc_score, "Precision and recall": average_precision_score}


@pytest.mark.parametrize("kind", AREAS)
def test_curves_with_their_areas_as_scikit_learn_has_them(kind: str) -> None:
    stored = evidence()
    figure, words = scores.curves(stored, kind)
    assert len(figure.data) == 4 and all(len(trace.x) <= scores.POINTS for trace in figure.data)  # type: ignore[arg-type]
    for k, name in enumerate("NSVF"):
        area = AREAS[kind](stored["class"] == k, stored["probability"][:, k].float())
        assert f"{name} {area:.3f}" in words


def test_the_lesson_of_the_split() -> None:
    text = scores.lesson_text()
    assert "by patient" in text and "at random" in text and "random forest" in text


@pytest.mark.parametrize(
    ("plain", "attending", "verdict"),
    [
        ([0.60, 0.61, 0.62], [0.50, 0.51, 0.52], "the plain CNN is better"),
        ([0.50, 0.51, 0.52], [0.60, 0.61, 0.62], "the one with attention is better"),
        ([0.50, 0.55, 0.60], [0.52, 0.55, 0.58], "within what the seed alone moves"),
        ([0.50], [0.60, 0.61], "nothing can be said yet"),
    ],
)
def test_the_finding_is_told_as_it_comes_out(
    monkeypatch: pytest.MonkeyPatch, plain: list[float], attending: list[float], verdict: str
) -> None:
    monkeypatch.setattr(scores, "_seeds", {"ecg_cnn": plain, "ecg_attention": attending}.__getitem__)
    assert verdict in scores.finding_text()


@pytest.mark.slow
def test_a_model_of_ones_own(small_root: Path) -> None:
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=32)))
    for _ in run:
        pass
    own = tab.trained(run)
    found = tab.show_example(VENTRICULAR, False, own)[0]
    shipped = tab.show_example(VENTRICULAR, False, None)[0]
    assert not torch.equal(found.p["ecg"], shipped.p["ecg"]) and torch.equal(found.p["ecg_cnn"], shipped.p["ecg_cnn"])
    assert tab.look(found, 2, tab.HOW[0])[1]
