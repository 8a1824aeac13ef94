"""What Diagnose draws: answers, verdicts, maps over pictures, and the test set's charts."""

from typing import Any

import pytest
import torch

from demos._ui.nets import Net
from demos.diagnose import figures, nets
from demos.diagnose.figures import map_verdict
from demos.diagnose.maps import GRADCAM, Form, Verdict
from demos.diagnose.nets import Reading
from demos.diagnose.subjects import CELLS, XRAYS, Truth


def read(p: list[float], *, truth: Truth | None = None, distance: float = 0.5, colour: int = 0) -> Reading:
    side, subject = (28, XRAYS) if len(p) == 2 else (27, CELLS)
    x_3HW = torch.zeros(3, side, side, dtype=torch.uint8)
    x_3HW[0] = colour
    return Reading(subject.name, x_3HW, torch.tensor(p), distance, 1.0, truth)


def verdict(before: float, after: float, random: float, **more: Any) -> Verdict:
    return Verdict(more.get("heat", torch.ones(4, 4)), before, after, random, more.get("inside"), more.get("area"))


def test_an_answer_is_a_class_and_how_sure(net: Net[Any]) -> None:
    reading = read([0.1, 0.2, 0.6, 0.1])
    text = figures.answer_text(CELLS, reading)
    assert "<h2>Epithelial, 60 % sure</h2>" in text and "labelled" not in text and "wl-stranger" not in text
    sure = figures.sureness_text(net, CELLS, reading, 12)
    assert "12 ms" in sure and "your model" in sure and "never for a patient" in sure and "looks like the cells" in sure
    assert "&gt; 99 % sure" in figures.answer_text(XRAYS, read([0.004, 0.996]))


@pytest.mark.parametrize(
    ("label", "words", "kind"), [(2, "Right", "wl-diagnose-right"), (0, "Wrong", "wl-diagnose-wrong")]
)
def test_the_truth_is_told_after_the_answer(label: int, words: str, kind: str) -> None:
    text = figures.answer_text(CELLS, read([0.1, 0.2, 0.6, 0.1], truth=Truth(label, None)))
    assert f'class="{kind}">{words}</span>: the cell was labelled {CELLS.classes[label]}.' in text
    assert text.index("60 % sure") < text.index("labelled")


def test_of_a_stranger_the_warning_comes_first() -> None:
    text = figures.answer_text(CELLS, read([1.0, 0, 0, 0], distance=1.2))
    assert text.index("not like the cells it learnt from") < text.index("1.2 times as far") < text.index("Fibroblast")
    assert "<h2>" not in text
    assert "wl-diagnose-doubted" in figures.sureness_text(shipped(), CELLS, read([1.0, 0, 0, 0], distance=1.2), 1)


def shipped() -> Net[Any]:
    return Net(CELLS.recipe, torch.nn.Identity(), {}, "shipped")


def test_a_chest_film_has_no_colour() -> None:
    text = figures.answer_text(XRAYS, read([0.1, 0.9], colour=90))
    assert "The picture has colour" in text and "wl-stranger" in text
    assert "wl-stranger" not in figures.answer_text(XRAYS, read([0.1, 0.9], colour=10)), "a scan may be tinted a little"
    assert "wl-stranger" not in figures.answer_text(CELLS, read([0.1, 0.9, 0, 0], colour=90)), "cells are stained"


def test_verdicts_in_words() -> None:
    holds = map_verdict(verdict(0.91, 0.34, 0.83), "melanoma")
    assert "This map holds" in holds and "from 91.0 % to <b>34.0 %</b>" in holds and "it is 83.0 %" in holds
    assert "wl-holds" in holds
    fails = map_verdict(verdict(0.91, 0.85, 0.84), "melanoma")
    assert "fails its check" in fails and "do not read anything into it" in fails and "wl-fails" in fails
    unsure = map_verdict(verdict(0.01, 0.01, 0.01), "melanoma")
    assert "cannot be checked" in unsure and "wl-fails" not in unsure
    assert "map is empty" in map_verdict(verdict(0.9, 0.9, 0.9, heat=torch.zeros(4, 4)), "melanoma")
    inside = map_verdict(verdict(0.9, 0.2, 0.8, inside=0.6, area=0.3), "melanoma")
    assert "<b>60.0 %</b> of the heat lies inside" in inside and "2.00 times" in inside


