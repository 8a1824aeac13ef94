"""Both nets with 8-bit numbers: every way to int8, compiled, beside the compiled float32 net."""

import io
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.compression._rows import BATCH, Candidate, Row, measured
from compression import quantization
from compression.cost import file_bytes
from signals.image import to_unit
from training import Splits
from training.recipes.mnist_mlp_rank20 import calibration

QAT_STEPS = 200


def quantized(name: str, model: nn.Module, splits: Splits) -> list[Row]:
    """Every way to int8, compiled, beside the compiled float32 net."""
    x_B = calibration(splits.train)
    example = x_B[:BATCH]
    legacy = quantization.legacy_dynamic(model)
    graphs = {
        "dynamic int8": quantization.dynamic(model, x_B),
        "static int8": quantization.static(model, x_B),
        "quantization-aware int8": quantization.quantization_aware(model, x_B, train=follow(model, splits)),
    }
    found = [Candidate("float32, compiled", name, "float32", model, quantization.compiled(model, example))]
    found.append(Candidate("float32, not compiled", name, "float32", model, model))
    method = "torch.ao dynamic, not compiled (deprecated)"
    found.append(Candidate(method, name, "int8", model, legacy, pickled_bytes(legacy)))
    for method, graph in graphs.items():
        run = quantization.compiled(graph, example)
        found.append(Candidate(f"{method}, compiled", name, "int8", model, run, file_bytes(graph)))
    return measured(name, found, splits, batch=BATCH, rounds=40)


def follow(model: nn.Module, splits: Splits) -> Callable[[nn.Module], None]:
    """Trains a rounded net to answer training pictures as `model` does, for 200 batches of 128."""

    def train(net: nn.Module) -> None:
        draw = torch.Generator().manual_seed(0)
        optimizer = torch.optim.AdamW(net.parameters(), lr=1e-5, weight_decay=0.0)
        for _ in range(QAT_STEPS):
            x_B = to_unit(splits.train[0][torch.randint(len(splits.train[0]), (128,), generator=draw)])
            with torch.no_grad():
                target_BC = model(x_B).softmax(1)
            loss = F.kl_div(net(x_B).log_softmax(1), target_BC, reduction="batchmean")
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

    return train


def pickled_bytes(model: nn.Module) -> int:
    """The size of the weights as `torch.save` writes them: the old quantized layers know no other way."""
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    return len(buffer.getvalue())
