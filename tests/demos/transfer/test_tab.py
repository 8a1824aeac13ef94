"""Transfer learning without a browser: what its handlers give, and what they say where nets are missing."""

import re
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
import torch

from demos.transfer import groceries, lessons, looks, nets, tab
from demos.transfer.groceries import FIRST, SHOWN, STRANGERS
from demos.transfer.nets import DEPTHS, LEAD
from signals.image import to_unit
from tests.demos.transfer.made import content, photograph
from training import Run
from training.data import at_hand
from training.data.grocery import CLASSES


@pytest.fixture(scope="module")
def apple() -> nets.Reading:
    absent = [
        recipe.name for name, recipe in nets.RECIPES.items() if name in nets.SHIPPED and nets.kept_of(name) is None
    ]
    if absent:
        pytest.skip(f"there is no checkpoint {absent[0]} yet: python -m training fit {absent[0]}")
    return nets.read(groceries.example("apple"), None)


def test_the_row_has_every_net_that_is_here_and_says_whether_it_agrees(apple: nets.Reading) -> None:
    page = tab.show_example({"key": "apple", "src": ""}, None)
    assert [answer.name for answer in apple.answers] == [LEAD, "squeezenet1_0", "squeezenet1_1", "scratch", "colours"]
    assert page.row.count('class="wl-transfer-card') == 5
    agreeing = [answer for answer in apple.answers if answer.label == apple.said]
    assert page.row.count(">agrees<") == len(agreeing) and page.row.count(">differs<") == 5 - len(agreeing)
    assert "it is apple" in page.words and page.name["value"] == CLASSES[apple.said or 0]
    assert all(answer.milliseconds > 0 and answer.megabytes > 0 for answer in apple.answers)
    assert apple.answers[0].megabytes > apple.answers[1].megabytes > 1, "the one copy of the trunk counts"


def test_backbones_that_are_not_here_say_their_one_command(apple: nets.Reading) -> None:
    page = tab.show_example({"key": "milk", "src": ""}, None)
    assert page.missing.count("<li>") == 6
    assert "<code>python -m training fit grocery_vgg16</code>" in page.missing


@pytest.mark.parametrize("key", list(STRANGERS))
def test_strangers_are_warned_of_before_the_answer(apple: nets.Reading, key: str) -> None:
    words = tab.show_example({"key": key, "src": ""}, None).words
    assert words.index("none of the nine groceries") < words.index("sure")


def test_groceries_are_no_strangers(apple: nets.Reading) -> None:
    readings = [nets.read(groceries.example(key), None) for key in SHOWN]
    assert not [reading.picture.key for reading in readings if reading.strange]
    right = [reading.said == reading.picture.label for reading in readings]
    assert sum(right) >= len(SHOWN) - 1


def test_an_upload_is_read_and_what_is_no_picture_refused(apple: nets.Reading, tmp_path: Path) -> None:
    (tmp_path / "plum.jpg").write_bytes(content(photograph("plum", 1, side=300)))
    page = tab.show_upload(str(tmp_path / "plum.jpg"), None)
    assert page.reading.picture.label is None and "it is" not in page.words
    (tmp_path / "small.png").write_bytes(content(photograph("plum", 1, side=20), "PNG"))
    with pytest.raises(ValueError, match="20 × 20"):
        tab.show_upload(str(tmp_path / "small.png"), None)
    with pytest.raises(ValueError, match="none of the pictures"):
        tab.show_example({"key": "banana", "src": ""}, None)


def test_a_test_picture_says_what_it_is(apple: nets.Reading, no_data: Path) -> None:
    assert "it is" in tab.show_test_picture(None).words


def test_the_tab_opens_answered_and_keeps_what_is_there(apple: nets.Reading) -> None:
    shown, *page = tab.on_open(None, None)
    assert shown is not None and page[0].picture.key == FIRST
    assert [example["key"] for example in tab.examples()] == [*SHOWN, *STRANGERS]
    assert tab.on_open(None, page[0]) == tuple([gr.skip()] * 7)


# Pictures of each kind


def test_heads_are_solved_live_and_more_pictures_are_better(apple: nets.Reading) -> None:
    kept = nets.kept_of(LEAD)
    assert kept
    one, many = (nets.few_shot(kept, n, apple.depths[-1]) for n in (1, 20))
    assert max(one.accuracy) < min(many.accuracy) and len(one.said) == 5
    where = kept["curve_counts"].tolist().index(20)
    assert torch.allclose(torch.tensor(many.accuracy), kept["curve_linear"][where].float(), atol=0.006)
    words = tab.show_count(20, apple)
    assert f"{100 * sum(many.accuracy) / 5:.1f} %" in words and "say apple" in words


# Depth


def test_neighbours_change_with_depth_and_are_of_its_kind_at_the_end(apple: nets.Reading) -> None:
    assert len(apple.depths) == DEPTHS == len(nets.trunk().layers())
    early, late = (nets.nearest(apple, depth) for depth in (1, DEPTHS))
    assert [near.distance for near in late] == sorted(near.distance for near in late)
    assert sum(near.label == 0 for near in late) >= 3
    assert any(not torch.equal(a.x_3HW, b.x_3HW) for a, b in zip(early, late, strict=True))
    x_B3HW, _ = groceries.training_samples()
    itself = nets.nearest(nets.read(groceries.Grocery("x", x_B3HW[4]), None), 7)[0]
    assert torch.equal(itself.x_3HW, x_B3HW[4]) and itself.distance < 0.15
    assert "Block 19 of 19, late: things" in tab.show_depth(DEPTHS, apple).near


