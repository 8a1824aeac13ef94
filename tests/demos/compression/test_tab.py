"""The Compression tab without a browser: what every handler gives, on a machine without data."""

from pathlib import Path

import pytest

from demos._ui import small_pictures
from demos._ui.nets import Net
from demos._ui.widgets.pad import example
from demos.compression import nets, tab
from demos.compression.nets import Choice
from demos.compression.subjects import (
    BYTE,
    COLOUR,
    CONVOLUTIONAL,
    FLOAT,
    METHODS,
    NUMBERS,
    PERCEPTRON,
    PLAIN,
    SUBJECTS,
    WHITENED,
)
from demos.compression.teaching import Own, Score
from models import CheckpointMissing

TITLE, SMALLEST = PERCEPTRON.title, PERCEPTRON.opens[0]
CUT, CARE, FIRST = (TITLE, "4.3%", PLAIN, FLOAT), (TITLE, "4.3%", WHITENED, FLOAT), (TITLE, *PERCEPTRON.opens)
pytestmark = pytest.mark.usefixtures("no_data")


def own() -> Own:
    model = nets.compress(Choice.of(*CUT)).net
    net = Net(PERCEPTRON.taught()["mnist_mlp_rank20"], model, {}, "own 1", own=True)
    return Own(PERCEPTRON, net, 700_000, Score(0.9, 1000), Score(0.99, 1000))


def test_the_tab_opens_on_a_hundredth() -> None:
    page = tab.compress(*FIRST, None, None)
    stop = Choice.of(*FIRST).stop
    assert f"{stop.times_smaller:.0f} times smaller" in page.verdict
    assert f"{stop.wrong} instead of" in page.verdict and f"{100 * stop.accuracy:.2f} %" in page.verdict
    assert "× faster" in page.verdict and "wl-compression-here" in page.curve
    assert page.layer["value"] == "Second hidden layer" and page.matrix.count("<img") == 2
    assert "sampled" not in page.details


def test_what_is_cut_by_samples_says_so() -> None:
    assert "sampled digits" in tab.compress(*CARE, None, None).details


@pytest.mark.parametrize("title", SUBJECTS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("point", [SMALLEST, "4.3%", "30.0%", "mnist_mlp", "gone"])
def test_whatever_is_chosen_what_is_offered_can_be_had(title: str, method: str, numbers: str, point: str) -> None:
    offered = tab.offer(title, point, method, numbers)
    assert offered.net == title and offered.numbers["value"] in offered.numbers["choices"]
    assert offered.method["value"] in offered.method["choices"] == nets.methods_of(SUBJECTS[title])
    points = [value for _, value in offered.point["choices"]]
    chosen = offered.point["value"]
    assert chosen in points
    assert Choice.of(title, chosen, offered.method["value"], offered.numbers["value"]).stop.point == chosen
    if point in points:
        assert chosen == point


@pytest.mark.parametrize("title", SUBJECTS)
def test_another_net_opens_where_it_shows_most(title: str) -> None:
    offered = tab.open_net(title)
    found = (offered.point["value"], offered.method["value"], offered.numbers["value"])
    assert found == SUBJECTS[title].opens
    page = tab.compress(title, *found, None, own())
    assert "times smaller" in page.verdict and f"test {SUBJECTS[title].things}" in page.verdict
    assert ("wl-compression-own" in page.curve) == (title == TITLE), "a net of one's own stands on its own net's curve"


def test_what_is_brought_and_taught_goes_with_the_net() -> None:
    digits, colour = tab.lay(CONVOLUTIONAL.title, None), tab.lay(COLOUR.title, None)
    seen = [[part["visible"] for part in (d.digits, d.pictures, d.lesson, d.no_lesson)] for d in (digits, colour)]
    assert seen == [[True, False, True, False], [False, True, False, True]]
    assert colour.picked["value"]["key"] == small_pictures.FIRST and len(colour.picked["examples"]) >= 6
    assert tab.lay(COLOUR.title, {"key": "", "src": "data:mine"}).picked["value"]["src"] == "data:mine"
    with pytest.raises(ValueError, match="Choose one of those"):
        tab.lay("gone", None)


def test_the_nearest_size_stays_chosen() -> None:
    assert tab.offer(TITLE, SMALLEST, WHITENED, BYTE).point["value"] == "4.3%", "85 × is the nearest to 93 ×"
    assert tab.offer(TITLE, SMALLEST, PLAIN, BYTE).numbers["value"] == FLOAT, "plain cuts are measured in float32 alone"


def test_what_is_not_offered_is_refused() -> None:
    with pytest.raises(ValueError, match="sizes that are offered"):
        tab.compress(TITLE, SMALLEST, PLAIN, FLOAT, None, None)


def test_without_a_checkpoint(checkpoints: Path) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit"):
        tab.compress(*CUT, None, None)


def test_another_layer() -> None:
    found = tab.show_layer(*CUT, "Last layer")
    assert found.layer["value"] == "Last layer" and "Last layer, 10 × 1,024 numbers" in found.matrix
    assert tab.show_layer(*CUT, "gone").layer["value"] == "Second hidden layer"


def test_both_nets_read_the_digit() -> None:
    text = tab.read_by_both(*FIRST, None, example(7), None)
    assert "The whole net: 7" in text and "The small one (93 ×): 7" in text and "Yours" not in text
    assert "Draw a digit" in tab.read_by_both(*FIRST, None, "", None)


def test_both_nets_name_the_picture() -> None:
    choice = (COLOUR.title, *COLOUR.opens)
    text = tab.read_by_both(*choice, own(), example(7), {"key": "a cat", "src": ""})
    assert "The whole net: cat" in text and "Yours" not in text, "the picture is named, the digit on the board is not"
    assert "choose" in tab.read_by_both(*choice, None, example(7), None)


def test_ones_own_net_reads_beside_them_and_stands_on_the_curve() -> None:
    mine = own()
    text = tab.read_by_both(*CUT, mine, example(7), None)
    assert "Yours: " in text and "reads 90.0 % of 1,000 test digits right; the whole net 99.0 % of the same" in text
    assert "wl-compression-own" in tab.compress(*CUT, None, mine).curve


def test_what_is_packed_can_be_had_until_something_else_is_chosen() -> None:
    ready = tab.pack(*CUT)
    assert Path(ready["value"]).exists() and ready["label"] == f"Download {PERCEPTRON.name}-23x-float32.zip"
    assert ready["interactive"] and tab.unpack()["value"] is None and not tab.unpack()["interactive"]


def test_the_panel_teaches_the_chosen_shape() -> None:
    recipe = tab.recipe_of(*CUT)
    shapes = {name: t.shape for name, t in recipe.model().state_dict().items()}
    assert shapes == {name: t.shape for name, t in nets.compress(Choice.of(*CUT)).net.state_dict().items()}
