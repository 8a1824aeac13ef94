"""Trees beside a heartbeat net: grown from the runs that it learns from, the same ones again."""

from pathlib import Path

import pytest
import torch

from models.boosted_trees import BoostedTrees
from models.ecg import BeatNet
from signals.ecg_measures import measures
from training import Arrays
from training._boosting import grow
from training.data import beats, mitbih
from training.recipes import ecg


@pytest.fixture
def runs(small_root: Path) -> Arrays:
    return beats.in_rhythm(train=mitbih.TRAIN[:6]).train


def trees(runs: Arrays, rounds: int = 12) -> BoostedTrees:
    found = BoostedTrees(rounds=rounds, classes=3)
    grow(found, runs)
    return found


def test_they_find_what_is_early_or_wide(runs: Arrays) -> None:
    x_BCT, rhythm_BF, class_B, _ = beats.in_rhythm(train=(), valid=mitbih.VALID, test=()).valid
    answer_B = trees(runs)(measures(x_BCT, rhythm_BF)).argmax(1)
    known_B = class_B < 3
    assert (answer_B == class_B)[known_B].double().mean() > 0.8
    assert len(answer_B.unique()) > 1


def test_the_same_runs_grow_the_same_trees(runs: Arrays) -> None:
    one, other = trees(runs, 3).state_dict(), trees(runs, 3).state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one) and one["leaf_TN"].any()


def test_what_was_never_met_is_next_to_impossible(runs: Arrays) -> None:
    """Where all beats that are met are of two kinds there are trees for three all the same."""
    x_RLCT, rhythm_RLF, class_RL, record_R = runs
    no_s = (x_RLCT, rhythm_RLF, class_RL.masked_fill(class_RL == 1, -1), record_R)
    p_BC = trees(no_s)(measures(x_RLCT[0], rhythm_RLF[0]))
    assert p_BC[:, 1].max() < 1e-3 and torch.allclose(p_BC.sum(1), torch.ones(len(p_BC)))


def test_the_recipe_s_net_has_its_say_and_the_trees_theirs(small_root: Path) -> None:
    splits = beats.in_rhythm(train=mitbih.TRAIN[:6])
    model = BeatNet(rounds=3, say=0.25).eval()
    ecg.prepare(model, splits)
    x_BCT, rhythm_BF = (t[:60] for t in splits.valid[:2])
    with torch.no_grad():
        both_BC, model.say = model.answers(x_BCT.float(), rhythm_BF), 0.0
        nets_BC, model.say = model.answers(x_BCT.float(), rhythm_BF), 1.0
        trees_BC = model.answers(x_BCT.float(), rhythm_BF)
    assert torch.allclose(both_BC, 0.75 * nets_BC + 0.25 * trees_BC, atol=1e-6)
    assert not trees_BC[:, 3:].any() and trees_BC.std(0)[0] > 0 and nets_BC[:, 3].min() > 0
    assert torch.equal(model.rhythm_mean, splits.train[1].flatten(0, 1).mean(0))
