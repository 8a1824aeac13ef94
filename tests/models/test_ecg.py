"""The heartbeat nets: shapes, sizes, and an attention whose weights are what the page says they are."""

import pytest
import torch
from torch import nn

from explanation.gradcam import gradcam
from models.ecg import BeatAttention, BeatCNN, BeatCNNLSTM, BeatNet

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


def test_a_beat_in_context() -> None:
    model = BeatNet().eval()
    x_BCT, rhythm_BF = torch.randn(3, 4, 180), torch.randn(3, 17)
    assert model(x_BCT, rhythm_BF).shape == (3, 5)
    assert sum(p.numel() for p in model.parameters()) < 300_000
    assert not torch.allclose(model(x_BCT, rhythm_BF), model(x_BCT, rhythm_BF + 1))
    assert not torch.allclose(model(x_BCT, rhythm_BF), model(x_BCT + 1, rhythm_BF))


def test_an_absurd_rhythm_is_held_within_bounds() -> None:
    model = BeatNet().eval()
    x_BCT = torch.randn(1, 4, 180)
    assert torch.equal(model(x_BCT, torch.full((1, 17), 1e3)), model(x_BCT, torch.full((1, 17), 1e6)))
