"""What every recipe for denoising shares: mixing on the fly, the loss, and the measures.

Shapes: `x_BT` samples; `X_BFN` spectra. A batch holds `speech_BT` and `noise_BT` as 16-bit integers.
"""

import hashlib
import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from compression.lowrank import Compressed, Factorisation, inner
from metrics.intervals import Interval, finite_mean, means_by_unit
from metrics.sound import pesq_installed, pesq_wb, si_sdr_db, snr_db, stoi
from models import _streaming
from models._streaming import FrameNet
from signals.audio import FULL_SCALE, RATE_HZ, band, mix, stft
from training._recipe import Arrays, Metric, Metrics, Optimizers, Recipe, Splits
from training._steps import uniform, update


def noise_left(gain_db: float) -> str:
    """The energy that is not the voice's, before against after, in words."""
    return f"{10 ** (gain_db / 10):.1f} times less noise"


SI_SDR_GAIN = Metric(
    key="si_sdr_gain_db", title="SI-SDR gained", unit="dB", format="+.1f",
    words=noise_left, chance="1 would be no change",
)  # fmt: skip
LOWEST_DB, HIGHEST_DB = -5.0, 20.0
CALIBRATION = 32
"""Training rows that a net is taken apart by."""
MADE, NARROW = 1 / 3, 1 / 3
"""So many of the training rows have a made-up noise instead of a recorded one, and so many are brought to a band."""
KNOTS = 9
"""A random filter's gains are drawn at so many frequencies, and are straight lines in between."""


def random_filter(
    x_BT: Tensor, generator: torch.Generator, *, deviation_db: float, tilt_db: float, speeds: tuple[float, float]
) -> Tensor:
    """Every row through a smooth random filter and played at a random speed, pitch and all; the length changes with it.

    A filter's gains deviate by `deviation_db` from a line that tilts by up to `tilt_db` from the bottom to the top. One
    speed for all the rows, in hundredths, since it sets the length: done on one long spectrum, which ends at the new
    Nyquist frequency.
    """
    batch, length = x_BT.shape
    X_BK = torch.fft.rfft(x_BT)
    knots_BK = deviation_db * torch.randn(batch, KNOTS, generator=generator, device=x_BT.device)
    knots_BK += uniform(generator, -tilt_db, tilt_db, batch, 1) * torch.linspace(-0.5, 0.5, KNOTS, device=x_BT.device)
    octaves_BK = F.interpolate(knots_BK[:, None], 1024, mode="linear", align_corners=True)[:, 0]
    k = torch.linspace(0, 1, X_BK.shape[1], device=x_BT.device)
    # 8 kHz are 80 times 100 Hz: 1 + 79 k goes from 1 to 80, so that above 100 Hz the steps are equal in octaves
    place_K = ((1 + 79 * k).log() / math.log(80) * 1023).round().long()
    speed = round(uniform(generator, *speeds, 1).item(), 2)
    wanted = length if speed == 1 else int(length / speed) // 480 * 480  # lengths that transform fast
    return torch.fft.irfft(X_BK * 10 ** (octaves_BK[:, place_K] / 20), wanted) * (wanted / length)


def random_crop(x_BT: Tensor, length: int, generator: torch.Generator) -> Tensor:
    """`length` samples of every row `(B, length)`, from a random start; a shorter row is put somewhere among zeros."""
    spare = x_BT.shape[1] - length
    if spare < 0:
        before = int(uniform(generator, 0, 1 - spare, 1).item())
        return F.pad(x_BT, (before, -spare - before))
    start_B1 = uniform(generator, 0, spare + 1, len(x_BT), 1).long().clamp(max=spare)
    return x_BT.gather(1, start_B1 + torch.arange(length, device=x_BT.device))


def coloured_noise(like_BT: Tensor, generator: torch.Generator) -> Tensor:
    """Steady noise of the shape of `like_BT`, white to brown, of power 1 before a random filter."""
    white_BT = torch.randn(like_BT.shape, generator=generator, device=like_BT.device)
    return random_filter(white_BT, generator, deviation_db=3, tilt_db=50, speeds=(1, 1))[:, : like_BT.shape[1]]


