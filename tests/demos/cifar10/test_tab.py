"""CIFAR-10 without a browser: what its handlers give, and what they say when something is missing."""

import base64
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from demos._ui import small_pictures as pictures
from demos._ui.small_pictures import FIRST, Picture, example
from demos._ui.widgets.picker import shown
from demos.cifar10 import nets, nudge, tab
from demos.cifar10.nets import CNN, KINDS, PERCEPTRON
from training.data.cifar10 import CLASSES


def numbers(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


def test_the_tab_opens_with_a_picture_and_both_answers(shelf: Path) -> None:
    choice = tab.first_picture(None)
    assert choice.picture is example(FIRST)
    value = tab.classify(choice.picture, None)
    assert numbers(value["pixels"], "u1").tolist() == choice.picture.x_3HW.flatten().tolist()
    assert [net["kind"] for net in value["nets"]] == list(KINDS) and value["truth"] == "cat"
    for net in value["nets"]:
        assert sum(net["p"]) == pytest.approx(1, abs=1e-3) and net["classes"] == list(CLASSES)
    again = tab.first_picture(example("a flower"))
    assert again.chosen.value is None and again.picture == gr.skip(), "a picture that is there stays"


def test_the_shifts_belong_to_their_picture_and_net(shelf: Path) -> None:
    for key in ("a cat", "a flower"):
        value, shifts = tab.classify(example(key), None), shifts_of(example(key))
        assert shifts["key"] == value["key"]
        for net, text in zip(value["nets"], shifts["nets"], strict=True):
            p_SSC = numbers(text, "<u2").reshape(17, 17, 10) / 65535
            assert p_SSC[8, 8] == pytest.approx(net["p"], abs=0.02), "the middle is the picture as it is"
    assert tab.classify(example("a cat"), None)["key"] != tab.classify(example("a flower"), None)["key"]


def shifts_of(picture: Picture) -> dict[str, Any]:
    return tab.classify_shifts(picture, None).props["shifts"]


def test_without_checkpoints_every_place_says_what_to_do(checkpoints: Path) -> None:
    cat = example("a cat")
    value = tab.classify(cat, None)
    assert all("python -m training fit cifar_" in net["missing"] for net in value["nets"]) and value["strange"] is None
    assert shifts_of(cat)["nets"] == [None, None]
    assert "python -m training fit cifar_cnn" in tab.look_inside(cat, 5, None).field
    assert "python -m training fit cifar_mlp" in tab.show_own_weights(None)
    assert tab.classify_scrambled(cat)["said"] == [[None] * 6] * 2
    assert "python -m training fit" in tab.measures()


def test_one_net_answers_where_the_other_is_missing(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "cifar_cnn").symlink_to(shelf / "cifar_cnn")
    monkeypatch.setattr("models._checkpoint.CHECKPOINTS", tmp_path / "checkpoints")
    value, shifts = tab.classify(example("a cat"), None), shifts_of(example("a cat"))
    assert "missing" in value["nets"][0] and "p" in value["nets"][1]
    assert shifts["nets"][0] is None and shifts["nets"][1]


def test_a_stranger_is_warned_of_before_the_answers(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nets, "strangeness", lambda picture, own: nets.Strange(0.99))
    title, words = tab.classify(example("a cat"), None)["strange"]
    assert "nothing they learnt from" in title and "of 100 pictures" in words


def test_an_upload_is_the_next_picture(tmp_path: Path) -> None:
    Image.new("RGB", (200, 100), "teal").save(tmp_path / "x.png")
    choice = tab.read_upload(str(tmp_path / "x.png"))
    assert choice.picture.title == "Your picture" and choice.chosen["key"] == ""
    assert choice.picture.x_3HW.flatten(1).float().mean(1).tolist() == [0, 128, 128]


def test_a_choice_is_an_example_or_a_picture_handed_over() -> None:
    assert tab.choose_example(shown("", "a flower")) is example("a flower")
    assert tab.choose_example(example("a flower").whole).title == "Your picture"


@pytest.mark.parametrize(
    "chosen", [None, {}, {"key": "a dinosaur"}, "no address", {"key": "", "src": "data:image/png;base64,"}]
)
def test_a_choice_that_is_none_is_refused(chosen: Any) -> None:
    with pytest.raises(ValueError, match="picture"):
        tab.choose_example(chosen)


def test_without_a_picture_every_handler_says_so() -> None:
    for ask in (
        lambda: tab.classify(None, None), lambda: tab.classify_shifts(None, None),
        lambda: tab.classify_scrambled(None), lambda: tab.look_inside(None, 5, None),
        lambda: tab.explain(None, "cat", None),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="no picture yet"):
            ask()


def test_every_layer_can_be_looked_at(shelf: Path) -> None:
    for depth in range(1, 8):
        page = tab.look_inside(example("a cat"), depth, None)
        assert f"Layer {depth} of 7" in page.field and "maps" in page.maps
    explained = tab.explain(example("a cat"), "dog", None)
    assert "“dog”" in explained.heat and "wl-verdict" in explained.verdict


def test_a_race_that_is_switched_off_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_TRAINING", "off")
    with pytest.raises(ValueError, match="switched off"):
        next(tab.run_race(5))


@pytest.mark.slow
def test_a_race_ends_with_a_verdict(no_data: Path) -> None:
    last = list(tab.run_race(1.0))[-1]
    assert "wl-verdict" in last.end and "groceries" in last.status


def test_the_panel_trains_either_net() -> None:
    assert [tab.live_recipe(kind).name for kind in KINDS] == ["cifar_mlp", "cifar_cnn"]
    assert nets.PAIR[PERCEPTRON].budget.batch_size != tab.live_recipe(PERCEPTRON).budget.batch_size
    assert tab.live_recipe(CNN).name == nets.PAIR[CNN].name


def test_the_pictures_of_the_home_page_are_what_a_net_sees() -> None:
    assert tab.thumbnail().count("<img") == len(tab.FACES) and set(tab.FACES) <= pictures.EXAMPLES.keys()


def test_a_key_names_picture_and_nets(shelf: Path) -> None:
    found = nets.answers(example("a cat"), None)
    answered = {kind: a for kind, a in found.items() if isinstance(a, nets.Answer)}
    assert nudge.key_of(example("a cat"), answered) != nudge.key_of(example("a cat"), {CNN: answered[CNN]})