def test_a_map_lies_over_its_picture_and_an_outline_over_both() -> None:
    mask_HW = torch.zeros(27, 27, dtype=torch.bool)
    mask_HW[9:18, 9:18] = True
    reading, heat_HW = read([1.0, 0, 0, 0], truth=Truth(0, mask_HW)), torch.ones(27, 27)
    whole = figures.overlay(reading, heat_HW, "Occlusion", "for <b>")
    kinds = ("wl-diagnose-under", "wl-diagnose-heat", "wl-diagnose-rim")
    places = [whole.index(f'class="{kind}"') for kind in kinds]
    assert places == sorted(places) and "<b>Occlusion</b>for &lt;b&gt;</figcaption>" in whole
    assert 'aria-label="Occlusion for' in whole
    assert "wl-diagnose-rim" not in figures.overlay(reading, heat_HW, "", "", with_rim=False)
    assert "wl-diagnose-heat" not in figures.overlay(reading, None, "", "")
    text = figures.map_text(reading, verdict(0.9, 0.2, 0.8, heat=heat_HW), "other", GRADCAM, "layer 3")
    assert text.count('class="wl-under"') == 1 and "27 × 27 pixels, with the dermatologist" in text
    assert "“other”" in text and "Grad-CAM at layer 3" in text and text.index("Where it looked") < text.index("What it")


@pytest.mark.parametrize(("late", "words"), [(0.1, "The map melts"), (-0.9, "The map does not melt")])
def test_whether_a_map_melts(late: float, words: str) -> None:
    stages = [("head", torch.ones(27, 27), 0.9), ("blocks.1", torch.ones(27, 27), late)]
    text = figures.randomization_text(read([1.0, 0, 0, 0]), stages, done=True)
    assert words in text and f"{abs(late):.2f}" in text and text.count("wl-diagnose-heat") == 2
    assert "<b>+0.90</b>head forgotten" in text and ("<b>−0.90</b>blocks.1 forgotten" in text) == (late < 0)
    assert "Forgetting" in figures.randomization_text(read([1.0, 0, 0, 0]), stages[:1], done=False)


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


def test_strangers_are_counted_kind_by_kind(net: Net[Any]) -> None:
    rows = [
        {"against": "cats & dogs", "n": 1000, "n_own": 624, "caught": 0.9, "mistaken": 0.012},
        {"against": "noise", "n": 1000, "n_own": 624, "caught": 1.0, "mistaken": 0.012},
    ]
    text = figures.strangers_table(rows)
    assert "cats &amp; dogs" in text and "<td>90 %</td><td>1,000</td>" in text
    said = figures.results_text(net, CELLS, rows, [("trees", 0.7), ("", 0.6)])
    assert "Of 2,000 pictures of other things 95.0 % get the warning (of cats &amp; dogs 90.0 %)" in said
    assert "of its own 624 test cells 1.2 % get it by mistake" in said
    assert "The best of the others on the same cells: trees, macro-F1 0.700." in said


def test_the_net_stands_among_others() -> None:
    text = figures.beside_table([("a <better> one", 0.96), ("", 0.955), ("always", 0.5)], XRAYS)
    assert text.index("a &lt;better&gt; one") < text.index("the net of this page") < text.index("always")
    assert "<b>95.50 %</b>" in text and "same test films" in text


def test_the_results_of_a_fresh_net(net: Net[Any]) -> None:
    text = figures.results_text(net, CELLS, [], [])
    n, patients = len(net.evidence["label"]), len(net.evidence["unit"].unique())
    wrong = n - int(net.evidence["confusion"].diag().sum())
    assert f"Wrong on {wrong} of {n:,} test cells" in text and (f"of {patients} patients" in text) == (patients < n)
    further = figures.further_text(net, CELLS, [], [])
    assert f"{int(net.evidence['train_counts'].sum()):,} training pictures" in further and further.count("<svg") == 1


def test_what_waits_for_a_network_is_said_in_one_sentence() -> None:
    assert figures.waiting_text([]) == ""
    assert "python -m training fit a, python -m training fit b." in figures.waiting_text(["a", "b"])
