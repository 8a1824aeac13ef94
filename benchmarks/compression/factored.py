"""The perceptron with fewer numbers: plain and whitened low rank, distilled, in int8, and a small dense one."""

import torch
from torch import Tensor, nn

from benchmarks.compression._rows import Candidate, Net, Row, measured
from compression.lowrank import Compressed, Factorisation, Method
from models import load
from models.mlp import MLP
from training import Splits
from training.recipes.mnist_mlp_rank20 import calibration

RANKS = (10, 20, 50, 100, 200)
SHARES = (0.015, 0.02, 0.03, 1 / 23, 0.06, 0.1, 0.2, 0.3, 0.5)
DISTILLED = ("mnist_mlp_rank10", "mnist_mlp_rank20", "mnist_mlp_rank50", "mnist_mlp_x23", "mnist_mlp_x93")


def lowrank(splits: Splits) -> list[Row]:
    """Every way to make the perceptron smaller, on the same pictures in the same run."""
    dense = load(MLP, "mnist_mlp").model
    found = [Candidate("dense", "mnist_mlp", "float32", dense, dense)]
    x_B = calibration(splits.train)
    methods: tuple[Method, ...] = ("plain", "whitened")
    for method in methods:
        taken_apart = Factorisation(dense, x_B, method=method)
        for rank in RANKS:
            small = taken_apart.compressed(taken_apart.uniform(rank))
            found.append(Candidate(method, f"rank {rank}", "float32", small, small))
            if method == "plain":
                found.append(Candidate("plain, dropout left on", f"rank {rank}", "float32", small, left_on(small)))
        for share in SHARES:
            small = taken_apart.compressed(taken_apart.ranks(share))
            found.append(Candidate(f"{method}, global budget", f"{share:.1%}", "float32", small, small))
            if method == "whitened":
                tiny = small.quantized()
                found.append(Candidate("whitened, global budget", f"{share:.1%}", "int8", tiny, tiny))
    for name in DISTILLED:
        small = load(Compressed, name).model
        if not small.int8:
            found.append(Candidate("distilled", name, "float32", small, small))
        tiny = small.quantized()
        found.append(Candidate("distilled", name, "int8", tiny, tiny))
    small = load(MLP, "mnist_mlp_small").model
    found.append(Candidate("small dense, distilled", "mnist_mlp_small", "float32", small, small))
    tiny = Factorisation(small, method="plain").compressed({}, int8=True)
    found.append(Candidate("small dense, distilled", "mnist_mlp_small", "int8", tiny, tiny))
    return measured("mnist_mlp", found, splits, batch=1, rounds=60)


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
