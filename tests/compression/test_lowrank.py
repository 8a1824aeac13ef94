"""Factors are what the algebra says, budgets are kept, and a compressed model is a checkpoint like any other."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from compression import cost
from compression.lowrank import Compressed, Factorisation, Method, Precision, factors, highest_rank
from models import CheckpointDamaged, _checkpoint
from models.cnn import CNN
from models.mlp import MLP
from tests.cards import blank

ROOT = Path(__file__).resolve().parents[2]
METHODS = pytest.mark.parametrize("method", ["plain", "whitened"])


@pytest.fixture
def mlp() -> MLP:
    torch.manual_seed(0)
    return MLP(inputs=48, hidden=40, layers=2).eval()


@pytest.fixture
def rows() -> Tensor:
    """Correlated rows, as pictures are: 48 numbers that mostly move together, some of them always zero."""
    draw = torch.Generator().manual_seed(1)
    scale = 0.7 ** torch.arange(48)
    mixing = torch.linalg.qr(torch.randn(48, 48, generator=draw)).Q
    x_BX = (torch.randn(600, 48, generator=draw) * scale) @ mixing + 0.5
    x_BX[:, :5] = 0
    return x_BX


@pytest.fixture
def cnn() -> CNN:
    torch.manual_seed(0)
    return CNN(channels=(12, 16)).eval()


@pytest.fixture
def pictures() -> Tensor:
    return torch.rand(20, 1, 12, 12, generator=torch.Generator().manual_seed(2))


def product(pair: nn.Module) -> Tensor:
    """The matrix that two factors stand for, `(O, I)`."""
    up, down = cast(nn.Linear, pair.up).weight, cast(nn.Linear, pair.down).weight
    return up.flatten(1) @ down.flatten(1)


def output_error(model: nn.Module, small: nn.Module, x_B: Tensor) -> float:
    with torch.no_grad():
        return (model(x_B) - small(x_B)).square().mean().item()


@METHODS
def test_full_rank_is_the_layer_itself(method: Method, rows: Tensor) -> None:
    # Of rank 2 by making, so that the highest rank that saves anything holds all of it.
    model = MLP(inputs=48, hidden=40, layers=1).eval()
    layer = cast(nn.Linear, model.get_submodule("blocks.0.linear"))
    with torch.no_grad():
        layer.weight.copy_(torch.randn(40, 2) @ torch.randn(2, 48))
    small = Factorisation(model, rows, method=method).compressed({"blocks.0.linear": 2})
    assert torch.allclose(product(small.net.get_submodule("blocks.0.linear")), layer.weight, atol=2e-3)
    assert torch.allclose(small(rows), model(rows), atol=2e-3)


@pytest.mark.parametrize("rank", [1, 5, 20])
def test_plain_is_the_truncated_svd(mlp: MLP, rank: int) -> None:
    w_OI = cast(nn.Linear, mlp.get_submodule("blocks.0.linear")).weight.detach()
    small = Factorisation(mlp, method="plain").compressed({"blocks.0.linear": rank})
    u, s, v = torch.linalg.svd(w_OI, full_matrices=False)
    expected = u[:, :rank] * s[:rank] @ v[:rank]
    assert torch.allclose(product(small.net.get_submodule("blocks.0.linear")), expected, atol=1e-5)


@pytest.mark.parametrize("rank", [1, 5, 20])
def test_whitened_is_the_best_for_these_inputs(mlp: MLP, rows: Tensor, rank: int) -> None:
    """Eckart–Young for W·L, with L the Cholesky factor of the inputs' covariance: no rank does better."""
    layer = cast(nn.Linear, mlp.get_submodule("blocks.0.linear"))
    pair = Factorisation(mlp, rows).compressed({"blocks.0.linear": rank}).net.get_submodule("blocks.0.linear")
    with torch.no_grad():
        error = (pair(rows) - layer(rows)).square().sum(1).mean().item()
    covariance_II = rows.double().T.cov(correction=0)
    cholesky_II = torch.linalg.cholesky(covariance_II + 1e-7 * torch.eye(48))
    energies = torch.linalg.svdvals(layer.weight.detach().double() @ cholesky_II).square()
    assert error == pytest.approx(energies[rank:].sum().item(), rel=1e-2, abs=1e-4 * energies.sum().item())


