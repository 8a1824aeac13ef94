"""What steps are made of: a net in the fast precision, optimizers, one update, and random numbers."""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from training._recipe import Budget, Optimizers


@cache
def bfloat16_is_fast(device: str) -> bool:
    """Whether matrices multiply faster in bfloat16: tensor cores, or the same idea in a CPU."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def fast(model: Callable[..., Tensor], x_B: Tensor) -> Tensor:
    """`model(x)` `(B, ...)` in float32, its matrix products in bfloat16 where that is faster."""
    device = x_B.device.type
    with torch.autocast(device, torch.bfloat16, enabled=bfloat16_is_fast(device)):
        return model(x_B).float()


def adamw(*, weight_decay: float = 0.01, fused: bool | None = None) -> Callable[[nn.Module, Budget], Optimizers]:
    """AdamW (Loshchilov & Hutter 2019) over all parameters, at the budget's learning rate; `fused` takes less time."""

    def build(model: nn.Module, budget: Budget) -> Optimizers:
        chosen = {"lr": budget.lr, "betas": (0.9, 0.99), "weight_decay": weight_decay, "fused": fused}
        return {"model": torch.optim.AdamW(model.parameters(), **chosen)}

    return build


def nesterov(
    *, momentum: float = 0.85, weight_decay: float = 0.0013, biases: float = 64.0
) -> Callable[[nn.Module, Budget], Optimizers]:
    """Gradient descent with Nesterov's momentum at the budget's learning rate, `biases` times that for norms' biases.

    A norm's bias has as much decay as a weight all the same (airbench94, Jordan 2024).
    """

    def build(model: nn.Module, budget: Budget) -> Optimizers:
        norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
        shifts = [m.bias for m in norms if m.bias is not None]
        kept = {id(p) for p in shifts}
        rest = [p for p in model.parameters() if p.requires_grad and id(p) not in kept]
        groups: list[dict[str, Any]] = [{"params": rest, "lr": budget.lr, "weight_decay": weight_decay}]
        if shifts:
            groups.append({"params": shifts, "lr": biases * budget.lr, "weight_decay": weight_decay / biases})
        return {"model": torch.optim.SGD(groups, momentum=momentum, nesterov=True)}

    return build


def update(optimizer: torch.optim.Optimizer, loss: Tensor, *, clip: float | None = None) -> None:
    """One step down `loss`; `clip` is the longest its gradient over all parameters may be (Pascanu et al. 2013)."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if clip is not None:
        nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], clip)
    optimizer.step()


def uniform(generator: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    """Numbers of shape `(*shape,)` between `low` and `high`, float32, on the generator's device."""
    return low + (high - low) * torch.rand(*shape, generator=generator, device=generator.device)
