"""What three nets say of a gland's shape, where the one in three dimensions looks, and what size and lie have to do with it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from demos._ui.nets import Net, active
from demos.volumes.shapes import Volume
from explanation import attribution, gradcam
from explanation.novelty import KnnNovelty
from explanation.volume import ball_occlusion, surface_probe
from metrics.detection import auc
from models import CheckpointDamaged, CheckpointMissing, _checkpoint
from models.volume import SliceNet, VolumeNet
from signals import volume
from signals.image import to_unit
from training import RESULTS, Recipe, Run, peers
from training.data import medmnist
from training.recipes import adrenal_3d, adrenal_projections, adrenal_slice
from training.tasks import volumes

OURS = adrenal_3d.recipe
RECIPES: dict[str, Recipe[Any]] = {
    "One slice": adrenal_slice.recipe,
    "Three projections": adrenal_projections.recipe,
    "All 64 slices": OURS,
}
"""The nets by how much of a volume they may see."""
CLASSES = medmnist.ADRENAL_CLASSES
SICK = 1
"""The class that is looked for: hyperplasia."""
METHODS = GRADIENTS, GRADCAM, BALL = ("Integrated gradients", "Grad-CAM", "Occlusion by a ball")
"""The first is asked when nothing else is chosen: on validation its maps held most often (`benchmarks/volume_maps.py`)."""
MEASURED = RESULTS / "volumes.json"
FACTORS = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
"""By which a gland is made smaller and larger in each direction."""
Own = Net[Any] | None


class Above(NamedTuple):
    """The shares of healthy and of diseased test glands that have a lower probability."""

    healthy: float
    diseased: float


Rank = Callable[[float], Above]


@dataclass(frozen=True)
class Reading:
    """What the net makes of a volume: the calibrated probability `p` of hyperplasia, and what that means."""

    volume: Volume
    p: float
    strange: float
    """Its distance from what is familiar, as a share of the threshold."""
    above: Above

    @property
    def is_stranger(self) -> bool:
        """Whether it is unlike every gland that the net has learnt from."""
        return self.strange > 1


def net_of(own: Own) -> Net[Any]:
    """The visitor's own net in three dimensions, or the shipped one."""
    return active(OURS, own)


def read(net: Net[Any], shown: Volume) -> Reading:
    """What a net says of one volume."""
    p = probability(net, shown.x_1)[0].item()
    known = KnnNovelty.kept(net.evidence, net.model.layers())
    strange = known.distances(net.model, shown.x_1).item() / known.threshold
    return Reading(shown, p, strange, ranked(net, p))


def ranked(net: Net[Any], p: float) -> Above:
    """Where a probability stands among those of the test glands, which the evidence has."""
    test_B, sick_B = net.evidence["p"][:, SICK], net.evidence["label"] == SICK
    return Above(*((test_B[kind_B] < p).double().mean().item() for kind_B in (~sick_B, sick_B)))


def probability(net: Net[Any], x_B1DHW: Tensor) -> Tensor:
    """Calibrated probabilities of hyperplasia `(B,)` of 8-bit volumes."""
    return volumes.last_class(net.model, x_B1DHW, temperature=net.evidence["temperature"])


def own_net(run: Run[VolumeNet]) -> Net[VolumeNet]:
    """The best net of a visitor's run; its test glands are neither turned nor scaled, which would take half a minute."""
    model = run.best_model()
    facts = volumes.evidence(model, run.splits, classes=CLASSES, layers=VolumeNet.layers)
    return Net.from_run(run, facts)


# Why


def heat(net: Net[Any], shown: Volume, target: int, method: str) -> Tensor:
    """What speaks for class `target`, `(64, 64, 64)` ≥ 0, by one of `METHODS`."""
    x_1, model = to_unit(shown.x_1), net.model
    if method == GRADIENTS:
        return attribution.integrated_gradients(model, x_1, target, steps=16)[0, 0].detach().clamp(min=0)
    if method == BALL:
        return ball_occlusion(probabilities(net), x_1, target)[0].clamp(min=0)
    return gradcam.gradcam(model, model.layers()[-1], x_1, target)[0]


def probabilities(net: Net[Any]) -> Any:
    """The net as a function from volumes in [0, 1] to calibrated probabilities `(B, 2)`."""

    def score(x_B1DHW: Tensor) -> Tensor:
        parts = [net.model(part) for part in x_B1DHW.split(volumes.BATCH)]
        return (torch.cat(parts) / net.evidence["temperature"]).softmax(1)

    return score


