"""Where a net looked in one picture, and whether that map tells the truth: removal, randomised weights, fewer bits."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from compression.fake_quantization import FakeQuantized
from demos._ui.nets import Net
from demos.diagnose.nets import Reading, layers, probabilities
from explanation import faithfulness
from explanation.attribution import integrated_gradients, occlusion, smooth_gradient
from explanation.faithfulness import mean_filling
from explanation.gradcam import gradcam
from models import CheckpointDamaged, CheckpointMissing, load_cached
from training.recipes import cells_cnn_qat

GRADCAM, GRADIENTS, OCCLUSION, SMOOTH = METHODS = ("Grad-CAM", "Integrated gradients", "Occlusion", "SmoothGrad")
HOTTEST = 0.2
"""The share of a picture that a check removes."""
ROUNDS = 8


def heatmap(model: nn.Module, x_BCHW: Tensor, target: int, layer: str, method: str) -> Tensor:
    """`(H, W)` ≥ 0: what spoke for class `target`. Only Grad-CAM listens at `layer`; the others ask the input."""
    side = x_BCHW.shape[-1]
    if method == GRADCAM:
        return gradcam(model, layer, x_BCHW, target)[0]
    if method == SMOOTH:
        return smooth_gradient(model, x_BCHW, target, samples=12)[0].abs().sum(0).detach()
    plain_BCHW = mean_filling(x_BCHW).expand_as(x_BCHW)
    if method == GRADIENTS:
        found = integrated_gradients(model, x_BCHW, target, baseline_BX=plain_BCHW, steps=16)
        return found[0].sum(0).clamp(min=0).detach()
    window = max(3, side // 5)
    found = occlusion(model, x_BCHW, target, window=window, stride=max(1, window // 2), baseline=plain_BCHW)
    return found[0, 0].clamp(min=0)


# Whether a map tells the truth


@dataclass(frozen=True)
class Verdict:
    """One map and its checks: removing what is hot against removing the same map laid down elsewhere."""

    heat_HW: Tensor
    before: float
    after: float
    random: float
    inside: float | None
    area: float | None

    @property
    def silent(self) -> bool:
        """Nothing is hot: there is no map to check."""
        return not bool(self.heat_HW.max() > 0)

    @property
    def holds(self) -> bool:
        """The hot places cost more than as many elsewhere, by at least two points of probability."""
        return not self.silent and self.random - self.after > 0.02


def check_map(net: Net[Any], reading: Reading, heat_HW: Tensor, target: int) -> Verdict:
    """Remove the hottest fifth and look at the probability; the same with the map laid down elsewhere, eight times."""
    found = faithfulness.probe(
        partial(probabilities, net), reading.unit, heat_HW[None], target, share=HOTTEST,
        control=faithfulness.displaced, rounds=ROUNDS,
    )  # fmt: skip
    inside = area = None
    if reading.mask is not None:
        inside = faithfulness.energy_inside(heat_HW[None], reading.mask[None]).item()
        area = reading.mask.double().mean().item()
    return Verdict(heat_HW, found.before_B.item(), found.after_B.item(), found.random_B.item(), inside, area)


def areas(
    net: Net[Any], reading: Reading, heat_HW: Tensor, target: int, *, steps: int = 10
) -> dict[str, tuple[float, float]]:
    """The areas under “deletion” and “insertion”, of the map and of the mean of three maps laid down elsewhere."""
    others_BHW = torch.cat([faithfulness.displaced(heat_HW[None], seed=i) for i in range(3)])
    maps_BHW = torch.cat([heat_HW[None], others_BHW])
    x_BCHW = reading.unit.expand(len(maps_BHW), -1, -1, -1)
    found = {}
    for name, curve in (("deletion", faithfulness.deletion), ("insertion", faithfulness.insertion)):
        area_B = curve(partial(probabilities, net), x_BCHW, maps_BHW, target, steps=steps).area()
        found[name] = (area_B[0].item(), area_B[1:].mean().item())
    return found


Stage = tuple[str, Tensor, float]
"""In words, which stage of a net lost its weights last; the map `(H, W)` then; its likeness to the whole net's, −1 to 1."""


def cascading_randomization(net: Net[Any], reading: Reading, target: int, layer: str, method: str) -> Iterator[Stage]:
    """Reset the weights stage by stage, from the head backwards, and explain after each (Adebayo et al. 2018)."""

    def explain(model: nn.Module) -> Tensor:
        return heatmap(model, reading.unit, target, layer, method)[None]

    for name, heat_BHW, alike_B in faithfulness.cascading_randomization(
        net.model, explain, stages=[*layers(net), "head"]
    ):
        told = "the answer" if name == "head" else f"layer {layers(net).index(name) + 1}"
        yield told, heat_BHW[0], alike_B.item()


# Fewer bits


@dataclass(frozen=True)
class Form:
    """The cells' net in one arithmetic: what it said of a picture, `p_C`, and where it looked, `(H, W)`."""

    kind: str
    p_C: Tensor
    heat_HW: Tensor


def quantized_models(net: Net[Any]) -> dict[str, nn.Module]:
    """The cells' net in float and with 8-bit arithmetic in three ways; the taught one belongs to the shipped net."""
    static = FakeQuantized.of(net.model)
    static.set_ranges(net.evidence["ranges"])
    found: dict[str, nn.Module] = {
        "float32": net.model, "dynamic int8": FakeQuantized.of(net.model), "static int8": static,
    }  # fmt: skip
    if not net.own:
        with suppress(CheckpointMissing, CheckpointDamaged):
            found["quantization-aware int8"] = load_cached(FakeQuantized, cells_cnn_qat.recipe.name).model
    return found


def forms(net: Net[Any], reading: Reading, target: int, layer: str) -> list[Form]:
    """One cell classified and explained in every arithmetic, float first, by Grad-CAM at `layer`."""
    found = []
    for kind, model in quantized_models(net).items():
        place = f"net.{layer}" if isinstance(model, FakeQuantized) else layer
        heat_HW = heatmap(model, reading.unit, target, place, GRADCAM)
        with torch.no_grad():
            found.append(Form(kind, probabilities(net, reading.unit, model)[0], heat_HW))
    return found
