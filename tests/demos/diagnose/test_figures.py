"""What Diagnose draws: answers, verdicts, maps over pictures, and the test set's charts."""

from typing import Any

import pytest
import torch

from demos._ui.nets import Net
from demos.diagnose import figures, nets
from demos.diagnose.figures import map_verdict
from demos.diagnose.maps import GRADCAM, Form, Verdict
from demos.diagnose.nets import CELLS, Reading, Truth


def read(p: list[float], *, truth: Truth | None = None, distance: float = 0.5) -> Reading:
    x_3HW = torch.zeros(3, 27, 27, dtype=torch.uint8)
    return Reading(CELLS.name, x_3HW, torch.tensor(p), distance, 1.0, truth)


def verdict(before: float, after: float, random: float, **more: Any) -> Verdict:
    return Verdict(more.get("heat", torch.ones(4, 4)), before, after, random, more.get("inside"), more.get("area"))


def test_an_answer_names_its_class_and_whose_it_is(net: Net[Any]) -> None:
    text = figures.answer_text(net, CELLS, read([0.1, 0.2, 0.6, 0.1]), 12)
    assert "<h2>epithelial</h2>" in text and "<b>60.0 %</b>" in text and "12 ms" in text and "your model" in text
    assert "Not a medical device" in text and "A test picture" not in text and "wl-holds" in text


@pytest.mark.parametrize(
    ("label", "words", "kind"), [(2, "read right", "wl-diagnose-right"), (0, "read wrong", "wl-diagnose-wrong")]
)
def test_of_a_test_picture_the_label_is_told(net: Net[Any], label: int, words: str, kind: str) -> None:
    text = figures.answer_text(net, CELLS, read([0.1, 0.2, 0.6, 0.1], truth=Truth(label, None)), 12)
    assert f'class="{kind}"' in text and f"labelled {CELLS.classes[label]}: {words}" in text


def test_a_stranger_is_told_so() -> None:
    assert "does not look like my training data" in figures.novelty_verdict(read([1.0, 0, 0, 0], distance=1.2))
    home = figures.novelty_verdict(read([1.0, 0, 0, 0]))
    assert "This looks like my training data" in home and "Distance 0.50" in home and "within 1.00" in home


def test_verdicts_in_words() -> None:
    holds = map_verdict(verdict(0.91, 0.34, 0.83), "melanoma", GRADCAM)
    assert "This map holds" in holds and "from 91.0 % to <b>34.0 %</b>" in holds and "leaves 83.0 %" in holds
    assert "wl-holds" in holds
    fails = map_verdict(verdict(0.91, 0.85, 0.84), "melanoma", GRADCAM)
    assert "fails its check" in fails and "do not read anything into it" in fails and "wl-fails" in fails
    unsure = map_verdict(verdict(0.01, 0.01, 0.01), "melanoma", GRADCAM)
    assert "cannot be checked so" in unsure and "wl-fails" not in unsure
    assert "map is empty" in map_verdict(verdict(0.9, 0.9, 0.9, heat=torch.zeros(4, 4)), "melanoma", GRADCAM)
    inside = map_verdict(verdict(0.9, 0.2, 0.8, inside=0.6, area=0.3), "melanoma", GRADCAM)
    assert "<b>60.0 %</b> of the heat lies inside" in inside and "2.00 times" in inside


def test_a_map_lies_over_its_picture_and_an_outline_over_both() -> None:
    mask_HW = torch.zeros(27, 27, dtype=torch.bool)
    mask_HW[9:18, 9:18] = True
    reading, heat_HW = read([1.0, 0, 0, 0], truth=Truth(0, mask_HW)), torch.ones(27, 27)
    whole = figures.overlay(reading, heat_HW, "Occlusion", "for <b>")
    places = [whole.index(f'class="{kind}"') for kind in ("wl-under", "wl-diagnose-heat", "wl-diagnose-rim")]
    assert places == sorted(places) and "<b>Occlusion</b>for &lt;b&gt;</figcaption>" in whole
    assert 'aria-label="Occlusion for' in whole
    assert "wl-diagnose-rim" not in figures.overlay(reading, heat_HW, "", "", with_rim=False)
    assert "wl-diagnose-heat" not in figures.overlay(reading, None, "", "")
    text = figures.map_text(reading, verdict(0.9, 0.2, 0.8, heat=heat_HW), "other", GRADCAM, "layer 3")
    assert text.count('class="wl-under"') == 2 and "27 × 27 pixels, with the dermatologist" in text
    assert "for other at layer 3" in text and "This map holds" in text