def test_whitened_beats_plain_on_correlated_inputs(mlp: MLP, rows: Tensor) -> None:
    ranks = {"blocks.0.linear": 6, "blocks.1.linear": 6}
    plain = Factorisation(mlp, rows, method="plain").compressed(ranks)
    whitened = Factorisation(mlp, rows).compressed(ranks)
    assert output_error(mlp, whitened, rows) < 0.3 * output_error(mlp, plain, rows)


def test_later_layers_make_up_for_earlier_ones(mlp: MLP, rows: Tensor) -> None:
    """Each layer is fitted behind those that are compressed already: fitted apart, the same ranks do worse."""
    taken_apart = Factorisation(mlp, rows)
    names = ["blocks.0.linear", "blocks.1.linear"]
    together = taken_apart.compressed(dict.fromkeys(names, 4))
    apart = taken_apart.compressed(dict.fromkeys(names, 4))
    for name in names:
        alone = taken_apart.compressed({name: 4})
        apart.net.set_submodule(name, alone.net.get_submodule(name))
    assert output_error(mlp, together, rows) < output_error(mlp, apart, rows)


def test_a_layer_is_refitted_to_what_it_gets(mlp: MLP, rows: Tensor) -> None:
    """Between the dense layer behind the compressed one, its mean put right, and the best of all matrices there."""
    small = Factorisation(mlp, rows).compressed({"blocks.0.linear": 2, "blocks.1.linear": 19})
    with torch.no_grad():
        second = mlp.get_submodule("blocks.1.linear")
        wanted = second(mlp.get_submodule("blocks.0")(rows))
        got = small.net.get_submodule("blocks.0")(rows)
        refitted, dense = small.net.get_submodule("blocks.1.linear")(got), second(got)
    missed = (dense - wanted).double()
    unfitted = (missed - missed.mean(0)).square().mean().item()
    columns = torch.cat([got, torch.ones(len(got), 1)], 1).double()
    best = columns @ torch.linalg.lstsq(columns, wanted.double(), driver="gelsd").solution
    least, found = ((answer - wanted).square().mean().item() for answer in (best, refitted))
    assert least < found < 0.99 * unfitted


GEOMETRIES = [{"kernel_size": 3, "padding": 1}, {"kernel_size": 1}, {"kernel_size": 3, "stride": 2, "dilation": 2}]


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_factors_have_the_geometry_of_their_convolution(geometry: dict[str, int]) -> None:
    conv = nn.Conv2d(16, 12, **cast(Any, geometry))
    pair = factors(conv, 5)
    x_BCHW = torch.rand(2, 16, 11, 11)
    with torch.no_grad():
        cast(nn.Conv2d, pair.up).bias = conv.bias
        combined = product(pair).view_as(conv.weight)
        expected = F.conv2d(x_BCHW, combined, conv.bias, conv.stride, conv.padding, conv.dilation)
        assert torch.allclose(pair(x_BCHW), expected, atol=1e-5)


@METHODS
def test_a_factored_convolution_is_the_truncated_convolution(cnn: CNN, pictures: Tensor, method: Method) -> None:
    name = "stages.1.1.conv"
    taken_apart = Factorisation(cnn, pictures, method=method)
    pair = taken_apart.compressed({name: 7}).net.get_submodule(name)
    conv = cast(nn.Conv2d, cnn.get_submodule(name))
    assert torch.linalg.matrix_rank(product(pair)) == 7
    whole = {name: layer.highest_rank for name, layer in taken_apart.spectra.items()}
    errors = [output_error(cnn, taken_apart.compressed({name: rank}), pictures) for rank in (2, 7, whole[name])]
    assert errors == sorted(errors, reverse=True)
    if method == "plain":
        u, s, v = torch.linalg.svd(conv.weight.detach().flatten(1), full_matrices=False)
        assert torch.allclose(product(pair), u[:, :7] * s[:7] @ v[:7], atol=1e-5)


