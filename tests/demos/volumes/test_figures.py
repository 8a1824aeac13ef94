"""What is drawn of volumes: the numbers stand in the words, and a map that fails says so."""

import pytest
import torch

from demos.volumes import figures
from demos.volumes.nets import Above, Reading, Sizes, Stop, Verdict
from demos.volumes.shapes import Volume

CUBE = torch.zeros(64, 64, 64, dtype=torch.uint8)
CUBE[20:40, 20:40, 20:40] = 255
SHOWN = Volume("a <gland>", CUBE, "x", truth=1, said="Cut at 120.")


def reading(strange: float = 0.5) -> Reading:
    return Reading(SHOWN, 0.714, strange, Above(0.91, 0.42))


def test_the_answer_says_what_it_is_and_where_it_stands() -> None:
    text = figures.answer_text(reading(), "the shipped model")
    assert "0.71" in text and "8.0 ml, labelled hyperplasia." in text and "91 of 100 healthy" in text
    assert "42 of 100 diseased" in text and "Cut at 120." in text and "&lt;gland&gt;" in text
    assert "not like the glands" not in text


def test_a_rubbed_shape_has_no_label_and_says_what_it_was() -> None:
    text = figures.answer_text(reading(), "your model", before=0.25)
    assert "labelled" not in text and "0.25" in text and "→" in text and "your model" in text


def test_a_stranger_is_warned_of_first() -> None:
    text = figures.answer_text(reading(strange=2.34), "the shipped model")
    assert text.index("not like the glands") < text.index("2.3 times") < text.index("0.71")


def test_a_map_holds_only_where_the_surface_under_it_matters_more() -> None:
    holds = figures.map_verdict(Verdict(0.7, 0.3, 0.65, 0.15), "hyperplasia")
    fails = figures.map_verdict(Verdict(0.7, 0.5, 0.49, 0.15), "hyperplasia")
    assert "This map holds" in holds and "70.0 %" in holds and "30.0 %" in holds and "65.0 %" in holds
    assert "does not hold" in fails and "15 %" in fails
    nothing = figures.map_verdict(Verdict(0.01, 0.0, 0.008, 0.15), "hyperplasia")
    assert "Too little to lose" in nothing and "hold" not in nothing


def test_turning_and_size_are_told_with_their_range() -> None:
    turned = figures.turned_chart([0.2] * 23 + [0.8], lambda p: Above(p, p), 240.0)
    assert "0.20 (more than 20 of 100" in turned and "0.80 (more than 80 of 100" in turned
    assert "0.23" in turned and "240 ms" in turned and "instead of 10" in turned
    sized = figures.size_chart([(1.0, 0.1), (4.0, 0.4), (9.0, 0.9)], 4.0, lambda p: Above(p, p))
    assert "from 1.0 to 9.0 ml" in sized and "0.10 (more than 10" in sized and "0.90 (more than 90" in sized


def test_is_it_just_size() -> None:
    text = figures.sizes_text(Sizes(0.91, 0.86, 0.92, 0.70, 298))
    assert (
        "turning it helps" in text
        and "loses 0.050" in text
        and "0.910" in text
        and "298 test glands" in text
        and "width:40.00%" in text
    ), "bars begin at .5"


def test_how_much_is_seen_has_an_interval_and_the_peer() -> None:
    stops = [
        Stop("One slice", 0.75, {"low": 0.7, "high": 0.8}, 0.5),
        Stop("Three projections", None, None, None),
        Stop("All 64 slices", 0.91, {"low": 0.88, "high": 0.94}, 0.7),
    ]
    text = figures.stops_chart(stops, "One slice", ("a regression", 0.85))
    assert "0.750" in text and "0.910" in text and "a regression, 0.850" in text and "0.50" in text and "–" in text
    assert "not here" not in text
    unclear = figures.stops_chart(stops, "One slice", None, "0.021 (-0.004 to 0.050)")
    assert "0.021 (−0.004 to 0.050) more" in unclear and "chance could make" in unclear
    assert "chance could make" not in figures.stops_chart(stops, "One slice", None, "0.021 (0.004 to 0.050)")
    assert "None of these nets" in figures.stops_chart([stops[1]], "One slice", None)


def test_a_relief_is_lit_where_the_shape_is() -> None:
    lit_DW = figures.lit_relief(CUBE)
    assert lit_DW.shape == (64, 64) and lit_DW[64 - 30, 30] > 0.5 and lit_DW[2, 2] == 0
    assert 0.04 < (lit_DW > 0).float().mean().item() < 0.15
    assert lit_DW.max() <= 1 and lit_DW.min() >= 0


@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 32, 32), (12, 64, 64)])
def test_what_is_seen_is_shown(shape: tuple[int, ...]) -> None:
    text = figures.seen_pictures(torch.rand(shape), "a net")
    assert text.count("<img") == shape[0] and ("Twelve" in text) == (shape[0] == 12)