# Failures


def test_the_same_picture_in_another_light_and_on_another_ground(apple: nets.Reading) -> None:
    given = apple.picture.x_3HW
    assert torch.equal(lessons.changed(given, 0, 1, lessons.GREY), given)
    failed = tab.change_picture(3.0, 40, lessons.CAT, apple, None, None)
    again = tab.change_picture(1.0, 40, lessons.CAT, apple, None, failed.fallen)
    assert again.fallen is failed.fallen and again.changed != failed.changed, "curves are computed once"
    assert tab.change_picture(1.0, 40, lessons.GREY, apple, None, failed.fallen).fallen is not failed.fallen
    curve = failed.fallen.falls.tints["MobileNet v2"]
    here = lessons.answers(given, None)["MobileNet v2"][0].item()
    assert curve[lessons.TINTS.index(0)] == pytest.approx(here, abs=1e-4) == failed.fallen.falls.kept["MobileNet v2"][0]
    with pytest.raises(ValueError, match="There is no ground"):
        tab.change_picture(1.0, 40, "Mars", apple, None, None)


def test_who_falls_first() -> None:
    levels = {"a": [0.1, 0.9, 0.9, 0.9, 0.2], "b": [0.9, 0.9, 0.9, 0.4, 0.1], "c": [0.9] * 5}
    assert lessons.first_to_fall(levels, (-2, -1, 0, 1, 2), 0) == {"a": -2, "b": 1, "c": None}


# Maps


def test_each_backbone_has_a_map_and_a_verdict(apple: nets.Reading) -> None:
    found = looks.looks(apple, 0, None)
    assert [look.title for look in found] == ["MobileNet v2", "SqueezeNet 1.0", "SqueezeNet 1.1"]
    assert all(look.heat_HW.shape == (200, 200) for look in found)
    words = tab.explain(apple, "apple", None)
    assert len(re.findall("This map|No map", words)) == 3
    net = nets.net_of(LEAD, None)
    before = (net.model(to_unit(apple.picture.x_3HW[None])) / net.evidence["temperature"]).softmax(1)[0, 0].item()
    assert found[0].before == pytest.approx(before, abs=1e-4)


@pytest.mark.parametrize(
    ("before", "after", "elsewhere", "holds"),
    [(0.9, 0.2, 0.8, True), (0.9, 0.8, 0.7, False), (0.3, 0.8, 0.97, False), (0.01, 0.0, 0.01, None)],
)
def test_a_map_holds_where_removing_it_costs_the_class(
    before: float, after: float, elsewhere: float, holds: bool | None
) -> None:
    """Also where all removals raise the probability: what was hot did not speak for it."""
    assert looks.Look("a net", torch.ones(4, 4), before, after, elsewhere).holds is holds


def test_a_training_picture_lies_on_the_map_where_it_is(apple: nets.Reading) -> None:
    kept = nets.kept_of(LEAD)
    assert kept
    at_2 = nets.place(kept, kept["train_features"][3:4])
    assert (at_2 - kept["map"][3]).norm() < 0.1 * kept["map"].std()
    assert tab.show_map(None).count("wl-transfer-ring") == 0


# The test set, and nothing at hand


def test_each_net_shows_its_worst_without_data(apple: nets.Reading, no_data: Path) -> None:
    for title in nets.SHIPPED.values():
        tested = tab.show_tested(title)
        assert "test pictures, macro-F1" in tested.confusion and tested.worst.count("<img") == 8
        assert "Loss on training pictures" in tested.confusion


def test_without_checkpoints_it_says_how_to_make_them_and_ones_own_work(checkpoints: Path) -> None:
    page = tab.show_example({"key": "apple", "src": ""}, None)
    assert "No net for groceries is here yet" in page.words and page.missing.count("<li>") == 9
    for text in (tab.show_count(5, None), tab.show_map(None), tab.show_tested("MobileNet v2").confusion):
        assert "python -m training fit grocery_mobilenet_v2" in text
    assert tab.show_depth(3, page.reading).near.count("<img") == 6
    assert "here to ask" in tab.change_picture(0, 100, lessons.GREY, page.reading, None, None).falls
    assert "none is here" in tab.explain(page.reading, "apple", None)


@pytest.mark.slow
def test_a_net_of_ones_own_answers_in_the_row(apple: nets.Reading, no_data: Path) -> None:
    recipe = tab.chosen_recipe("From scratch")
    run = at_hand(lambda: Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=8)))).value
    for _ in run:
        pass
    mine = nets.own_net(run)
    reading = nets.read(groceries.example("apple"), mine)
    shipped = nets.read(groceries.example("apple"), None)
    assert {a.name for a in reading.answers} == {a.name for a in shipped.answers}
    mine_p, shipped_p = ({a.name: a.p_C for a in r.answers}["scratch"] for r in (reading, shipped))
    assert not torch.equal(mine_p, shipped_p)
    assert torch.equal(*({a.name: a.p_C for a in r.answers}["colours"] for r in (reading, shipped)))
