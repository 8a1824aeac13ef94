"""Noise reduction without a net: the Wiener filter and log-MMSE of the 1980s, and noisereduce as it comes.

The first two know no noise in advance. They follow its power where speech is probably absent, and turn each bin down by
what that leaves of it. All take samples `(T,)` at any rate and give as many; silence stays silence.

Dimension key:  T samples   F bins   N frames of 32 ms, a new one every 16 ms
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from signals.audio import Frames, istft, stft

Rule = Literal["wiener", "log-mmse"]
FRAME_SECONDS = 0.032
SMOOTHING = 0.98
"""How much of the last frame's answer the ratio of speech to noise is taken from (Ephraim & Malah 1984)."""
LEAST_RATIO = 10**-2.5
LEAST_GAIN = 0.1
"""Nothing is turned down by more than 20 dB: what is left masks the tones that such filters leave behind."""
PRESENT_RATIO = 10**1.5
"""The ratio of speech to noise that is expected where there is speech."""


def wiener(x_T: Tensor, rate_hz: int) -> Tensor:
    """`(T,)` by the Wiener filter with the decision-directed ratio of Ephraim & Malah 1984."""
    return _filtered(x_T, rate_hz, "wiener")


def log_mmse(x_T: Tensor, rate_hz: int) -> Tensor:
    """`(T,)` by the estimator of least error in log magnitude (Ephraim & Malah 1985)."""
    return _filtered(x_T, rate_hz, "log-mmse")


def noisereduce(x_T: Tensor, rate_hz: int, *, stationary: bool) -> Tensor:
    """`(T,)` by noisereduce (Sainburg 2019) as it comes: spectral gating, one threshold or one that follows."""
    import noisereduce as package  # brings matplotlib and more: not on the way of the first page

    if not x_T.any():
        return x_T.clone()
    with np.errstate(divide="ignore", invalid="ignore"):
        y_T = package.reduce_noise(x_T.double().numpy(), rate_hz, stationary=stationary)
    return torch.from_numpy(np.nan_to_num(y_T)).float()


METHODS: dict[str, Callable[[Tensor, int], Tensor]] = {
    "noisereduce, stationary": lambda x_T, rate_hz: noisereduce(x_T, rate_hz, stationary=True),
    "noisereduce, adaptive": lambda x_T, rate_hz: noisereduce(x_T, rate_hz, stationary=False),
    "Wiener": wiener,
    "log-MMSE": log_mmse,
}
"""By the name that a reader sees."""


def noise_power(power_FN: np.ndarray) -> np.ndarray:
    """The noise's power `(F, N)`, by the probability of speech (Gerkmann & Hendriks 2012, section III).

    Starts from the mean of the first five frames, and looks at no later one after that.
    """
    noise_F = power_FN[:, :5].mean(1)
    often_F = np.full_like(noise_F, 0.5)
    found_FN = np.empty_like(power_FN)
    for n, power_F in enumerate(power_FN.T):
        # How probable speech is at this power, if it was as probable as not before.
        exponent_F = np.minimum(power_F / noise_F * (PRESENT_RATIO / (1 + PRESENT_RATIO)), 100)
        present_F = 1 / (1 + (1 + PRESENT_RATIO) * np.exp(-exponent_F))
        # Speech that never seems to end is noise that grew: a hundredth of it is always learnt.
        often_F = 0.9 * often_F + 0.1 * present_F
        present_F = np.where(often_F > 0.99, np.minimum(present_F, 0.99), present_F)
        # What noise to expect: this frame's power without speech, the old one with it.
        noise_F = 0.8 * noise_F + 0.2 * (present_F * noise_F + (1 - present_F) * power_F)
        found_FN[:, n] = noise_F
    return found_FN


def gains(power_FN: np.ndarray, rule: Rule) -> np.ndarray:
    """What `rule` multiplies each bin with, `(F, N)`, 0.1 to 1."""
    from scipy.special import exp1  # not on the way of the first page

    power_FN = power_FN + 1e-12
    noise_FN = noise_power(power_FN)
    answer_F = np.ones(len(power_FN))  # speech power over noise power, as the last frame was answered
    found_FN = np.empty_like(power_FN)
    for n in range(power_FN.shape[1]):
        ratio_F = np.minimum(power_FN[:, n] / noise_FN[:, n], 1e4)  # of speech and noise to noise, as heard
        prior_F = np.maximum(SMOOTHING * answer_F + (1 - SMOOTHING) * np.maximum(ratio_F - 1, 0), LEAST_RATIO)
        gain_F = prior_F / (1 + prior_F)
        if rule == "log-mmse":
            # ξ / (1 + ξ) · exp(E₁(v) / 2) with v = ξ / (1 + ξ) · γ: more is kept where little is heard.
            gain_F = gain_F * np.exp(0.5 * exp1(np.maximum(gain_F * ratio_F, 1e-8)))
        found_FN[:, n] = gain_F = np.clip(gain_F, LEAST_GAIN, 1)
        answer_F = gain_F**2 * ratio_F
    return found_FN


def _filtered(x_T: Tensor, rate_hz: int, rule: Rule) -> Tensor:
    hop = round(FRAME_SECONDS * rate_hz / 2)
    frames = Frames(2 * hop, hop, "sqrt_hann")
    padded_BT = torch.nn.functional.pad(x_T.float(), (0, -len(x_T) % hop + hop)).unsqueeze(0)
    X_BFN = stft(padded_BT, frames)
    gain_FN = gains(X_BFN[0].abs().square().double().numpy(), rule)
    Y_BFN = X_BFN * torch.from_numpy(gain_FN).float()
    return istft(Y_BFN, frames, length=padded_BT.shape[1])[0, : len(x_T)]
