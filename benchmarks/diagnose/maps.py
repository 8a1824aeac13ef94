"""One Grad-CAM by captum as the tab wraps it, by captum alone and, where it can be imported, by `grad-cam`."""

import importlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks._report import Claim, claim, row
from benchmarks.diagnose._nets import NETS, Facts, pictures, trained
from compression.cost import time_in_turns
from explanation.gradcam import gradcam
from models import load
from training._table import timings

WRAPPED = "what our wrapper adds to captum's own map, as a ratio of times"
"""Our Grad-CAM is captum's: beside it only what is around it can be timed."""


def measure() -> Facts:
    """`maps`: the largest `differences`, and the times in turns as `rows`."""
    rows, differences = [], {}
    for name in trained():
        net: Any = load(NETS[name], name).model
        layer, x_BCHW = net.layers()[-1], pictures(name)[:1]
        module, package = net.get_submodule(layer), _gradcam_package()
        makers: dict[str, Callable[[Tensor], Tensor]] = {
            "ours": lambda x, net=net, layer=layer: gradcam(net, layer, x, 1),
            "captum": partial(_captum, net, module),
        }
        if package is not None:
            makers["grad-cam"] = partial(_packaged, package, net, module)
        mine = makers["ours"](x_BCHW)
        differences[f"{name}, captum"] = (mine - makers["captum"](x_BCHW)).abs().max().item()
        if package is not None:
            mine = _as_packaged(_raw(net, module, x_BCHW), x_BCHW)
            differences[f"{name}, grad-cam"] = (makers["grad-cam"](x_BCHW) - mine).abs().max().item()
        with torch.enable_grad():
            times = time_in_turns(makers, x_BCHW, rounds=30)
        rows += [row(f"{name}: one map, {kind}", values, unit="ms") for kind, values in times.items()]
    return {"maps": {"rows": rows, "differences": differences}}


def _raw(net: nn.Module, module: nn.Module, x_BCHW: Tensor) -> Tensor:
    """Captum's map `(B, 1, h, w)` at the layer's own size."""
    from captum.attr import LayerGradCam

    x_BCHW = x_BCHW.detach().requires_grad_()
    return LayerGradCam(net, module).attribute(x_BCHW, target=1, relu_attributions=True).detach()  # type: ignore[union-attr]


def _captum(net: nn.Module, module: nn.Module, x_BCHW: Tensor) -> Tensor:
    heat_B1hw = _raw(net, module, x_BCHW)
    return F.interpolate(heat_B1hw, x_BCHW.shape[2:], mode="bilinear", align_corners=False)[:, 0]


def _as_packaged(heat_B1hw: Tensor, x_BCHW: Tensor) -> Tensor:
    """The map as the package hands it over `(B, H, W)`: scaled to 0 to 1 before it is enlarged, and after."""
    return _scaled(F.interpolate(_scaled(heat_B1hw), x_BCHW.shape[2:], mode="bilinear"))[:, 0]


def _scaled(heat_B1HW: Tensor) -> Tensor:
    low = heat_B1HW.amin((2, 3), keepdim=True)
    return (heat_B1HW - low) / (1e-7 + (heat_B1HW - low).amax((2, 3), keepdim=True))


def _gradcam_package() -> Any:
    try:
        return importlib.import_module("pytorch_grad_cam")
    except ImportError:
        return None


def _packaged(package: Any, net: nn.Module, module: nn.Module, x_BCHW: Tensor) -> Tensor:
    targets = importlib.import_module("pytorch_grad_cam.utils.model_targets")
    with package.GradCAM(model=net, target_layers=[module]) as cam:
        return torch.from_numpy(cam(input_tensor=x_BCHW, targets=[targets.ClassifierOutputTarget(1)]))


def table(kept: Facts) -> str:
    return timings(kept["maps"]["rows"])


def claims(kept: Facts) -> Iterator[Claim]:
    """PROTOCOLS 2 and 6."""
    found = kept.get("maps", {"rows": [], "differences": {}})
    for name, difference in found["differences"].items():
        yield claim(f"Grad-CAM against {name}: largest difference", difference, "≤", 1e-4)
    times = {r["name"]: r["median"] for r in found["rows"]}
    for name in NETS:
        for other in ("captum", "grad-cam"):
            if theirs := times.get(f"{name}: one map, {other}"):
                ratio = times[f"{name}: one map, ours"] / theirs
                what = WRAPPED if other == "captum" else f"time of one map against {other}"
                yield claim(f"{name}: {what}", ratio, "≤", 1.2)


def notes(kept: Facts) -> Iterator[str]:
    if kept.get("maps") and not any("grad-cam" in name for name in kept["maps"]["differences"]):
        yield "The package grad-cam was not installed: maps were compared with captum's alone."
