"""Cuts kept beside a net come back as the nets that they were, without a calibration picture."""

import pytest
import torch

from compression import cuts
from compression.lowrank import Factorisation
from models.cnn import CNN

SHARES = {"30.0%": 0.3, "50.0%": 0.5}


@pytest.fixture(scope="module")
def net() -> CNN:
    torch.manual_seed(0)
    return CNN(channels=(16, 32)).eval()


def test_what_was_packed_answers_as_it_did(net: CNN) -> None:
    x_B = torch.rand(64, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    apart = Factorisation(net, x_B)
    kept = cuts.packed(apart, SHARES) | {"p": torch.zeros(3)}
    assert cuts.names(kept) == list(SHARES) and all(t.dtype == torch.float16 for k, t in kept.items() if k != "p")
    for name, share in SHARES.items():
        small, found = apart.compressed(apart.ranks(share)), cuts.unpacked(net, kept, name)
        assert found.ranks == small.ranks and not found.training
        assert torch.allclose(found(x_B[:4]), small(x_B[:4]), atol=2e-3)
        assert found.quantized()(x_B[:4]).shape == (4, 10)


def test_a_cut_that_is_not_kept(net: CNN) -> None:
    with pytest.raises(KeyError):
        cuts.unpacked(net, {"p": torch.zeros(3)}, "10.0%")
