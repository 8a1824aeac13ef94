"""What is drawn: warnings, frames that grow, verdicts that follow the figures, tables that say what is missing."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from demos._ui.small_pictures import example
from demos.cifar10 import figures, inside, measured, nets
from demos.cifar10.inside import Heat, Look
from demos.cifar10.nets import CNN, KINDS, PERCEPTRON, Answer, Strange
from explanation.receptive_field import PIXELS
from models.whitened import WhitenedCNN
from training.data.cifar10 import CLASSES, COMPRESSED

HOT = torch.eye(32)


def look(depth: int) -> Look:
    fields = inside.fields(WhitenedCNN())
    return Look(depth, fields, 3, torch.rand(32, 32), torch.rand(12, 7, 7), 256, 7)


def test_a_stranger_is_warned_of_and_a_friend_is_not() -> None:
    guitar = example("a guitar, drawn")
    assert figures.warning(guitar, Strange(0.9)) is None and figures.warning(guitar, None) is None
    title, words = figures.warning(guitar, Strange(0.99)) or ("", "")
    assert "nothing they learnt from" in title and "99 of 100" in words
    assert all(name in words for name in CLASSES)


@pytest.mark.parametrize(
    ("heat", "title"),
    [
        (Heat(HOT, "cat", 0.9, 0.2, 0.8), "This map holds"),
        (Heat(HOT, "cat", 0.9, 0.8, 0.8), "This map fails its check"),
        (Heat(HOT, "cat", 0.01, 0.01, 0.01), "This map cannot be checked"),
        (Heat(0 * HOT, "cat", 0.9, 0.2, 0.8), "No map"),
    ],
)
def test_the_verdict_follows_the_figures(heat: Heat, title: str) -> None:
    assert title in figures.heat_verdict(heat)


def test_the_frames_grow_about_one_middle() -> None:
    for depth in (1, 5, 7):
        drawn = figures.field_text(example("a cat"), look(depth))
        boxes = re.findall(r'class="([\w-]+)" x="([-\d.]+)" y="[-\d.]+" width="([\d.]+)"', drawn)
        middles = {float(x) + float(width) / 2 for _, x, width in boxes}
        assert [float(width) for _, _, width in boxes] == [2, 5, 9, 15, 23, 35, 51]
        assert max(middles) - min(middles) < 0.02
        assert [kind for kind, *_ in boxes].index("wl-cifar10-here") == depth - 1
    assert "more than the picture has" in figures.field_text(example("a cat"), look(7))
    assert "more than the picture has" not in figures.field_text(example("a cat"), look(5))


def test_weights_are_grey_where_they_are_nothing() -> None:
    weight_N3HW = torch.zeros(3, 3, 2, 2)
    weight_N3HW[0, 0, 0, 0], weight_N3HW[1, 2, 1, 1] = 2.0, -0.5
    drawn = figures.mosaic(weight_N3HW, columns=2, scale=1)
    assert drawn.size == (6, 6)
    assert drawn.getpixel((0, 0)) == (255, 128, 128, 255) and drawn.getpixel((5, 1)) == (128, 128, 0, 255)
    assert drawn.getpixel((1, 1)) == (128, 128, 128, 255) and drawn.getpixel((2, 2)) == (0, 0, 0, 0), (
        "nothing between them"
    )


def test_a_field_is_as_wide_as_its_windows() -> None:
    assert PIXELS.after(3, padding=1).span(4) == (3, 6)
    assert PIXELS.after(2, stride=2).span(1) == (2, 4)


def test_every_number_is_said_to_be_of_a_copy(shelf: Path) -> None:
    found = nets.scores()
    parts = [
        measured.scores_table(found, nets.untrained()), measured.classes_table(found),
        measured.confusions_text(nets.confusions()), measured.shifts_chart(nets.right_when_shifted()),
        measured.scramble_chart(nets.scrambled_cards()),
    ]  # fmt: skip
    assert all(COMPRESSED in part for part in parts)
    for kind in KINDS:
        answer = nets.answers(example("a cat"), None)[kind]
        assert isinstance(answer, Answer) and COMPRESSED in figures.about_text(answer, 0.5, 60)
        assert "test" not in figures.about_text(replace(answer, net=replace(answer.net, own=True)), None, 0)


def test_what_is_not_trained_is_said_with_its_command(checkpoints: Path) -> None:
    table = measured.scores_table([], nets.untrained())
    assert "python -m training fit cifar_mlp" in table and "14 more" in table
    chart = measured.scramble_chart(nets.scrambled_cards())
    assert "Of the 12 nets 12 are not trained yet" in chart and "<svg" not in chart
    assert measured.shifts_chart({}) == "" and measured.classes_table([]) == ""


def test_the_best_of_the_table_is_marked(shelf: Path) -> None:
    found = nets.scores()
    most = max(score.right for score in found)
    assert re.findall(r"<b>([\d.]+)</b>", measured.scores_table(found, []))[0] == f"{100 * most:.2f}"


def test_the_commonest_slip_is_named() -> None:
    counts_CC = torch.diag(torch.full((10,), 90))
    counts_CC[3, 0] = 10
    assert "10 times a cat is called an airplane" in measured.confusions_text({CNN: counts_CC})


def test_missing_nets_have_their_sentence_in_place_of_weights() -> None:
    words = {PERCEPTRON: "There is no perceptron.", CNN: "There is no net."}
    drawn = figures.first_weights_text(inside.FirstWeights(None, 0, None, None, 0), words)
    assert all(sentence in drawn for sentence in words.values())
