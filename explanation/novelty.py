"""Whether an input looks like what a net was trained on, in the net's own eyes: by neighbours, direction, or energy.

Deep nearest neighbours (Sun et al. 2022), on the channel means of several layers, early and late: the early ones notice
another stain or another camera, the late ones another subject. And the residual of a principal subspace (ViM, Wang et
al. 2022), on one layer's whole output. Both judge looks and nothing else: a picture may look familiar and be read wrong
all the same.
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explanation.projection import channel_means, layer_outputs

NEIGHBOURS = 5
REFERENCES = 600
"""Training inputs that are remembered."""
FLOOR = 0.3
"""Of its layer's mean deviation: what is added to a channel's own, so that one that hardly stirs counts little."""
FAMILIAR_SHARE = 0.99
REACH = 1.4
"""`of`: the threshold is `REACH` times as far as that share of validation inputs, since other patients lie further."""
PASSING = 0.98
"""`leaving_out`: the threshold lets this share pass of inputs whose patient or picture was left out. Fewer false alarms
than the one in twenty that is allowed, since the next patients may differ more than those."""
POWER = 0.5
"""`leaving_out`: what channel means are raised to. The root keeps the few that are large from drowning all others."""
VARIANCE = 0.99
"""Of a layer's variance over training inputs, how much lies in the directions that count as familiar."""


@dataclass(frozen=True)
class KnnNovelty:
    """Remembered training inputs as a net sees them: `reference_ND`, standardised by `mean_D` and `scale_D`.

    Every layer weighs the same, however many channels it has. `threshold` is a distance; `power` is what channel means
    are raised to, whatever their sign.
    """

    layers: list[str]
    mean_D: Tensor
    scale_D: Tensor
    reference_ND: Tensor
    threshold: float
    power: float = 1.0

    @classmethod
    def of(cls, model: nn.Module, layers: list[str], train_B: Tensor, valid_B: Tensor) -> "KnnNovelty":
        """Remember up to `REFERENCES` of the 8-bit training pictures; the threshold comes from those of validation."""
        index = torch.randperm(len(train_B), generator=torch.Generator().manual_seed(0))[:REFERENCES]
        seen = _seen(model, layers, train_B[index])
        raw_ND = torch.cat(seen, 1)
        mean_D, scale_D = raw_ND.mean(0), torch.cat([_scale(part, len(seen)) for part in seen])
        reference_ND = ((raw_ND - mean_D) / scale_D).half().float()
        unknown = cls(layers, mean_D, scale_D, reference_ND, float("inf"))
        at_home = unknown.distances(model, valid_B).quantile(FAMILIAR_SHARE).item()
        return cls(layers, mean_D, scale_D, reference_ND, REACH * at_home)

    @classmethod
    def leaving_out(cls, model: nn.Module, layers: list[str], x_B: Tensor, unit_B: Tensor) -> "KnnNovelty":
        """Remember up to `REFERENCES` of the 8-bit pictures `x_B` of units `unit_B` (patients, or pictures).

        Each picture's distance to what is remembered of all other units is what one of somebody new is expected to
        have: the threshold lets `PASSING` of them pass. ValueError where there is one unit only.
        """
        if len(unit_B.unique()) < 2:
            raise ValueError("All pictures are of one patient: there is nobody else to hold one against.")
        seen = _seen(model, layers, x_B, power=POWER)
        raw_BD = torch.cat(seen, 1)
        mean_D, scale_D = raw_BD.mean(0), torch.cat([_scale(part, len(seen)) for part in seen])
        index_N = torch.randperm(len(x_B), generator=torch.Generator().manual_seed(0))[:REFERENCES]
        at_BD = (raw_BD - mean_D) / scale_D
        reference_ND = at_BD[index_N].half().float()
        distance_BN = torch.cdist(at_BD, reference_ND).masked_fill(unit_B[:, None] == unit_B[index_N], float("inf"))
        nearest_BK = distance_BN.sort(1).values[:, :NEIGHBOURS]
        left_out_B = nearest_BK.masked_fill(nearest_BK.isinf(), 0).amax(1)  # of few others, the farthest there is
        return cls(layers, mean_D, scale_D, reference_ND, left_out_B.quantile(PASSING).item(), POWER)

    def distances(self, model: nn.Module, x_B: Tensor) -> Tensor:
        """`(B,)`: how far 8-bit pictures lie from the fifth nearest that is remembered; about half a unit at home."""
        at_BD = (torch.cat(_seen(model, self.layers, x_B, power=self.power), 1) - self.mean_D) / self.scale_D
        return torch.cdist(at_BD, self.reference_ND).kthvalue(min(NEIGHBOURS, len(self.reference_ND)), 1).values

    def tensors(self) -> dict[str, Tensor]:
        """What a checkpoint's evidence keeps: `mean_D`, `scale_D`, `reference_ND` (half precision), two numbers."""
        return {
            "familiar_mean": self.mean_D,
            "familiar_scale": self.scale_D,
            "familiar_reference": self.reference_ND.half(),
            "familiar_threshold": torch.tensor(self.threshold),
            "familiar_power": torch.tensor(self.power),
        }

    @classmethod
    def kept(cls, evidence: dict[str, Tensor], layers: list[str]) -> "KnnNovelty":
        """As `tensors` kept it."""
        mean_D, scale_D, reference_ND, threshold = (
            evidence[f"familiar_{name}"].float() for name in ("mean", "scale", "reference", "threshold")
        )
        power = evidence["familiar_power"].item() if "familiar_power" in evidence else 1.0
        return cls(layers, mean_D, scale_D, reference_ND, threshold.item(), power)


