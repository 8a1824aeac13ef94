"""The heartbeat nets: shapes, sizes, and an attention whose weights are what the page says they are."""

import pytest
import torch
from torch import nn

from explanation.gradcam import gradcam
from models.ecg import BeatAttention, BeatCNN, BeatCNNLSTM, BeatNet, probabilities
from signals.ecg_context import ABSOLUTE, RHYTHM

ALONE = pytest.mark.parametrize("kind", [BeatCNN, BeatAttention, BeatCNNLSTM])


@ALONE
def test_a_beat_alone(kind: type[BeatCNN]) -> None:
    model = kind().eval()
    x_B1T = torch.randn(3, 1, 256)
    assert model(x_B1T).shape == (3, 5)
    assert sum(p.numel() for p in model.parameters()) < 300_000
    assert isinstance(model.get_submodule(kind.LOOKS_AT), nn.Conv1d)
    assert gradcam(model, kind.LOOKS_AT, x_B1T, 2).shape == (3, 256)


def test_they_differ_only_by_what_is_between() -> None:
    plain = set(dict(BeatCNN().named_parameters()))
    assert set(dict(BeatAttention().named_parameters())) - plain and set(dict(BeatCNNLSTM().named_parameters())) > plain


def test_attention_sums_to_one_for_every_head() -> None:
    model = BeatAttention(heads=4).eval()
    with torch.no_grad():
        weight_BHP = model.weights(torch.randn(2, 1, 256))
    assert weight_BHP.shape == (2, 4, 32)
    assert torch.allclose(weight_BHP.sum(-1), torch.ones(2, 4), atol=1e-5)
    assert not torch.allclose(weight_BHP[:, 0], weight_BHP[:, 1])


def test_attention_by_hand() -> None:
    """The first head's weights, from the layer's own projections: softmax(q kᵀ / √d)."""
    model = BeatAttention(heads=4).eval()
    x_B1T = torch.randn(1, 1, 256)
    with torch.no_grad():
        map_PC = (model.features(x_B1T) + model.place)[0].T
        q, k, _ = (map_PC @ model.attention.in_proj_weight.T + model.attention.in_proj_bias).chunk(3, dim=1)
        expected_P = (q[:, :16] @ k[:, :16].T / 4).softmax(1).mean(0)
        assert torch.allclose(model.weights(x_B1T)[0, 0], expected_P, atol=1e-5)


def heard(n: int = 60, *, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(n, 4, 90, generator=draw), torch.randn(n, len(RHYTHM), generator=draw)


@pytest.mark.parametrize("references", [1, 2])
@pytest.mark.parametrize("memory", [0, 32])
def test_beats_in_their_order(references: int, memory: int) -> None:
    model = BeatNet(references=references, memory=memory).eval()
    x_BCT, rhythm_BF = heard()
    p_BC = probabilities(model, x_BCT.half(), rhythm_BF)
    assert p_BC.shape == (60, 5) and p_BC.sum(1).allclose(torch.ones(60))
    assert model(x_BCT[None], rhythm_BF[None]).shape == (1, 60, 5)
    assert sum(p.numel() for p in model.parameters()) < 300_000
    assert not torch.allclose(p_BC, probabilities(model, x_BCT, rhythm_BF + 1), atol=1e-4)
    assert not torch.allclose(p_BC, probabilities(model, 5 * x_BCT, rhythm_BF), atol=1e-5)


@pytest.mark.parametrize("n", [3, 39, 40, 41, 100])
def test_a_beat_is_judged_once_the_next_was_heard(n: int) -> None:
    """By 38 beats before it, itself and the next one, as a run of these alone would be; the last one without a next."""
    model = BeatNet(either_way=False).eval()
    x_BCT, rhythm_BF = heard(n)
    p_BC = probabilities(model, x_BCT, rhythm_BF)
    with torch.no_grad():
        known_1LE = model.embed(x_BCT[None], rhythm_BF[None])
        for i in range(n):
            first = max(0, min(i - 38, n - 40))
            run = slice(first, first + 40)
            expected_C = model.judge(known_1LE[:, run])[0, i - first].softmax(0)
            assert torch.allclose(p_BC[i], expected_C, atol=1e-5), i


def test_what_comes_later_does_not_matter() -> None:
    model = BeatNet().eval()
    x_BCT, rhythm_BF = heard(100)
    later_BCT = x_BCT.clone()
    later_BCT[53:] *= 5
    one, other = probabilities(model, x_BCT, rhythm_BF), probabilities(model, later_BCT, rhythm_BF)
    assert torch.allclose(one[:51], other[:51], atol=1e-7), "the next beat is looked at beside the one after it"
    assert not torch.allclose(one[52], other[52], atol=1e-6)


def test_a_lead_turned_over_has_the_same_answer() -> None:
    x_BCT, rhythm_BF = heard()
    for either_way in (True, False):
        model = BeatNet(either_way=either_way).eval()
        one, other = probabilities(model, x_BCT, rhythm_BF), probabilities(model, -x_BCT, rhythm_BF)
        assert torch.allclose(one, other, atol=1e-6) == either_way


def test_records_know_nothing_of_each_other() -> None:
    model = BeatNet().eval()
    (x, r), (y, q) = heard(50), heard(45, seed=1)
    record_B = torch.tensor([7] * 50 + [2] * 45)
    both = probabilities(model, torch.cat([x, y]), torch.cat([r, q]), record_B=record_B)
    assert torch.allclose(both, torch.cat([probabilities(model, x, r), probabilities(model, y, q)]), atol=1e-6)


def test_seconds_are_heard_only_where_asked_for() -> None:
    x_BCT, rhythm_BF = heard()
    slower_BF = rhythm_BF.clone()
    slower_BF[:, :ABSOLUTE] += 1
    for absolute in (True, False):
        model = BeatNet(absolute=absolute).eval()
        same = torch.allclose(probabilities(model, x_BCT, rhythm_BF), probabilities(model, x_BCT, slower_BF), atol=1e-4)
        assert same != absolute


def test_an_absurd_rhythm_is_held_within_bounds() -> None:
    model, (x_BCT, _) = BeatNet().eval(), heard(5)
    far, further = (torch.full((5, len(RHYTHM)), value) for value in (1e3, 1e6))
    assert torch.equal(probabilities(model, x_BCT, far), probabilities(model, x_BCT, further))
