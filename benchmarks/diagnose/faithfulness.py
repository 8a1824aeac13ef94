"""Grad-CAM at the last layer for the predicted class, against random maps, on up to 200 test pictures a net."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks._report import Claim, claim
from benchmarks.diagnose._nets import NETS, Facts, pictures, trained
from explanation.faithfulness import (
    cascading_randomization,
    deletion,
    displaced,
    energy_inside,
    insertion,
    probe,
    random_heat,
)
from explanation.gradcam import gradcam
from metrics.intervals import bootstrap
from models import load, load_cached
from training._table import markdown
from training.data import ph2

PICTURES = 200
COLUMNS = ("net", "n", "p of the answer", "hottest 20 % removed", "map displaced", "at random", "displaced − hottest")


def measure() -> Facts:
    """`faithfulness`: every measure of each net; of the moles' also how much heat lies inside the lesion."""
    found = []
    for name in trained():
        net: Any = load(NETS[name], name).model
        degree = load_cached(NETS[name], name).evidence["temperature"].item()
        everything = pictures(name)
        index = torch.randperm(len(everything), generator=torch.Generator().manual_seed(0))[:PICTURES]
        with torch.no_grad():
            target_B = net(everything[index]).argmax(1)
        found.append({"net": name, "n": len(index), **_checked(net, degree, everything[index], target_B)})
        if name == "dermoscopy":
            heat_BHW = gradcam(net, net.layers()[-1], everything[index], target_B)
            mask_BHW = ph2.masks()[ph2.splits().test[2][index]]
            inside_B, area_B = energy_inside(heat_BHW, mask_BHW), mask_BHW.double().mean((1, 2))
            found[-1]["energy_inside"] = _mean(inside_B)
            found[-1]["mask_area"] = _mean(area_B)
    return {"faithfulness": found}


def _checked(net: Any, degree: float, x_BCHW: Tensor, target_B: Tensor) -> Facts:
    """Every measure as the mean with its interval over pictures; `less` is random minus map, above 0 where it holds."""

    def score(x: Tensor) -> Tensor:
        return torch.cat([(net(part) / degree).softmax(1) for part in x.split(64)])

    layer = net.layers()[-1]
    heat_BHW = torch.cat([gradcam(net, layer, x, t) for x, t in zip(x_BCHW.split(32), target_B.split(32), strict=True)])
    grain = max(2, x_BCHW.shape[-1] // 5)
    moved = probe(score, x_BCHW, heat_BHW, target_B, control=displaced, rounds=4)
    noise = probe(score, x_BCHW, heat_BHW, target_B, control=partial(random_heat, grain=grain), rounds=4)
    other_BHW = random_heat(heat_BHW, seed=9, grain=grain)
    out = {
        m: deletion(score, x_BCHW, h, target_B, steps=10).area() for m, h in (("map", heat_BHW), ("random", other_BHW))
    }
    into = {
        m: insertion(score, x_BCHW, h, target_B, steps=10).area() for m, h in (("map", heat_BHW), ("random", other_BHW))
    }
    melted = list(
        cascading_randomization(
            net, lambda n: gradcam(n, layer, x_BCHW[:20], target_B[:20]), stages=[*net.layers(), "head"]
        )
    )
    return {
        "before": _mean(moved.before_B),
        "hottest_removed": _mean(moved.after_B),
        "displaced_removed": _mean(moved.random_B),
        "random_removed": _mean(noise.random_B),
        "less_than_displaced": _mean(moved.random_B - moved.after_B),
        "less_than_random": _mean(noise.random_B - noise.after_B),
        "deletion_area": _mean(out["map"]),
        "deletion_less_than_random": _mean(out["random"] - out["map"]),
        "insertion_area": _mean(into["map"]),
        "insertion_more_than_random": _mean(into["map"] - into["random"]),
        "melting": [{"stage": stage, "likeness": alike_B.mean().item()} for stage, _, alike_B in melted],
    }


def _mean(value_B: Tensor) -> dict[str, float]:
    values = value_B.double().tolist()
    interval = bootstrap(values, lambda drawn: sum(drawn) / len(drawn))
    return {"mean": sum(values) / len(values), **interval._asdict()}


def table(kept: Facts) -> str:
    return markdown(COLUMNS, [_cells(checked) for checked in kept["faithfulness"]])


def _cells(checked: Facts) -> list[str]:
    shares = [f"{checked[m]['mean']:.2f}" for m in ("before", "hottest_removed", "displaced_removed", "random_removed")]
    less = checked["less_than_displaced"]
    return [checked["net"], str(checked["n"]), *shares, f"{less['mean']:.3f} ({less['low']:.3f} to {less['high']:.3f})"]


def claims(kept: Facts) -> Iterator[Claim]:
    """PROTOCOLS 2 and 6."""
    for checked in kept.get("faithfulness", []):
        for measure in ("less_than_displaced", "less_than_random"):
            what = f"{checked['net']}: {measure.replace('_', ' ')} ({checked['n']} pictures), low end of 95 %"
            yield claim(what, checked[measure]["low"], "≥", 0.0)


def notes(kept: Facts) -> Iterator[str]:
    for c in kept.get("faithfulness", []):
        yield (
            f"{c['net']}, {c['n']} test pictures: p of the answer {c['before']['mean']:.2f}, hottest 20 % removed "
            f"{c['hottest_removed']['mean']:.2f}, the map displaced {c['displaced_removed']['mean']:.2f}, at random "
            f"{c['random_removed']['mean']:.2f}"
        )
        if "energy_inside" in c:
            inside, area = c["energy_inside"], c["mask_area"]
            span = f"({inside['low']:.2f} to {inside['high']:.2f})"
            yield f"heat inside the lesion {inside['mean']:.2f} {span}, its area {area['mean']:.2f}"