class Verdict(NamedTuple):
    """A removal on the surface: the probability before, after the hottest share went, and after as much elsewhere."""

    before: float
    after: float
    elsewhere: float
    share: float


SHARE = 0.15
"""Of the surface's voxels, taken away where it is hottest."""


def check(net: Net[Any], shown: Volume, heat_DHW: Tensor, target: int) -> Verdict:
    """Bite the hottest part of the surface off, and as much of it elsewhere: which moves the answer more?"""
    found = surface_probe(probabilities(net), to_unit(shown.x_1), heat_DHW[None], target, share=SHARE)
    return Verdict(found.before_B.item(), found.after_B.item(), found.random_B.item(), SHARE)


# Size, lie, and how much is seen


def turned(net: Net[Any], shown: Volume) -> list[float]:
    """The probability of hyperplasia in each of a cube's 24 rotations, as it lies first."""
    turned_B1DHW = volume.rotations(shown.x_DHW)[:, None]
    return probability(net, turned_B1DHW).tolist()


def by_size(net: Net[Any], shown: Volume) -> list[tuple[float, float]]:
    """Millilitres and the probability, for the same shape made smaller and larger by `FACTORS` in each direction."""
    unit_1 = to_unit(shown.x_1)
    scaled = [volume.same_size(unit_1, shown.voxels * factor**3) for factor in FACTORS]
    p_B = probability(net, torch.cat([x.mul(255).byte() for x in scaled]))
    sizes = [x.sum().item() * shown.millimetres**3 / 1000 for x in scaled]
    return list(zip(sizes, p_B.tolist(), strict=True))


class Stop(NamedTuple):
    """A net by how much it sees: AUC on test with its interval, and its probability for the volume on the page."""

    name: str
    auc: float | None
    interval: dict[str, float] | None
    p: float | None


def stops(own: Own, shown: Volume | None) -> list[Stop]:
    """All of `RECIPES`, from their cards; the probability where there is a volume and a net."""
    return [_stop(name, recipe, own, shown) for name, recipe in RECIPES.items()]


def _stop(name: str, recipe: Recipe[Any], own: Own, shown: Volume | None) -> Stop:
    try:
        card = _checkpoint.card(recipe.name)
        net = active(recipe, own)
    except (CheckpointMissing, CheckpointDamaged):
        return Stop(name, None, None, None)
    p = probability(net, shown.x_1)[0].item() if shown else None
    return Stop(name, card.metrics["auc"], card.intervals.get("auc"), p)


def seen(name: str, shown: Volume) -> Tensor:
    """The pictures `(V, H, W)` in [0, 1] that a net of `RECIPES` sees of a volume; of one that sees all, twelve slices."""
    model = Net.pretrained(RECIPES[name]).model
    if isinstance(model, SliceNet):
        return model.pictures(to_unit(shown.x_1))[0]
    there_N = shown.x_DHW.flatten(1).any(1).nonzero()[:, 0]
    return to_unit(shown.x_DHW[there_N[torch.linspace(0, len(there_N) - 1, 12).long()]])


class Sizes(NamedTuple):
    """AUC on test as the glands are, all scaled to one volume, and as the mean over 24 rotations; by volume alone."""

    as_it_is: float
    same_size: float
    rotated: float
    volume_alone: float
    n: int


def sizes() -> Sizes:
    """From the shipped net's evidence."""
    facts = Net.pretrained(OURS).evidence
    sick_B = facts["label"] == SICK
    scores = (facts["p"][:, SICK], facts["p_same_size"], facts["p_rotated"].float().mean(1), facts["test_voxels"])
    return Sizes(*(auc(score_B.double(), sick_B) for score_B in scores), n=len(sick_B))


def shape_peer() -> tuple[str, float] | None:
    """The regression on shape measures, and its AUC on the same test volumes, where the benchmark has been run."""
    found = next((row for row in peers(OURS.name) if row["name"] == volumes.AUC.floor), None)
    return (found["name"], found["metrics"]["auc"]) if found else None


def beyond_shape() -> str | None:
    """AUC less the shape regression's on the same glands, with its paired interval, where the benchmark has been run."""
    if not MEASURED.exists():
        return None
    rows = json.loads(MEASURED.read_text(encoding="utf-8"))["paired"]["rows"]
    return next((difference for name, difference in rows if name == volumes.AUC.floor), None)
