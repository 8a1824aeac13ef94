"""Ridge regression onto classes, in closed form: the head that a second is enough for, and what it knows of itself.

Suffixes: N samples, D features, C classes. Targets are 1 for the sample's class and 0 for the others; the intercept
bears no penalty. What the head says of each sample had it been left out comes in closed form too (Allen 1974: the
residual over one less the leverage), so that nothing is solved twice.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

PENALTIES = tuple(10.0 ** (k / 2) for k in range(-8, 5))
"""What is tried, as shares of the features' mean power: from next to nothing to a hundred times."""
MIDDLE = PENALTIES[len(PENALTIES) // 2]
"""What is taken where nothing can be left out to choose by: a tenth of the features' mean power."""


class Ridge(NamedTuple):
    """A solved head: `score_BC = x_BD @ weight_DC + bias_C`, and `left_out_NC`, each sample's score without itself."""

    weight_DC: Tensor
    bias_C: Tensor
    penalty: float
    left_out_NC: Tensor

    def scores(self, x_BD: Tensor) -> Tensor:
        """`(B, C)`: about 1 for the class, 0 for the others."""
        return x_BD @ self.weight_DC + self.bias_C


def solve(
    x_ND: Tensor, label_N: Tensor, classes: int, *, balanced: bool = True, penalties: Sequence[float] = PENALTIES
) -> Ridge:
    """The head, of all `penalties`, that is right most often about samples left out; `balanced` weighs rare classes up.

    Where several are as often right, the one whose left-out scores are nearest to the targets. ValueError where there
    are not at least two classes, or a class has no sample to be left with.
    """
    if len(label_N) <= len(label_N.unique()):
        raise ValueError("A head needs two pictures of some class at least: with one of each, none can be left out.")
    task = _Task.of(x_ND, label_N, classes, balanced=balanced)
    return min((task.solved(share) for share in penalties), key=task.mistakes)


def path(
    x_ND: Tensor, label_N: Tensor, classes: int, *, balanced: bool = True, penalties: Sequence[float] = PENALTIES
) -> list[Ridge]:
    """A head for each of `penalties`, for whoever has other pictures to choose by; ValueError as `solve_with`."""
    task = _Task.of(x_ND, label_N, classes, balanced=balanced)
    return [task.solved(share) for share in penalties]


def solve_with(x_ND: Tensor, label_N: Tensor, classes: int, penalty: float, *, balanced: bool = True) -> Ridge:
    """The head with this penalty, a share of the features' mean power; ValueError where there are not two classes."""
    return _Task.of(x_ND, label_N, classes, balanced=balanced).solved(penalty)


class _Task(NamedTuple):
    """√w (x − mean) = U S Vᵀ, by the smaller of its two Gram matrices, and the targets about their mean."""

    label_N: Tensor
    weight_N: Tensor
    target_NC: Tensor
    mean_D: Tensor
    target_mean_C: Tensor
    u_NK: Tensor
    s_K: Tensor
    v_DK: Tensor

    @classmethod
    def of(cls, x_ND: Tensor, label_N: Tensor, classes: int, *, balanced: bool) -> "_Task":
        if len(label_N.unique()) < 2:
            raise ValueError("A head needs pictures of two classes at least.")
        count_C = torch.bincount(label_N, minlength=classes).double()
        weight_N = 1 / count_C[label_N] if balanced else torch.ones(len(label_N), dtype=torch.float64)
        weight_N = weight_N / weight_N.mean()
        x_ND, target_NC = x_ND.double(), F.one_hot(label_N, classes).double()
        share_N1 = (weight_N / weight_N.sum())[:, None]
        mean_D, target_mean_C = (share_N1 * x_ND).sum(0), (share_N1 * target_NC).sum(0)
        centred_ND = weight_N.sqrt()[:, None] * (x_ND - mean_D)
        is_wide = x_ND.shape[0] <= x_ND.shape[1]
        power_K, own = torch.linalg.eigh(centred_ND @ centred_ND.T if is_wide else centred_ND.T @ centred_ND)
        kept_K = power_K > 1e-10 * power_K[-1]  # of eigenvalues that are nothing only rounding is left
        s_K, own = power_K[kept_K].sqrt(), own[:, kept_K]
        u_NK, v_DK = (own, centred_ND.T @ own / s_K) if is_wide else (centred_ND @ own / s_K, own)
        return cls(label_N, weight_N, target_NC, mean_D, target_mean_C, u_NK, s_K, v_DK)

    def solved(self, share: float) -> Ridge:
        """The head, and its residuals without each sample: residual / (1 − leverage)."""
        penalty = share * self.s_K.square().sum() / len(self.label_N)
        root_N1 = self.weight_N.sqrt()[:, None]
        projected_KC = self.u_NK.T @ (root_N1 * (self.target_NC - self.target_mean_C))
        shrunk_K = self.s_K.square() / (self.s_K.square() + penalty)
        fitted_NC = self.u_NK @ (shrunk_K[:, None] * projected_KC) / root_N1 + self.target_mean_C
        leverage_N = self.u_NK.square() @ shrunk_K + self.weight_N / self.weight_N.sum()
        left_out_NC = self.target_NC - (self.target_NC - fitted_NC) / (1 - leverage_N).clamp(min=1e-9)[:, None]
        weight_DC = self.v_DK @ ((self.s_K / (self.s_K.square() + penalty))[:, None] * projected_KC)
        bias_C = self.target_mean_C - self.mean_D @ weight_DC
        return Ridge(weight_DC.float(), bias_C.float(), share, left_out_NC.float())

    def mistakes(self, head: Ridge) -> tuple[float, float]:
        """The weighted mistakes about samples left out, then how far their scores are from the targets."""
        wrong_N = head.left_out_NC.argmax(1) != self.label_N
        gap_N = (head.left_out_NC - self.target_NC).square().sum(1)
        return round((self.weight_N * wrong_N).sum().item(), 6), (self.weight_N * gap_N).sum().item()