def test_whitened_beats_plain_on_a_convolutional_net(cnn: CNN, pictures: Tensor) -> None:
    ranks = {"stages.0.1.conv": 4, "stages.1.0.conv": 4, "stages.1.1.conv": 4}
    plain = Factorisation(cnn, method="plain").compressed(ranks)
    assert output_error(cnn, Factorisation(cnn, pictures).compressed(ranks), pictures) < 0.5 * output_error(
        cnn, plain, pictures
    )


@METHODS
@pytest.mark.parametrize(
    ("precision", "share"), [("float32", 0.15), ("float32", 0.5), ("float32", 0.9), ("int8", 0.08), ("int8", 0.2)]
)
def test_a_budget_is_kept_and_used(mlp: MLP, rows: Tensor, method: Method, precision: Precision, share: float) -> None:
    taken_apart = Factorisation(mlp, rows, method=method)
    small = taken_apart.compressed(taken_apart.ranks(share, precision), int8=precision == "int8")
    took = tensor_bytes(small) if precision == "int8" else 4 * cost.parameters(small)
    budget = share * taken_apart.dense_bytes
    dearest = max(4 * layer.direction for layer in taken_apart.spectra.values())
    assert budget - dearest < took <= budget


def tensor_bytes(model: nn.Module) -> int:
    """What is left of the file without its header, whose length stands in its first eight bytes."""
    packed = _checkpoint.pack(model)
    return len(packed) - 8 - int.from_bytes(packed[:8], "little")


def test_no_budget_leaves_the_model_whole(mlp: MLP, rows: Tensor) -> None:
    taken_apart = Factorisation(mlp, rows)
    assert taken_apart.ranks(1.0) == {}
    assert torch.equal(taken_apart.compressed({})(rows), mlp(rows))


def test_more_budget_never_means_less_rank(mlp: MLP, rows: Tensor) -> None:
    taken_apart = Factorisation(mlp, rows)
    sizes = [cost.parameters(taken_apart.compressed(taken_apart.ranks(share))) for share in (0.1, 0.2, 0.4, 0.7, 1.0)]
    assert sizes == sorted(sizes)


def test_the_slider_dragged_back_and_forth_gives_the_same_again(mlp: MLP, rows: Tensor) -> None:
    taken_apart = Factorisation(mlp, rows)
    first = taken_apart.compressed(taken_apart.ranks(0.2))(rows)
    for share in (0.9, 0.1, 0.5):
        taken_apart.compressed(taken_apart.ranks(share))
    assert torch.equal(taken_apart.compressed(taken_apart.ranks(0.2))(rows), first)


def test_taking_apart_leaves_the_model_alone(mlp: MLP, rows: Tensor) -> None:
    before = {name: t.clone() for name, t in mlp.state_dict().items()}
    mlp.train()
    taken_apart = Factorisation(mlp, rows)
    taken_apart.compressed(taken_apart.uniform(3))
    assert mlp.training
    assert all(torch.equal(t, before[name]) for name, t in mlp.state_dict().items())
    assert not any(module._forward_hooks for module in mlp.modules())


def test_budgets_that_no_rank_can_meet(mlp: MLP, rows: Tensor) -> None:
    taken_apart = Factorisation(mlp, rows)
    with pytest.raises(ValueError, match=r"No ranks fit into 1\.00%.*still takes \d"):
        taken_apart.ranks(0.01)
    with pytest.raises(ValueError, match="At rank 400 no layer"):
        taken_apart.uniform(400)


def test_nothing_to_compress() -> None:
    with pytest.raises(ValueError, match="no layer that two factors would make smaller"):
        Factorisation(MLP(inputs=4, hidden=1, layers=1, classes=2), torch.rand(3, 4))


