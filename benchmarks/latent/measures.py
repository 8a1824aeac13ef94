"""How a net of two numbers is measured: its costs in nats by 8-bit pictures, and what its codes know of the class."""

from typing import Any, Literal

import torch
import torch.nn.functional as F
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor, nn

from metrics.intervals import Interval, of_mean, wilson
from signals.image import to_unit
from training import Arrays, Splits
from training.tasks import latent

NEIGHBOURS = 5
ACTIVE = 0.01
Figures = dict[str, tuple[float, Interval | None]]
"""Measures by their keys, each with its interval where it has one."""


def any_net(net: nn.Module) -> Any:
    """A net that encodes and decodes, to whoever asks for a `VAE`."""
    return net


@torch.no_grad()
def at_code(net: nn.Module, x_B1HW: Tensor) -> Tensor:
    """What 8-bit pictures cost `(B,)` when drawn at their codes, which come free."""
    costs = []
    for some in x_B1HW.split(1000):
        x = to_unit(some)
        costs.append(latent.reconstruction_nats(any_net(net), x, any_net(net).encode(x)[0]))
    return torch.cat(costs)


def entropy(x_B1HW: Tensor) -> Tensor:
    """`−Σ x log x + (1 − x) log (1 − x)` of 8-bit pictures, `(B,)`: what each costs when told as itself."""
    x = to_unit(x_B1HW).double()
    return F.binary_cross_entropy(x, x, reduction="none").sum((1, 2, 3))


def costs(nats: dict[str, Tensor]) -> Figures:
    """Means of costs `(B,)`, with their intervals over pictures."""
    return {key: (cost_B.double().mean().item(), of_mean(cost_B)) for key, cost_B in nats.items()}


def without_a_code(cost_B: Tensor) -> Figures:
    """What takes no code costs the same by every measure."""
    keys = ("neg_elbo_nats", "reconstruction_nats", "iwae_nats", "at_code_nats")
    return costs(dict.fromkeys(keys, cost_B) | {"kl_nats": torch.zeros_like(cost_B)})


def nearest(train: Arrays, test: Arrays, *, algorithm: Literal["auto", "brute"] = "auto") -> Figures:
    """How often the nearest neighbours of codes or pixels `(B, N)` name the class."""
    model: Any = KNeighborsClassifier(NEIGHBOURS, algorithm=algorithm).fit(*(t.numpy() for t in train))
    share = float(model.score(*(t.numpy() for t in test)))
    return {"knn5_accuracy": (share, wilson(share, len(test[0])))}


def measured(net: Any, splits: Splits) -> Figures:
    """All that can be said of a net with codes on test: its costs, and what its codes know of the class."""
    (train_B1HW, train_label_B), _, (test_B1HW, test_label_B) = splits
    code_BZ = latent.codes(net, test_B1HW)[0]
    found = costs({"at_code_nats": at_code(net, test_B1HW)})
    found |= nearest((latent.codes(net, train_B1HW)[0], train_label_B), (code_BZ, test_label_B))
    if net.is_variational:
        bound, tighter_B = latent.bound(net, test_B1HW), latent.importance_weighted(net, test_B1HW)
        whole_B = bound.reconstruction_B + bound.kl_B
        nats = {"neg_elbo_nats": whole_B, "reconstruction_nats": bound.reconstruction_B, "kl_nats": bound.kl_B}
        found |= costs(nats | {"iwae_nats": tighter_B, "gap_nats": whole_B - tighter_B})
        found["active_units"] = int((code_BZ.var(0) > ACTIVE).sum()), None
    return found
