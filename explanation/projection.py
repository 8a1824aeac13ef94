"""What a net's layers make of many inputs, drawn flat: PCA to place new points, t-SNE to see clusters."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from models._hooks import record_activations


class Plane(NamedTuple):
    """The two directions in which points `(N, D)` spread most: `mean_D` and `axes_D2`."""

    mean_D: Tensor
    axes_D2: Tensor

    def place(self, x_ND: Tensor) -> Tensor:
        """Points `(N, D)` as `(N, 2)` in units of `x`."""
        return (x_ND.float() - self.mean_D) @ self.axes_D2


def pca(x_ND: Tensor) -> Plane:
    """The plane of the first two principal components; each axis points to where its largest entry is positive."""
    mean_D = x_ND.mean(0)
    _, _, v_DK = torch.linalg.svd(x_ND - mean_D, full_matrices=False)
    axes_D2 = v_DK[:2].T
    largest = axes_D2.abs().argmax(0)
    return Plane(mean_D, axes_D2 * axes_D2[largest, torch.arange(2)].sign())


def tsne(x_ND: Tensor, *, seed: int = 0) -> Tensor:
    """Points `(N, 2)` that keep neighbours together (van der Maaten & Hinton 2008); seconds for a thousand points."""
    from sklearn.manifold import TSNE  # slow to import, and only needed when a checkpoint is made

    return torch.from_numpy(TSNE(2, init="pca", random_state=seed).fit_transform(x_ND.numpy()))


def layer_outputs(
    model: nn.Module,
    x_BX: Tensor,
    layers: list[str],
    *,
    summary: Callable[[Tensor], Tensor] | None = None,
) -> list[Tensor]:
    """What the named modules of `model` give for `x`, each as `summary` tells it, in the order of `layers`.

    Without one each is flattened to `(B, D)`; with `channel_means`, `(B, C)`, places are told apart no longer. Raises
    what `record_activations` does.
    """
    tell = summary or (lambda y: y.flatten(1))
    return list(record_activations(model, layers, lambda layer, x, y: tell(y), x_BX).values())


def channel_means(x_BCX: Tensor) -> Tensor:
    """`(B, C)`: each channel's mean over all places; what has no places stays as it is."""
    return x_BCX.flatten(2).mean(2) if x_BCX.ndim > 2 else x_BCX


def neighbour_agreement(xy_N2: Tensor, class_N: Tensor) -> float:
    """The share of points whose nearest neighbour on the map is of their own class: chance to 1."""
    distance_NN = torch.cdist(xy_N2.float(), xy_N2.float())
    distance_NN.fill_diagonal_(float("inf"))
    return (class_N[distance_NN.argmin(1)] == class_N).double().mean().item()