def test_compressed_is_not_compressed_again(mlp: MLP, rows: Tensor) -> None:
    with pytest.raises(ValueError, match="compressed already"):
        Factorisation(Factorisation(mlp, rows).compressed({"blocks.0.linear": 3}), rows)


def test_uniform_leaves_the_head_alone(mlp: MLP, rows: Tensor) -> None:
    assert Factorisation(mlp, rows).uniform(3) == {"blocks.0.linear": 3, "blocks.1.linear": 3}


@pytest.mark.parametrize(("outputs", "inputs"), [(10, 1024), (1024, 784), (4, 3), (1, 9)])
def test_the_highest_rank_is_the_last_that_saves(outputs: int, inputs: int) -> None:
    rank = highest_rank(nn.Linear(inputs, outputs))
    assert rank * (outputs + inputs) < outputs * inputs <= (rank + 1) * (outputs + inputs)


def test_int8_is_a_quarter_and_close(mlp: MLP, rows: Tensor) -> None:
    taken_apart = Factorisation(mlp, rows)
    ranks = taken_apart.ranks(0.4)
    exact, small = taken_apart.compressed(ranks), taken_apart.compressed(ranks, int8=True)
    weights = sum(p.numel() for p in small.parameters() if p.dtype == torch.int8)
    rest = sum(p.numel() for p in small.parameters() if p.dtype != torch.int8)
    assert tensor_bytes(small) == weights + 2 * rest
    scale = exact(rows).std()
    assert (small(rows) - exact(rows)).abs().max() < 0.05 * scale
    assert torch.equal(small.quantized()(rows), small(rows))


@pytest.mark.slow
@pytest.mark.parametrize("int8", [False, True])
def test_a_fresh_process_gives_the_same_logits(
    checkpoints: Path, tmp_path: Path, mlp: MLP, rows: Tensor, int8: bool
) -> None:
    taken_apart = Factorisation(mlp, rows)
    small = taken_apart.compressed(taken_apart.ranks(0.25), int8=int8)
    _checkpoint.save("small", small, blank("small", small))
    script = (
        "import sys, torch; from pathlib import Path; from models import _checkpoint;"
        "from compression.lowrank import Compressed;"
        "_checkpoint.CHECKPOINTS = Path(sys.argv[1]);"
        "torch.save(_checkpoint.load(Compressed, 'small').model(torch.ones(2, 48)), sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", script, str(checkpoints), str(tmp_path / "logits")], cwd=ROOT, check=True)
    assert torch.equal(torch.load(tmp_path / "logits"), small(torch.ones(2, 48)))


@pytest.mark.parametrize("architecture", ["os.system", "models.mlp.nothing", "models.nothing.MLP", "models.mlp.torch"])
def test_a_config_names_a_model_of_ours_and_nothing_else(
    checkpoints: Path, mlp: MLP, rows: Tensor, architecture: str
) -> None:
    small = Factorisation(mlp, rows).compressed({"blocks.0.linear": 3})
    _checkpoint.save(
        "small", small, blank("small", small, config=_checkpoint.config(small) | {"architecture": architecture})
    )
    with pytest.raises(CheckpointDamaged, match="do not fit"):
        _checkpoint.load(Compressed, "small")


def test_ranks_that_save_nothing_are_refused(mlp: MLP) -> None:
    config = _checkpoint.config(mlp)
    for ranks in ({"blocks.0.linear": 400}, {"blocks.0.linear": 0}, {"blocks.9.linear": 3}):
        with pytest.raises(ValueError, match="does not get smaller"):
            Compressed(architecture="models.mlp.MLP", config=config, ranks=ranks)


def test_the_config_is_json(mlp: MLP, rows: Tensor) -> None:
    config = _checkpoint.config(Factorisation(mlp, rows).compressed({"blocks.0.linear": 3}))
    assert json.loads(json.dumps(config)) == config
