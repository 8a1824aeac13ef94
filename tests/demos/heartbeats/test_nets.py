"""How a lead is read: every net right on tidy beats, annotations matched, attributions that add up."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.heartbeats import nets, tab
from demos.heartbeats.nets import METHODS, RECIPES, TITLES, Found, Reading, Truth
from demos.heartbeats.records import busiest
from models import _checkpoint
from models.ecg import BeatNet
from signals import ecg_context
from signals.synthetic_ecg import simulate
from training.data.mitbih import Record


@pytest.fixture(scope="module")
def reading() -> Reading:
    return tab.show_simulated("Simulated: ventricular beats", False, None).reading


def test_an_example_is_classified_right_by_every_net(reading: Reading) -> None:
    assert reading.annotated is not None and len(reading.p) == 4
    for name, p_BC in reading.p.items():
        assert p_BC.sum(1).allclose(torch.ones(len(p_BC)))
        right = (p_BC.argmax(1).numpy() == reading.annotated).mean()
        assert right > (0.9 if name == "ecg" else 0.7), f"{name} {right}"


def test_rhythm_shares_add_up(reading: Reading) -> None:
    """Integrated gradients: the shares sum to the score's change from the usual rhythm."""
    model, i = nets.net("ecg").model, 4
    assert isinstance(model, BeatNet)
    asked, x, r = nets.AmongOthers(model, reading.beats, i), *(t[i : i + 1] for t in reading.beats[1:3])
    with torch.no_grad():
        change = (asked(x, r) - asked(x, model.rhythm_mean[None]))[0, 2].item()
    total = sum(value for _, value in nets.rhythm_attribution(model, reading.beats, i, 2))
    assert total == pytest.approx(change, abs=0.1 + 0.1 * abs(change))


def test_what_the_trees_say_of_a_beat_is_what_they_say_in_the_recording(reading: Reading) -> None:
    model = nets.net("ecg").model
    assert isinstance(model, BeatNet) and model.trees is not None
    whole_BC = model.seen(*reading.beats[1:3])
    for i in (0, 4, len(whole_BC) - 1):
        found_C = nets.seen_by_trees(model, reading.beats, i)
        assert found_C is not None and torch.allclose(found_C, whole_BC[i], atol=1e-5)
    assert nets.seen_by_trees(BeatNet(), reading.beats, 4) is None


@pytest.mark.parametrize("n", [3, 4, 39, 60])
def test_a_beat_is_explained_as_it_is_judged(n: int) -> None:
    """Asked about a beat as it is, among its others, the net says what it said of the whole recording."""
    made = simulate(70, pattern=("N", "N", "V"))
    beats = ecg_context.beats(made.x_T, made.r_B[:n])
    model = nets.net("ecg").model
    with torch.no_grad():
        known_BE = model.embed(beats.context_BCT[None], beats.rhythm_BF[None])[0]
        first_B, place_B = model.place(n)
        for i in {0, 1, n // 2, n - 2, n - 1}:
            first = int(first_B[i])
            expected_C = model.judge(known_BE[None, first : first + model.SPAN])[0, place_B[i]]
            found_C = nets.AmongOthers(model, beats, i)(beats.context_BCT[i : i + 1])[0]
            assert torch.allclose(found_C, expected_C, atol=1e-4), i
    for method in METHODS:
        assert np.isfinite(nets.heats("ecg", model, beats, n - 1, 2, method)[0][1]).all()


def test_the_best_net_is_the_best() -> None:
    scores = {name: _checkpoint.card(name).metrics["f1_V"] for name in RECIPES}
    assert TITLES[max(scores, key=lambda name: scores[name])] == "best net"


def test_beats_that_were_not_found_are_missed_and_those_that_are_none_are_false(reading: Reading) -> None:
    r_B = reading.beats.r_B.numpy()
    said = reading.answer("ecg")
    v = np.flatnonzero(said == 2)
    assert len(v) > 3
    known_B, class_B = np.delete(r_B, v[0]), np.delete(said, v[0])  # one that is none
    known_B, class_B = np.append(known_B, len(reading.lead.x_T) - 1), np.append(class_B, 2)  # one that was not found
    told = nets.score(replace(reading, truth=Truth(known_B, class_B)), "ecg", 0, 40)
    assert told["V"] == Found(len(v) - 1, len(v), 1) and "F" not in told
    assert nets.score(replace(reading, truth=Truth(known_B, class_B)), "ecg", 50, 10) == {}


def test_the_busiest_half_minute() -> None:
    x_T, r_B = np.zeros(120 * 360), np.array([5, 50, 80, 85, 100]) * 360
    assert busiest(Record("x", "MLII", x_T, r_B, np.array([2, 0, 2, 2, 2])), ("V",)) == 79
    assert busiest(Record("x", "MLII", x_T, r_B, np.array([2, 0, 0, 0, 0])), ("V",)) == 4
    assert busiest(Record("x", "MLII", x_T, r_B, np.zeros(5, int)), ("V",)) == 0


def test_truth_is_matched_to_found_beats() -> None:
    found, known, kinds = np.array([100, 500, 900]), np.array([90, 510, 1300]), np.array([0, 2, 1])
    assert nets.match_annotations(found, known, kinds).tolist() == [0, 2, -1]


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("method", METHODS)
def test_every_net_has_its_heat(name: str, method: str, reading: Reading) -> None:
    found = nets.heats(name, nets.net(name).model, reading.beats, 5, 2, method)
    assert len(found) == (4 if name == "ecg_attention" else 1)
    assert all(np.isfinite(h).all() and h.min() >= 0 for _, h in found)


def test_turned_over_and_back_is_the_lead_itself(reading: Reading) -> None:
    over = nets.reclassify(reading, turned=True, own=None)
    assert over.turned and np.allclose(over.lead.x_T, -reading.lead.x_T) and over.annotated is not None
    back = nets.reclassify(over, turned=False, own=None)
    assert not back.turned and np.allclose(back.lead.x_T, reading.lead.x_T)
    assert torch.equal(back.p["ecg"], reading.p["ecg"])
