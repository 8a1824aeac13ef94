"""Steps that several recipes share: pure functions from a batch to one update."""

from collections.abc import Callable
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from signals.image import to_unit
from training._recipe import Arrays, Budget, Optimizers


@cache
def bfloat16_is_fast(device: str) -> bool:
    """Whether matrices multiply faster in bfloat16: tensor cores, or the same idea in a CPU."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def logits(model: nn.Module, x_B: Tensor) -> Tensor:
    """`model(x)` in float32, its matrix products in bfloat16 where that is faster."""
    device = x_B.device.type
    with torch.autocast(device, torch.bfloat16, enabled=bfloat16_is_fast(device)):
        return model(x_B).float()


def adamw(*, weight_decay: float = 0.01) -> Callable[[nn.Module, Budget], Optimizers]:
    """AdamW (Loshchilov & Hutter 2019) over all parameters, at the budget's learning rate."""

    def build(model: nn.Module, budget: Budget) -> Optimizers:
        return {
            "model": torch.optim.AdamW(model.parameters(), lr=budget.lr, betas=(0.9, 0.99), weight_decay=weight_decay)
        }

    return build


def supervised(
    model: nn.Module, batch: Arrays, optimizers: Optimizers, generator: torch.Generator
) -> dict[str, Tensor]:
    """One update on the cross-entropy of pictures and their labels."""
    x_B, label_B = batch
    with torch.enable_grad():
        loss = F.cross_entropy(logits(model, to_unit(x_B)), label_B)
        update(optimizers["model"], loss)
    return {"cross_entropy": loss}


def virtual_adversarial(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    radius: float = 2.0,
    probe: float = 0.1,
    weight: float = 1.0,
) -> dict[str, Tensor]:
    """Cross-entropy plus virtual adversarial training (Miyato et al. 2018, algorithm 1, one power iteration).

    The net must answer alike at x and at x + r, where r, of L2 length `radius` in units of [0, 1] pixels, points where
    its answer changes fastest: found from a random direction `probe` long, by one gradient.
    """
    x_B, label_B = batch
    x_BX = to_unit(x_B).flatten(1)
    with torch.enable_grad():
        answer_BC = logits(model, x_BX)
        cross_entropy = F.cross_entropy(answer_BC, label_B)
        target_BC = answer_BC.detach().softmax(1)
        start_BX = torch.empty_like(x_BX).normal_(generator=generator)
        direction_BX = F.normalize(start_BX).requires_grad_()
        (steepest_BX,) = torch.autograd.grad(
            _divergence(target_BC, logits(model, x_BX + probe * direction_BX)), direction_BX
        )
        smoothness = _divergence(target_BC, logits(model, x_BX + radius * F.normalize(steepest_BX)))
        update(optimizers["model"], cross_entropy + weight * smoothness)
    return {"cross_entropy": cross_entropy, "smoothness": smoothness}


def distilled(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    teacher: Callable[[torch.device], nn.Module],
    temperature: float = 2.0,
    noise: float = 0.3,
    weight: float = 0.2,
) -> dict[str, Tensor]:
    """One update towards a teacher's softened answers (Hinton et al. 2015), and by `weight` towards the labels.

    Teacher and student see the pictures under the same Gaussian noise, in [0, 1] pixels and of a deviation drawn up to
    `noise` for each: what the teacher answers between the pictures is worth learning too. The labels go with the clean
    pictures.
    """
    x_B, label_B = batch
    x_BX = to_unit(x_B).flatten(1)
    deviation_B1 = noise * torch.rand(len(x_BX), 1, generator=generator, device=x_BX.device)
    noisy_BX = x_BX + deviation_B1 * torch.empty_like(x_BX).normal_(generator=generator)
    with torch.no_grad():
        target_BC = (logits(teacher(x_BX.device), noisy_BX.view(x_B.shape)) / temperature).softmax(1)
    with torch.enable_grad():
        softened_BC = logits(model, noisy_BX.view(x_B.shape)) / temperature
        distillation = temperature**2 * _divergence(target_BC, softened_BC)
        cross_entropy = F.cross_entropy(logits(model, x_BX.view(x_B.shape)), label_B)
        update(optimizers["model"], distillation + weight * cross_entropy)
    return {"distillation": distillation, "cross_entropy": cross_entropy}


def update(optimizer: torch.optim.Optimizer, loss: Tensor, *, clip: float | None = None) -> None:
    """One step down `loss`; `clip` is the longest its gradient over all parameters may be (Pascanu et al. 2013)."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if clip is not None:
        nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], clip)
    optimizer.step()


def uniform(generator: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    """Numbers `shape` between `low` and `high`, on the generator's device."""
    return low + (high - low) * torch.rand(*shape, generator=generator, device=generator.device)


def _divergence(target_BC: Tensor, answer_BC: Tensor) -> Tensor:
    """KL(target ‖ answer), the mean over the batch, in nats."""
    return F.kl_div(answer_BC.log_softmax(1), target_BC, reduction="batchmean")
