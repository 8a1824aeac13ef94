"""Attribution: how much each number of the input moved a score, by captum's gradients and occlusions."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

Score = nn.Module | Callable[[Tensor], Tensor]
"""A net, or any function, from inputs `x_BX` to scores `(B, C)`."""


def integrated_gradients(
    score: Score, x_BX: Tensor, target_B: Tensor | int, *, baseline_BX: Tensor | float = 0.0, steps: int = 32
) -> Tensor:
    """Attribution `(B, *X)` whose sum is the score's change from the baseline to `x` (Sundararajan et al. 2017)."""
    from captum.attr import IntegratedGradients

    with torch.enable_grad():
        return IntegratedGradients(score).attribute(
            x_BX, baselines=baseline_BX, target=target_B, n_steps=steps, internal_batch_size=max(64, len(x_BX))
        )


def smooth_gradient(
    score: Score, x_BX: Tensor, target_B: Tensor | int, *, deviation: float = 0.1, samples: int = 16, seed: int = 0
) -> Tensor:
    """The score's gradient `(B, *X)`, its mean over noisy copies of the input (SmoothGrad, Smilkov et al. 2017)."""
    from captum.attr import NoiseTunnel, Saliency

    with torch.enable_grad(), torch.random.fork_rng():
        torch.manual_seed(seed)
        found = NoiseTunnel(Saliency(score)).attribute(
            x_BX, nt_type="smoothgrad", nt_samples=samples, stdevs=deviation, target=target_B, abs=False
        )
    assert isinstance(found, Tensor)
    return found


def occlusion(
    score: Score, x_BCX: Tensor, target_B: Tensor | int, *, window: int, stride: int, baseline: Tensor | float = 0.0
) -> Tensor:
    """How much the score falls `(B, C, *X)` when a window that wide, over all channels, is set to `baseline`."""
    from captum.attr import Occlusion

    places = x_BCX.ndim - 2
    with torch.no_grad():
        return Occlusion(score).attribute(
            x_BCX,
            sliding_window_shapes=(x_BCX.shape[1], *places * (window,)),
            strides=(x_BCX.shape[1], *places * (stride,)),
            baselines=baseline,
            target=target_B,
            perturbations_per_eval=16,
        )
