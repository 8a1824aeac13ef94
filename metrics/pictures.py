"""How close a picture is to the truth: error, PSNR, SSIM, where they differ, and at which fineness."""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

WINDOW, SIGMA = 11, 1.5
"""The Gaussian window of Wang et al. 2004, in pixels."""
FLOOR_DB = -60.0


def psnr_db(truth_BCHW: Tensor, picture_BCHW: Tensor, *, full: float = 1.0) -> Tensor:
    """`10 log10(full² / mean squared error)` `(B,)`: one of 255 grey levels off gives 48.13 dB, an exact copy inf."""
    error_B = (truth_BCHW.double() - picture_BCHW.double()).square().flatten(1).mean(1)
    return 10 * (full**2 / error_B).log10()


def ssim_map(truth_BCHW: Tensor, picture_BCHW: Tensor, *, full: float = 1.0) -> Tensor:
    """Structural similarity `(B, C, H − 10, W − 10)` of every whole window (Wang et al. 2004, Gaussian weights).

    As scikit-image measures it with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`. Raises ValueError
    where a side is shorter than the window.
    """
    if min(truth_BCHW.shape[2:]) < WINDOW:
        raise ValueError(f"SSIM needs pictures of at least {WINDOW} × {WINDOW} pixels")
    b, c, h, w = truth_BCHW.shape
    a, p = truth_BCHW, picture_BCHW
    planes = torch.stack([a, p, a * a, p * p, a * p]).reshape(-1, 1, h, w)
    place = torch.arange(WINDOW, dtype=planes.dtype, device=planes.device) - WINDOW // 2
    weight = (-place.square() / (2 * SIGMA**2)).exp()
    weight = weight / weight.sum()
    planes = F.conv2d(F.conv2d(planes, weight.view(1, 1, -1, 1)), weight.view(1, 1, 1, -1))
    mean_a, mean_p, square_a, square_p, product = planes.reshape(5, b, c, *planes.shape[2:])
    variance_a, variance_p, covariance = square_a - mean_a**2, square_p - mean_p**2, product - mean_a * mean_p
    c1, c2 = (0.01 * full) ** 2, (0.03 * full) ** 2
    alike = (2 * mean_a * mean_p + c1) * (2 * covariance + c2)
    return alike / ((mean_a**2 + mean_p**2 + c1) * (variance_a + variance_p + c2))


def ssim(truth_BCHW: Tensor, picture_BCHW: Tensor, *, full: float = 1.0) -> Tensor:
    """The mean of `ssim_map` `(B,)`, −1 to 1; it has a gradient, so it can be learnt by."""
    return ssim_map(truth_BCHW, picture_BCHW, full=full).flatten(1).mean(1)


def fidelity(truth_B1HW: Tensor, picture_B1HW: Tensor, mask_B1HW: Tensor, *, inside: str = "head") -> dict[str, Tensor]:
    """MAE, PSNR (1 is full) and SSIM of every picture `(B,)`, of all of it and, with `_head` behind, inside the mask.

    `psnr_db_head_aligned` is measured after the best straight line for each picture: what is left when the truth's
    brightness, which the picture's maker may have no way to know, is given away. What is inside an empty mask is nan;
    `inside` is what the mask is called. Raises ValueError where a side is shorter than SSIM's window.
    """
    truth_B1HW, picture_B1HW = truth_B1HW.double(), picture_B1HW.double()
    error_B1HW, edge = (picture_B1HW - truth_B1HW).abs(), WINDOW // 2
    alike_B1HW = ssim_map(truth_B1HW, picture_B1HW)
    aligned_B = _aligned_error(truth_B1HW, picture_B1HW, mask_B1HW)
    return {
        "mae": error_B1HW.flatten(1).mean(1),
        "psnr_db": psnr_db(truth_B1HW, picture_B1HW),
        "ssim": alike_B1HW.flatten(1).mean(1),
        f"mae_{inside}": mean_inside(error_B1HW, mask_B1HW),
        f"psnr_db_{inside}": -10 * mean_inside(error_B1HW.square(), mask_B1HW).log10(),
        f"ssim_{inside}": mean_inside(alike_B1HW, mask_B1HW[..., edge:-edge, edge:-edge]),
        f"psnr_db_{inside}_aligned": -10 * aligned_B.log10(),
    }


def mean_inside(x_B1HW: Tensor, mask_B1HW: Tensor) -> Tensor:
    """The mean over the mask of every picture `(B,)`; nan where the mask is empty."""
    return (x_B1HW * mask_B1HW).flatten(1).sum(1) / mask_B1HW.flatten(1).sum(1)


def _aligned_error(truth_B1HW: Tensor, picture_B1HW: Tensor, mask_B1HW: Tensor) -> Tensor:
    """What the best `a x + b` of each picture leaves of the squared error inside the mask `(B,)`."""
    mean_x, mean_t = mean_inside(picture_B1HW, mask_B1HW), mean_inside(truth_B1HW, mask_B1HW)
    x, t = picture_B1HW - mean_x.view(-1, 1, 1, 1), truth_B1HW - mean_t.view(-1, 1, 1, 1)
    slope_B = mean_inside(x * t, mask_B1HW) / mean_inside(x * x, mask_B1HW).clamp(min=1e-12)
    return mean_inside((slope_B.view(-1, 1, 1, 1) * x - t).square(), mask_B1HW)


def by_set(values_B: Tensor, set_B: Tensor, sets: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
    """All pictures' values `(B,)` under no name, and those of each set behind its own, where more than one is there.

    `set_B` counts in `sets`. A name begins with `_`, to be put behind that of a measure.
    """
    yield "", values_B
    present = [number for number in range(len(sets)) if (set_B == number).any()]
    if len(present) > 1:
        yield from ((f"_{sets[number]}", values_B[set_B == number]) for number in present)


def error_db(truth_HW: Tensor, picture_HW: Tensor, *, full: float = 1.0) -> Tensor:
    """`20 log10(|error| / full)` of every pixel `(H, W)`, −60 dB at least; half the grey levels off are −6 dB."""
    error_HW = (truth_HW.double() - picture_HW.double()).abs() / full
    return 20 * error_HW.clamp(min=10 ** (FLOOR_DB / 20)).log10()


def radial_spectrum_db(x_HW: Tensor, *, bins: int = 48) -> tuple[Tensor, Tensor]:
    """Mean power at each fineness: `(cycles per pixel, dB)`, both `(bins,)` float64, from coarse to 0.5.

    A Hann window keeps the edges out of it; the mean brightness under it is removed; a ring without a coefficient is
    nan.
    """
    height, width = x_HW.shape
    window_HW = torch.outer(*(torch.hann_window(n, periodic=False, dtype=torch.float64) for n in (height, width)))
    mean = (x_HW.double() * window_HW).sum() / window_HW.sum().clamp(min=1e-12)
    power_HW = torch.fft.fft2((x_HW.double() - mean) * window_HW).abs().square()
    f_HW = torch.hypot(torch.fft.fftfreq(height)[:, None].double(), torch.fft.fftfreq(width)[None].double())
    ring_HW = (f_HW / 0.5 * bins).long()
    inside = ring_HW < bins
    total = torch.zeros(bins, dtype=torch.float64).index_add_(0, ring_HW[inside], power_HW[inside])
    count = ring_HW[inside].bincount(minlength=bins)
    centres = (torch.arange(bins, dtype=torch.float64) + 0.5) * 0.5 / bins
    return centres, 10 * (total / count / x_HW.numel() + 1e-12).log10()
