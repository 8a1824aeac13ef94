"""Nets behind a permutation: small, and to the perceptron the permutation is nothing but another numbering."""

import pytest
import torch
from torch import nn

from explanation.gradcam import gradcam
from models import _checkpoint
from models.perceptron import Perceptron
from models.scrambled import Scrambled
from signals.scramble import block_order, scramble


@pytest.mark.parametrize("kind", ["perceptron", "cnn"])
def test_both_kinds_are_small_and_alike_in_size(kind) -> None:
    net = Scrambled(kind=kind, block=4)
    assert len(_checkpoint.pack(net)) <= 300_000 or any(not _checkpoint.fits_half(p) for p in net.parameters())
    assert 130_000 < sum(p.numel() for p in net.parameters()) < 145_000
    assert net(torch.rand(2, 3, 32, 32)).shape == (2, 10)


def test_a_perceptron_loses_nothing() -> None:
    """With its first weights in the permuted order it answers to the bit alike: Ivan's symmetry."""
    plain, mixed = (Scrambled(kind="perceptron", block=block).eval() for block in (1, 32))
    assert isinstance(plain.net, Perceptron) and isinstance(mixed.net, Perceptron)
    mixed.net.load_state_dict(plain.net.state_dict())
    order = block_order(32, 32)
    first = plain.net.blocks[0].get_submodule("linear")
    assert isinstance(first, nn.Linear)
    weight = first.weight.detach().view(-1, 3, 1024)[:, :, order].flatten(1)
    mixed.net.blocks[0].get_submodule("linear").load_state_dict({"weight": weight, "bias": first.bias.detach()})
    x_BCHW = torch.rand(4, 3, 32, 32)
    assert torch.allclose(mixed(x_BCHW), plain(x_BCHW), atol=1e-5)


def test_the_net_inside_sees_what_is_scrambled() -> None:
    net, x_BCHW = Scrambled(kind="cnn", block=8).eval(), torch.rand(2, 3, 32, 32)
    assert torch.equal(net(x_BCHW), net.net(scramble(x_BCHW, block_order(8, 32))))
    assert not torch.allclose(net(x_BCHW), net.net(x_BCHW))
    assert gradcam(net, net.layers()[-1], x_BCHW, 1).shape == (2, 32, 32)


@pytest.mark.parametrize("kind", ["perceptron", "cnn"])
def test_folding_changes_nothing(kind) -> None:
    net, x_BCHW = Scrambled(kind=kind, block=2, batch_norm=True), torch.rand(6, 3, 32, 32)
    net.meet(x_BCHW)
    for _ in range(2):
        net(x_BCHW)
    folded = net.eval().folded()
    assert torch.allclose(folded(x_BCHW), net(x_BCHW), atol=1e-5)
    assert not any("norm" in name for name in folded.state_dict())
    assert _checkpoint.config(Scrambled(**_checkpoint.config(folded))) == _checkpoint.config(folded)
