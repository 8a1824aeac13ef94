"""Three nets with fewer numbers: plain and whitened low rank, distilled, in int8, and a small dense one."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from benchmarks.compression._rows import Candidate, Net, Row, measured
from compression import cuts
from compression.lowrank import Compressed, Factorisation, Method
from models import is_here, load
from models.cnn import CNN
from models.mlp import MLP
from training import Splits, catalogue
from training.recipes import cifar_cnn
from training.recipes.mnist_mlp_rank20 import calibration

RANKS = (10, 20, 50, 100, 200)
SHARES = (0.015, 0.02, 0.03, 1 / 23, 0.06, 0.1, 0.2, 0.3, 0.5)
COARSE = (0.06, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7)
"""Of a convolutional net's bytes: it has fewer to spare."""
DISTILLED = ("mnist_mlp_rank10", "mnist_mlp_rank20", "mnist_mlp_rank50", "mnist_mlp_x23", "mnist_mlp_x93")


def perceptron(splits: Splits) -> list[Row]:
    """Every way to make the perceptron smaller, on the same pictures in the same run."""
    dense = load(MLP, "mnist_mlp").model
    found = [whole("mnist_mlp", dense)]
    x_B = calibration(splits.train)
    methods: tuple[Method, ...] = ("plain", "whitened")
    for method in methods:
        taken_apart = Factorisation(dense, x_B, method=method)
        for rank in RANKS:
            small = taken_apart.compressed(taken_apart.uniform(rank))
            found.append(Candidate(method, f"rank {rank}", "float32", small, small))
            if method == "plain":
                found.append(Candidate("plain, dropout left on", f"rank {rank}", "float32", small, left_on(small)))
        found += shared_out(taken_apart, SHARES)
    found += distilled(DISTILLED)
    small = load(MLP, "mnist_mlp_small").model
    found.append(Candidate("small dense, distilled", "mnist_mlp_small", "float32", small, small))
    tiny = Factorisation(small, method="plain").compressed({}, int8=True)
    found.append(Candidate("small dense, distilled", "mnist_mlp_small", "int8", tiny, tiny))
    return measured("mnist_mlp", found, splits, batch=1, rounds=60)


def convolutional(splits: Splits) -> list[Row]:
    """MNIST's convolutional net, cut plainly and with care."""
    dense, x_B = load(CNN, "mnist_cnn").model, calibration(splits.train)
    found = [whole("mnist_cnn", dense), in_bytes("mnist_cnn", dense)]
    found += shared_out(Factorisation(dense, method="plain"), COARSE)
    found += shared_out(Factorisation(dense, x_B), COARSE)
    return measured("mnist_cnn", found, splits, batch=1, rounds=60)


def colour(splits: Splits) -> list[Row]:
    """CIFAR-10's convolutional net: cut plainly, by the cuts that ship beside it, and taught."""
    checkpoint = cifar_cnn.recipe.checkpoint()
    dense, taught = checkpoint.model, [name for name in catalogue() if name.startswith("cifar_cnn_x")]
    found = [whole("cifar_cnn", dense), in_bytes("cifar_cnn", dense)]
    found += shared_out(Factorisation(dense, method="plain"), COARSE)
    for name in cuts.names(checkpoint.evidence):
        small = cuts.unpacked(dense, checkpoint.evidence, name)
        found += both("whitened, global budget", name, small)
    found += distilled([name for name in taught if is_here(name)])
    return measured("cifar_cnn", found, splits, batch=1, rounds=30)


def whole(name: str, net: nn.Module) -> Candidate:
    """The dense net, which ratios are to."""
    return Candidate("dense", name, "float32", net, net)


def in_bytes(name: str, net: nn.Module) -> Candidate:
    """The dense net with its weights as int8."""
    small = Factorisation(net, method="plain").compressed({}, int8=True)
    return Candidate("dense", name, "int8", small, small)


def shared_out(taken_apart: Factorisation, shares: Sequence[float]) -> list[Candidate]:
    """The net cut to these shares of its bytes; where it is cut with care, in int8 too."""
    found = []
    for share in shares:
        small = taken_apart.compressed(taken_apart.ranks(share))
        two = both(f"{taken_apart.method}, global budget", f"{share:.1%}", small)
        found += two if taken_apart.method == "whitened" else two[:1]
    return found


def both(method: str, point: str, small: Compressed) -> list[Candidate]:
    """A cut net as it is, and with its weights as int8."""
    tiny = small.quantized()
    return [Candidate(method, point, "float32", small, small), Candidate(method, point, "int8", tiny, tiny)]


def distilled(names: Sequence[str]) -> list[Candidate]:
    """Nets that the whole one taught, and what they become as int8."""
    found = []
    for name in names:
        small = load(Compressed, name).model
        found += both("distilled", name, small)[int(small.int8) :]
    return found


def left_on(model: nn.Module) -> Net:
    """The course work's mistake: scored in training mode, so that a fifth of the numbers is missing at random."""

    def run(x_B: Tensor) -> Tensor:
        torch.manual_seed(0)
        model.train()
        try:
            return model(x_B)
        finally:
            model.eval()

    return run
