"""How close a picture is to the truth: error, PSNR, SSIM, where they differ, and at which fineness."""

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