def bands(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Where `n` narrower bands begin and end, in Hz: telephones', headsets', compressed sound's."""
    low_B = uniform(generator, -300, 300, n).clamp(min=0)  # half of them begin at zero
    return low_B, uniform(generator, 3_400, 7_500, n)


def artificial(clean_BT: Tensor, which_B: Tensor, generator: torch.Generator) -> Tensor:
    """A made-up noise for each row of a batch of speech that `which_B` names.

    A fifth are steady and coloured, a fifth the same with a wandering loudness, a fifth engines or mains hum, and the
    rest a babble of the batch's other voices.
    """
    noise_MT = coloured_noise(clean_BT[which_B], generator)
    kind_M = torch.randint(0, 5, (len(noise_MT),), generator=generator, device=clean_BT.device)
    if (chosen := kind_M == 1).any():
        noise_MT[chosen] *= wandering(noise_MT[chosen], generator)
    if (chosen := kind_M == 2).any():
        noise_MT[chosen] = engine(noise_MT[chosen], generator)
    if (chosen := kind_M > 2).any() and len(clean_BT) > 1:
        noise_MT[chosen] = babble(clean_BT, which_B.nonzero()[chosen], generator)
    return noise_MT


def wandering(like_BT: Tensor, generator: torch.Generator) -> Tensor:
    """Gains that go up and down by some decibels, once to twelve times a second."""
    batch, length = like_BT.shape
    knots = 2 + int(uniform(generator, 1, 12, 1).item() * length / RATE_HZ)
    deviation_B1 = uniform(generator, 2, 9, batch, 1)
    gain_db_BK = deviation_B1 * torch.randn(batch, knots, generator=generator, device=like_BT.device)
    return 10 ** (F.interpolate(gain_db_BK[:, None], length, mode="linear", align_corners=True)[:, 0] / 20)


def engine(rush_BT: Tensor, generator: torch.Generator, *, harmonics: int = 32) -> Tensor:
    """A series of harmonics over a rushing noise: an engine whose speed drifts, or, one in three, the hum of mains."""
    batch, length = rush_BT.shape
    draw = partial(uniform, generator)
    tone_B1 = 20 * 12.5 ** draw(0, 1, batch, 1)  # 20 to 250 Hz
    drift_BT = F.interpolate(draw(-0.12, 0.12, batch, 1, 5), length, mode="linear", align_corners=True)[:, 0]
    mains_B1 = draw(0, 1, batch, 1)
    tone_BT = torch.where(mains_B1 < 1 / 3, torch.where(mains_B1 < 1 / 6, 50.0, 60.0), tone_B1 * drift_BT.exp())
    turn_BT = (tone_BT / RATE_HZ).cumsum(1) % 1
    weight_BK = 10 ** (0.3 * torch.randn(batch, harmonics, generator=generator, device=rush_BT.device))
    weight_BK *= torch.arange(1, harmonics + 1, device=rush_BT.device) ** -draw(0.3, 1.5, batch, 1)
    start_BK = draw(0, 1, batch, harmonics)
    sound_BT = torch.zeros_like(rush_BT)
    for k in range(harmonics):
        wave_BT = (2 * math.pi * ((k + 1) * turn_BT + start_BK[:, k : k + 1])).sin()
        sound_BT += weight_BK[:, k : k + 1] * wave_BT
    sound_BT = sound_BT / sound_BT.square().mean(1, keepdim=True).sqrt()
    return sound_BT + 10 ** (draw(-20, 3, batch, 1) / 20) * rush_BT


def babble(voices_BT: Tensor, own_M1: Tensor, generator: torch.Generator) -> Tensor:
    """Three to eight other voices of the batch at once, for each row not its own; half the time twice as many."""
    rows, batch, device = len(own_M1), len(voices_BT), voices_BT.device
    voices_BT = voices_BT / voices_BT.square().mean(1, keepdim=True).clamp(min=1e-10).sqrt()
    rank_MB = torch.rand(rows, batch, generator=generator, device=device).scatter(1, own_M1, 2.0).argsort(1).argsort(1)
    several_M1 = torch.randint(3, 9, (rows, 1), generator=generator, device=device).clamp(max=batch - 1)
    weight_MB = 10 ** (uniform(generator, -5, 5, rows, batch) / 20) * (rank_MB < several_M1)
    crowd_MT = weight_MB @ voices_BT
    again_MT = crowd_MT.roll(int(uniform(generator, 0.2, 0.8, 1).item() * crowd_MT.shape[1]), 1)
    crowd_MT = crowd_MT + (torch.rand(rows, 1, generator=generator, device=device) < 0.5) * again_MT
    return random_filter(crowd_MT, generator, deviation_db=3, tilt_db=16, speeds=(1, 1))


@torch.no_grad()
def mix_augmented(speech_BT: Tensor, noise_BT: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Noisy speech and the speech in it, drawn anew: speeds, filters, pairs, places, polarity, ratio, band.

    One row in four gets a second recorded noise, one in three an artificial one instead of a recorded one; one in three
    is brought to a narrower band, and so is its speech. The level is not drawn, since the nets are deaf to it.
    """
    length, groups = speech_BT.shape[1], max(1, len(speech_BT) // 4)
    change = partial(random_filter, generator=generator)
    parts = (speech_BT.float() / FULL_SCALE).chunk(groups)
    clean_BT = torch.cat(
        [random_crop(change(x, deviation_db=2, tilt_db=6, speeds=(0.88, 1.14)), length, generator) for x in parts]
    )
    parts = (noise_BT.float() / FULL_SCALE).chunk(groups)
    noise_BT = torch.cat(
        [random_crop(change(x, deviation_db=3, tilt_db=10, speeds=(0.8, 1.25)), length, generator) for x in parts]
    )
    batch = len(clean_BT)
    noise_BT = noise_BT[torch.randperm(batch, generator=generator, device=noise_BT.device)]
    noise_BT = noise_BT / noise_BT.square().mean(1, keepdim=True).clamp(min=1e-12).sqrt()
    kind_B1 = torch.rand(batch, 1, generator=generator, device=noise_BT.device)
    second_BT = 10 ** (uniform(generator, -12, 3, batch, 1) / 20) * noise_BT.roll(1, 0)
    noise_BT = torch.where(kind_B1 < 1 / 4, noise_BT + second_BT, noise_BT)
    made_B = (kind_B1 > 1 - MADE).flatten()
    if made_B.any():
        noise_BT[made_B] = artificial(clean_BT, made_B, generator)
    clean_BT = clean_BT * torch.where(torch.rand(batch, 1, generator=generator, device=clean_BT.device) < 0.5, -1, 1)
    ratio_db_B = LOWEST_DB + (HIGHEST_DB - LOWEST_DB) * uniform(generator, 0, 1, batch) ** 1.5
    noisy_BT, _ = mix(clean_BT, noise_BT, ratio_db_B)
    narrow_B = torch.rand(batch, generator=generator, device=clean_BT.device) < NARROW
    if narrow_B.any():
        low_B, high_B = bands(int(narrow_B.sum()), generator)
        noisy_BT[narrow_B], clean_BT[narrow_B] = (band(x[narrow_B], low_B, high_B) for x in (noisy_BT, clean_BT))
    return noisy_BT, clean_BT


def losses(net: FrameNet, noisy_BT: Tensor, clean_BT: Tensor) -> dict[str, Tensor]:
    """How far the denoised speech is from the clean one, in three ways `()`, all deaf to the level.

    `magnitude` and `complex` compare spectra whose magnitudes are compressed to the power 0.3 (Braun & Tashev 2021),
    `snr` is 10 log10(error power / signal power) of the samples, bounded below at −30 dB.
    """
    scale_B1 = noisy_BT.square().mean(1, keepdim=True).clamp(min=1e-10).rsqrt()
    noisy_BT, clean_BT = noisy_BT * scale_B1, clean_BT * scale_B1
    Y_BFN = _streaming.spectra(net, noisy_BT)[1]
    y_BT = _streaming.samples(net, Y_BFN, length=noisy_BT.shape[1])
    S_BFN = stft(clean_BT, net.frames)
    Y_BFN = Y_BFN[..., : S_BFN.shape[-1]]
    (size_S, phase_S), (size_Y, phase_Y) = compress_magnitude(S_BFN), compress_magnitude(Y_BFN)
    distance = (size_S * phase_S - size_Y * phase_Y).abs().square().mean()
    error_B, signal_B = (clean_BT - y_BT).square().mean(1), clean_BT.square().mean(1)
    snr = 10 * ((error_B + 1e-3 * signal_B + 1e-8) / (signal_B + 1e-8)).log10()
    return {"magnitude": (size_S - size_Y).square().mean(), "complex": distance, "snr": snr.mean()}


def compress_magnitude(X_BFN: Tensor) -> tuple[Tensor, Tensor]:
    """Magnitudes to the power 0.3, and unit phases, both `(B, F, N)`, with gradients that stay finite at zero."""
    power_BFN = X_BFN.real.square() + X_BFN.imag.square() + 1e-7  # half the exponent, for it is a square
    return power_BFN**0.15, X_BFN * power_BFN**-0.5


def step(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    magnitude: float = 2.0,
    complex: float = 0.3,
    snr: float = 0.1,
    largest_gradient: float = 3.0,
) -> dict[str, Tensor]:
    """One update on freshly mixed noisy speech, by the weighted sum of the three `losses`."""
    speech_BT, noise_BT = batch
    noisy_BT, clean_BT = mix_augmented(speech_BT, noise_BT, generator)
    with torch.enable_grad():
        found = losses(inner(model), noisy_BT, clean_BT)
        loss = magnitude * found["magnitude"] + complex * found["complex"] + snr * found["snr"]
        update(optimizers["model"], loss, clip=largest_gradient)
    return {"loss": loss, **found}


def factored(of: Recipe[Any], ranks: dict[str, int]) -> "partial[Compressed]":
    """The net of another recipe with two factors of these ranks for each of these layers."""
    whole: Any = of.model.func
    config = {name: p.default for name, p in inspect.signature(whole).parameters.items()} | of.model.keywords
    return partial(Compressed, architecture=f"{whole.__module__}.{whole.__qualname__}", config=config, ranks=ranks)


def start(of: Recipe[Any]) -> Callable[[Compressed, Splits], None]:
    """Gives a factored net the weights of another checkpoint, truncated by what they do to training mixtures."""

    def truncated(model: Compressed, splits: Splits) -> None:
        """The other checkpoint at the ranks of `model`, by training mixtures that are always the same ones."""
        speech_BT, noise_BT = (t[:: -(-len(t) // CALIBRATION)].cpu() for t in splits.train)
        noisy_BT, _ = mix_augmented(speech_BT, noise_BT, torch.Generator().manual_seed(0))
        taken_apart = Factorisation(of.checkpoint().model, noisy_BT)
        model.load_state_dict(taken_apart.compressed(model.ranks).state_dict())

    return truncated


@torch.no_grad()
def denoise(model: nn.Module, noisy_BT: Tensor) -> Tensor:
    """What the model makes of noisy speech `(B, T)`, twenty rows at a time."""
    return torch.cat([model(part) for part in noisy_BT.split(20)])


def scores(noisy_BT: Tensor, clean_BT: Tensor, estimate_BT: Tensor, *, perceptual: bool) -> dict[str, Tensor]:
    """Every measure of every row `(B,)`: the `perceptual` ones take a tenth of a second each.

    PESQ is left out where its package is not installed.
    """
    found = {
        "si_sdr_db": si_sdr_db(clean_BT, estimate_BT),
        "si_sdr_gain_db": si_sdr_db(clean_BT, estimate_BT) - si_sdr_db(clean_BT, noisy_BT),
        "snr_db": snr_db(clean_BT, estimate_BT),
    }
    if not perceptual:
        return found
    heard_BM = torch.tensor([_heard(c, e) for c, e in zip(clean_BT, estimate_BT, strict=True)], dtype=torch.float64)
    return found | dict(zip(("stoi", "pesq"), heard_BM.unbind(1), strict=False))


_heard_before: dict[bytes, tuple[float, ...]] = {}


def _heard(clean_T: Tensor, estimate_T: Tensor) -> tuple[float, ...]:
    """STOI, and PESQ where it can be had; the very same samples are not measured twice in one process."""
    key = hashlib.sha256(clean_T.cpu().numpy().tobytes() + estimate_T.cpu().numpy().tobytes()).digest()
    if key not in _heard_before:
        quality = (pesq_wb(clean_T.cpu(), estimate_T.cpu()),) if pesq_installed() else ()
        _heard_before[key] = (stoi(clean_T.cpu(), estimate_T.cpu()), *quality)
    return _heard_before[key]


def measure_each(model: nn.Module, split: Arrays) -> dict[str, Tensor]:
    """`scores` of every row of a split `(B,)`: all on test, whose rows are labelled, the quick ones on validation."""
    noisy_BT, clean_BT, *labels = split
    return scores(noisy_BT, clean_BT, denoise(model, noisy_BT), perceptual=len(labels) > 1)


def evaluate(model: nn.Module, split: Arrays) -> Metrics:
    """Means over the mixtures; PESQ and STOI over those in which there is speech enough to hear.

    On validation also the gain over its second half alone, narrow and in strange noise.
    """
    found = measure_each(model, split)
    means = {name: finite_mean(values_B) for name, values_B in found.items()}
    if len(split) == 3 and (strange_B := split[2] == 1).any():
        means["si_sdr_gain_db_strange"] = found["si_sdr_gain_db"][strange_B].mean().item()
    return means


def intervals(model: nn.Module, split: Arrays) -> dict[str, Interval]:
    """The means again when the test speakers are drawn anew, each with all the mixtures that it speaks in.

    The noises stay as they are, so that the intervals are too narrow if anything.
    """
    return means_by_unit(measure_each(model, split), split[4])


def evidence(model: nn.Module, splits: Splits) -> dict[str, Tensor]:
    """Our own figures for every test mixture `(B,)`, before and after, its ratio, noise and speaker; no sound."""
    noisy_BT, clean_BT, snr_db_B, kind_B, speaker_B = splits.test
    before = scores(noisy_BT, clean_BT, noisy_BT, perceptual=True)
    after = measure_each(model, splits.test)
    found = {f"before_{name}": values_B.float() for name, values_B in before.items() if name != "si_sdr_gain_db"}
    found |= {name: values_B.float() for name, values_B in after.items()}
    return found | {"mixed_snr_db": snr_db_B, "kind": kind_B, "speaker": speaker_B}