def _scale(layer_ND: Tensor, layers: int) -> Tensor:
    """`(D,)`: what one layer's channels are divided by, so that a common distance within it is about 1 / √layers.

    A channel that hardly ever stirs counts little: its deviation is raised by a share of the layer's mean one.
    """
    deviation_D = layer_ND.std(0)
    # Squared and added up over a layer's D channels, one deviation each comes to 1 / layers.
    return (deviation_D + FLOOR * deviation_D.mean() + 1e-6) * (layer_ND.shape[1] * layers) ** 0.5


def _seen(model: nn.Module, layers: list[str], x_B: Tensor, *, power: float = 1.0) -> list[Tensor]:
    parts = [layer_outputs(model, p.float() / 255, layers, summary=channel_means) for p in x_B.split(128)]
    means = [torch.cat(layer) for layer in zip(*parts, strict=True)]
    return [mean_BC.sign() * mean_BC.abs() ** power for mean_BC in means] if power != 1 else means


def energy(logit_BC: Tensor) -> Tensor:
    """`(B,)`: −log Σ exp over classes: high where no class speaks for an input (Liu et al. 2020)."""
    return -logit_BC.logsumexp(1)


def directions(x_BD: Tensor) -> Tensor:
    """Roots of features ≥ 0 at unit length, `(B, D)`, so that distances between them run from 0 to √2.

    As Sun et al. 2022 have it but for the root, which keeps the few channels that are large from drowning all others.
    """
    return F.normalize(x_BD.float().clamp(min=0).sqrt(), dim=1)


def neighbour_distances(x_BD: Tensor, reference_ND: Tensor) -> Tensor:
    """`(B,)`: how far features ≥ 0 lie from the fifth nearest that is remembered, by `directions` alone."""
    distance_BN = torch.cdist(directions(x_BD), directions(reference_ND))
    return distance_BN.kthvalue(min(NEIGHBOURS, len(reference_ND)), 1).values


@dataclass(frozen=True)
class SubspaceNovelty:
    """The directions in which training inputs spread a layer's output: `mean_D`, `axes_DK` (orthonormal).

    `threshold` is a share, 0 to 1, of an output's length from the mean.
    """

    mean_D: Tensor
    axes_DK: Tensor
    threshold: float

    @classmethod
    def of(cls, train_ND: Tensor, valid_ND: Tensor, *, passing: float) -> "SubspaceNovelty":
        """From a layer's outputs for training inputs; the threshold lets this share of those of validation pass."""
        mean_D = train_ND.mean(0)
        centred_ND = train_ND - mean_D
        variance_D, axes_DD = torch.linalg.eigh(centred_ND.T @ centred_ND)  # from the narrowest up
        share_D = variance_D.flip(0).cumsum(0) / variance_D.sum()
        axes_DK = axes_DD.flip(1)[:, : int((share_D < VARIANCE).sum()) + 1]
        found = cls(mean_D, axes_DK.half().float(), float("inf"))
        return replace(found, threshold=found.outside(valid_ND).quantile(passing).item())

    def outside(self, x_BD: Tensor) -> Tensor:
        """`(B,)`, 0 to 1: how much of an output's way from the mean leads out of the familiar directions."""
        way_BD = x_BD - self.mean_D
        inside_B = (way_BD @ self.axes_DK).square().sum(1)
        return (1 - inside_B / way_BD.square().sum(1).clamp(min=1e-12)).clamp(0, 1).sqrt()

    def tensors(self) -> dict[str, Tensor]:
        """What a checkpoint's evidence keeps: `mean_D`, `axes_DK` (half precision), `threshold`."""
        return {
            "familiar_mean": self.mean_D,
            "familiar_axes": self.axes_DK.half(),
            "familiar_threshold": torch.tensor(self.threshold),
        }

    @classmethod
    def kept(cls, evidence: dict[str, Tensor]) -> "SubspaceNovelty":
        """As `tensors` kept it."""
        mean_D, axes_DK, threshold = (evidence[f"familiar_{name}"].float() for name in ("mean", "axes", "threshold"))
        return cls(mean_D, axes_DK, threshold.item())
