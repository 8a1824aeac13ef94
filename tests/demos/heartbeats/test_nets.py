"""How a lead is read: every net right on tidy beats, annotations matched, attributions that add up."""

import numpy as np
import pytest
import torch

from demos.heartbeats import nets, tab
from demos.heartbeats.nets import METHODS, RECIPES, Reading
from models.ecg import BeatNet


@pytest.fixture(scope="module")
def reading() -> Reading:
    return tab.show_example(tab.FIRST, False, None).reading


def test_an_example_is_classified_right_by_every_net(reading: Reading) -> None:
    assert reading.truth_B is not None and len(reading.p) == 4
    for name, p_BC in reading.p.items():
        assert p_BC.sum(1).allclose(torch.ones(len(p_BC)))
        right = (p_BC.argmax(1).numpy() == reading.truth_B).mean()
        assert right > (0.9 if name == "ecg" else 0.7), f"{name} {right}"


def test_rhythm_shares_add_up(reading: Reading) -> None:
    """Integrated gradients: the shares sum to the score's change from the usual rhythm."""
    model, i = nets.net("ecg").model, 4
    x, r = reading.beats.context_BCT[i : i + 1], reading.beats.rhythm_BF[i : i + 1]
    assert isinstance(model, BeatNet)
    with torch.no_grad():
        change = (model(x, r) - model(x, model.rhythm_mean[None]))[0, 2].item()
    total = sum(value for _, value in nets.rhythm_attribution(model, reading.beats, i, 2))
    assert total == pytest.approx(change, abs=0.1 + 0.1 * abs(change))


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
    assert over.turned and np.allclose(over.lead.x_T, -reading.lead.x_T) and over.truth_B is not None
    back = nets.reclassify(over, turned=False, own=None)
    assert not back.turned and np.allclose(back.lead.x_T, reading.lead.x_T)
    assert torch.equal(back.p["ecg"], reading.p["ecg"])
