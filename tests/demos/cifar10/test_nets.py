"""What the nets say: of a picture, of all its shifts, scrambled; who is a stranger; what one's own net can name."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from demos._ui.small_pictures import Picture, example
from demos.cifar10 import nets
from demos.cifar10.nets import CNN, KINDS, PERCEPTRON, REACH, Answer
from models import CheckpointMissing
from signals.image import shift_by, to_unit
from tests.demos.cifar10.conftest import BUDGET, SMALL
from training import Run
from training.data import cifar10 as data
from training.data import grocery, samples


def test_both_answer_with_probabilities_that_are_calibrated(shelf: Path) -> None:
    picture = example("a cat")
    found = nets.answers(picture, None)
    for kind in KINDS:
        answer = found[kind]
        assert isinstance(answer, Answer) and answer.p_C.sum().item() == pytest.approx(1)
        logit_C = answer.net.model(to_unit(picture.x_3HW)[None])[0]
        assert torch.allclose(answer.p_C, (logit_C / answer.net.evidence["temperature"]).softmax(0), atol=1e-5)
        assert answer.said == data.CLASSES[int(logit_C.argmax())]


def test_without_a_checkpoint_each_says_how_to_make_it(checkpoints: Path) -> None:
    found = nets.answers(example("a cat"), None)
    assert all(isinstance(error, CheckpointMissing) for error in found.values())
    assert "python -m training fit cifar_mlp" in str(found[PERCEPTRON])
    assert nets.strangeness(example("a cat"), None) is None and nets.scores() == [] and nets.confusions() == {}
    assert len(nets.untrained()) == 17


def test_the_shifts_are_those_of_the_nudge_pad() -> None:
    x_3HW = torch.randint(256, (3, 32, 32), generator=torch.Generator().manual_seed(0)).byte()
    shifted_SS3HW = nets.shifts(x_3HW).view(2 * REACH + 1, 2 * REACH + 1, 3, 32, 32)
    for down, right in ((0, 0), (3, -5), (-8, 8), (8, 1)):
        expected = shift_by(x_3HW[None], right, down)[0]
        assert torch.equal(shifted_SS3HW[down + REACH, right + REACH], expected), (down, right)


def test_every_shift_is_answered_as_one_picture_is(shelf: Path) -> None:
    picture = example("a ship, drawn")
    for kind in KINDS:
        net, p_SSC = nets.net_of(kind, None), nets.shifted(kind, picture, None)
        assert p_SSC.shape == (17, 17, 10)
        for down, right in ((0, 0), (4, -2), (-8, 8)):
            moved = to_unit(shift_by(picture.x_3HW[None], right, down))
            expected = nets.probabilities(net, moved)[0]
            assert (p_SSC[down + REACH, right + REACH] - expected).abs().max() < 0.02, "in half the precision"


def test_a_stranger_is_who_is_answered_less_clearly_than_nearly_all(shelf: Path, small_root: Path) -> None:
    x_B3HW = data.splits().valid[0]
    share_B = nets.stranger_shares(nets.net_of(CNN, None), x_B3HW)
    assert share_B.median().item() == pytest.approx(0.5, abs=0.1) and share_B.max() > 0.97
    far = Picture(x_B3HW[share_B.argmax()], "", "of validation the least clear")
    near = Picture(x_B3HW[share_B.argmin()], "", "the clearest")
    found = [nets.strangeness(picture, None) for picture in (far, near)]
    assert [strange and strange.is_stranger for strange in found] == [True, False]


def test_a_small_net_answers_scrambled_and_one_that_is_missing_says_nothing(shelf: Path) -> None:
    found = nets.scrambled(example("a cat"))
    for kind in KINDS:
        assert [said is not None for said in found[kind]] == [False, False, True, False, False, False]
        name, p = found[kind][2] or ("", 0)
        assert name in data.CLASSES and 0.1 <= p <= 1
    cards = nets.scrambled_cards()
    assert [card is not None for card in cards[CNN]] == [False, False, True, False, False, False]


def test_scores_leave_out_near_duplicates(shelf: Path) -> None:
    found = nets.scores()
    assert [score.recipe.name for score in found] == ["cifar_cnn", "cifar_mlp", "cifar_cnn_course"]
    twin_B = nets.twins()
    assert twin_B is not None and twin_B.dtype == torch.bool
    for score in found:
        facts = nets.Net.pretrained(score.recipe).evidence
        right_B = facts["predicted"] == facts["label"]
        assert score.right == pytest.approx(right_B.double().mean().item())
        assert score.without_twins == pytest.approx(right_B[~twin_B].double().mean().item())
        assert score.low < score.right < score.high


@pytest.mark.parametrize("kind", KINDS)
def test_a_net_that_learnt_groceries_names_groceries(kind: str, shelf: Path) -> None:
    with samples():
        run = Run(SMALL[kind], replace(BUDGET, steps=2, eval_every=1))
        list(run)
    own = nets.own_net(run)
    answer = nets.answers(example("a flower"), own)[kind]
    assert isinstance(answer, Answer) and answer.net is own
    assert (
        answer.classes == grocery.CLASSES
        and len(answer.p_C) == 9
        and nets.shifted(kind, example("a flower"), own).shape[2] == 9
    )
    other = nets.answers(example("a flower"), own)[KINDS[1 - KINDS.index(kind)]]
    assert isinstance(other, Answer) and other.classes == data.CLASSES


def test_a_test_picture_knows_what_it_is(small_root: Path) -> None:
    assert nets.data_is_here()
    picture = nets.random_test_picture()
    x_B3HW, label_B = data.official("test")
    i = int(picture.title.split()[-1])
    assert torch.equal(picture.x_3HW, x_B3HW[i]) and picture.truth == data.CLASSES[label_B[i]]


def test_without_cifar_10_there_is_no_test_picture(no_data: Path) -> None:
    assert not nets.data_is_here()
    with pytest.raises(ValueError, match="may not be handed on"):
        nets.random_test_picture()