@pytest.mark.parametrize(("late", "words"), [(0.1, "The map melts"), (-0.9, "The map does not melt")])
def test_whether_a_map_melts(late: float, words: str) -> None:
    stages = [("head", torch.ones(27, 27), 0.9), ("blocks.1", torch.ones(27, 27), late)]
    text = figures.randomization_text(read([1.0, 0, 0, 0]), stages, done=True)
    assert words in text and f"{abs(late):.2f}" in text and text.count("wl-diagnose-heat") == 2
    assert "<b>+0.90</b>head reset" in text and ("<b>−0.90</b>blocks.1 reset" in text) == (late < 0)
    assert "Resetting" in figures.randomization_text(read([1.0, 0, 0, 0]), stages[:1], done=False)


def test_every_arithmetic_with_what_was_measured_of_it() -> None:
    heat_HW = torch.ones(27, 27)
    forms = [
        Form("float32", torch.tensor([0.9, 0.1]), heat_HW),
        Form("static int8", torch.tensor([0.88, 0.12]), heat_HW),
    ]
    text = figures.forms_text(read([0.9, 0.1, 0, 0]), forms, ("a", "b"), nets.quantized_rows())
    assert text.count("wl-diagnose-heat") == 2 and text.count("off by 2.00 points <small>") == 1
    assert text.count("<small>test: macro-F1") == 2
    assert "test: macro-F1" not in figures.forms_text(read([0.9, 0.1, 0, 0]), forms, ("a", "b"), {})


def test_the_confusion_has_its_shares() -> None:
    text = figures.confusion_table(torch.tensor([[3, 1], [0, 4]]), ("one", "two"))
    assert text.count("wl-hit") == 2 and ">recall</th>" in text
    assert "<td>0.75</td><td>0.86</td>" in text and "<td>1.00</td><td>0.89</td>" in text


def test_the_reliability_chart_has_a_dot_for_each_bin_that_holds_pictures() -> None:
    raw, fitted = torch.tensor([[4, 0.5, 0.25], [0, 0, 0]]), torch.tensor([[4, 0.5, 0.5], [16, 1.0, 1.0]])
    text = figures.reliability_chart(raw, fitted)
    assert text.count("<circle") == 3 and text.count("wl-diagnose-raw") == 1
    assert 'cx="100.0" cy="150.0" r="10.0"' in text, "the open dot lies below the diagonal"
    assert "0.0 points apart on average" in text and "as trained, 25.0" in text


def test_strangers_are_a_curve_above_the_diagonal() -> None:
    curve = {
        "against": "cats & dogs", "false": [0, 0.1, 1], "true": [0, 0.9, 1], "auc": 0.9, "n": 1000, "n_own": 40,
        "caught": 0.9, "mistaken": 0.1,
    }  # fmt: skip
    text = figures.novelty_chart(curve)
    assert 'points="0.0,200.0 20.0,20.0 200.0,0.0"' in text and "cats &amp; dogs" in text
    assert "area 0.900 (n = 1,000 against 40)" in text and "90.0 % are caught" in text


def test_the_results_of_a_fresh_net(net: Net[Any]) -> None:
    text = figures.results_text(net, CELLS, [])
    n, patients = len(net.evidence["label"]), len(net.evidence["unit"].unique())
    assert f"n = {n:,} test pictures" in text and (f"of {patients} patients" in text) == (patients < n)
    assert f"{int(net.evidence['train_counts'].sum()):,} training pictures" in text and text.count("<svg") == 1


def test_what_waits_for_a_network_is_said_in_one_sentence() -> None:
    assert figures.waiting_text([]) == ""
    assert "python -m training fit a, python -m training fit b." in figures.waiting_text(["a", "b"])
