"""What a denoiser did, in numbers: measured against the clean speech where it is known, estimated where it is not."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from markupsafe import Markup
from torch import Tensor

from demos._ui.html import Figure, Text, best, group, join, note, number, readouts, table
from demos._ui.sound import power
from demos.denoising import nets
from demos.denoising.nets import Denoised, Sound, Trained
from metrics.sound import pesq_installed, pesq_wb, si_sdr_db, snr_db, stoi
from signals.audio import RATE_HZ, Wave
from training.data.mixtures import KINDS, SNRS_DB

Pair = tuple[float, float]
"""Before and after."""
COMPARED_SECONDS = 20.0
"""Of a longer sound, Compare takes the first so many seconds."""
FAINT_DB = 1.0
"""The smallest difference of which the verdict makes something: what few people would hear."""
WORK_SECONDS = 0.08
"""Seconds of work, files and pictures included, for a second of sound, of which the page warns."""
KNOWN = {"SI-SDR, dB": ".1f", "SNR, dB": ".1f", "PESQ": ".2f", "STOI": ".3f"}
"""What is compared where the clean speech is known, higher being better, and how it is written."""
UNKNOWN = {"Quietest tenth, dB of full scale": ".0f"}
"""What is compared where it is not, lower being better."""


@dataclass(frozen=True)
class Readings:
    """Each figure before and after; None where it cannot be known. Without a reference only the last two are there."""

    si_sdr_db: Pair | None = None
    snr_db: Pair | None = None
    pesq: Pair | None = None
    stoi: Pair | None = None
    floor_db: Pair | None = None
    estimated_snr_db: float | None = None


def read(result: Denoised, *, perceptual: bool = False, known: Readings | None = None) -> Readings:
    """Measure a result at 16 kHz; `perceptual` adds PESQ and STOI, which take a tenth of a second and more.

    `known` are readings of another result of the same sound, whose values before are taken over.
    """
    (noisy_T, denoised_T, _), clean_T = result.at_16_khz, result.reference
    if clean_T is None:
        return Readings(floor_db=_floors(noisy_T, denoised_T), estimated_snr_db=_estimated(noisy_T, denoised_T))
    clean_BT, before_BT, after_BT = clean_T[None], noisy_T[None], denoised_T[None]
    found = Readings(
        si_sdr_db=(si_sdr_db(clean_BT, before_BT).item(), si_sdr_db(clean_BT, after_BT).item()),
        snr_db=(snr_db(clean_BT, before_BT).item(), snr_db(clean_BT, after_BT).item()),
    )
    if not perceptual:
        return found
    pairs = {}
    for name, measure in (("pesq", pesq_wb if pesq_installed() else None), ("stoi", stoi)):
        before: Pair | None = getattr(known, name, None)
        if measure:
            pairs[name] = (before[0] if before else measure(clean_T, noisy_T), measure(clean_T, denoised_T))
    return replace(found, **pairs)


def _estimated(noisy_T: Tensor, denoised_T: Tensor) -> float | None:
    """What was kept over what was removed, in dB: the SNR of the input, if the method is right about every sample."""
    kept, removed = denoised_T.square().sum().item(), (noisy_T - denoised_T).square().sum().item()
    return 10 * math.log10((kept + 1e-12) / (removed + 1e-12)) if kept + removed > 1e-9 else None


def _floors(noisy_T: Tensor, denoised_T: Tensor) -> Pair | None:
    """The level of the quietest tenth of all frames, in dB of full scale, before and after."""
    levels = []
    for x_T in (noisy_T, denoised_T):
        frame_N = power(x_T, RATE_HZ).sum(0)
        levels.append(10 * math.log10(max(torch.quantile(frame_N, 0.1).item(), 1e-12)))
    return levels[0], levels[1]


class Row(NamedTuple):
    """A line of the comparison: figures (None where they cannot be known), the real-time factor, numbers learnt."""

    name: str
    figures: Sequence[float | None]
    real_time_factor: float | None = None
    parameters: int | None = None


def compared(sound: Sound) -> Iterator[Markup]:
    """All methods on one sound, as a table that grows by a row for each; the noisy input stands first."""
    length = int(COMPARED_SECONDS * sound.wave.rate_hz)
    cut = Sound(
        Wave(sound.wave.x_T[:length], sound.wave.rate_hz),
        sound.title,
        None if sound.clean_T is None else sound.clean_T[:length],
    )
    rows: list[Row] = []
    titles, readings = nets.available(), None
    for title in titles:
        nets.denoise(Sound(Wave(cut.wave.x_T[: cut.wave.rate_hz // 2], cut.wave.rate_hz), ""), title)  # warm
        result = nets.denoise(cut, title)
        readings = read(result, perceptual=True, known=readings)
        if not rows:
            rows.append(Row("Noisy", _figures(readings, 0)))
        rows.append(Row(title, _figures(readings, 1), result.real_time_factor, nets.parameters(title)))
        yield comparison(rows, cut, left=len(titles) + 1 - len(rows))


def _figures(readings: Readings, which: int) -> list[float | None]:
    if readings.si_sdr_db is None:
        return [readings.floor_db[which] if readings.floor_db else None]
    pairs = (readings.si_sdr_db, readings.snr_db, readings.pesq, readings.stoi)
    return [pair[which] if pair else None for pair in pairs]


# What the page shows


def expected(seconds: float) -> Markup:
    """How long the work on so many seconds of sound will take, and a line that fills meanwhile."""
    work = seconds * WORK_SECONDS
    words = f"Denoising {seconds:.0f} s of sound: about {max(1, round(work))} s of work …"
    line = Markup('<div><i style="animation-duration:{:.0f}s"></i></div>').format(max(1.0, work))
    return group("wl-denoising-working", note(words), line)


def verdict(result: Denoised, readings: Readings, others: Mapping[str, float]) -> Markup:
    """What became of the noise, in one sentence, large; what it is measured by, and what `others` got, small."""
    gain = None if readings.si_sdr_db is None else readings.si_sdr_db[1] - readings.si_sdr_db[0]
    if gain is not None:
        said, why = (
            quieter("The noise is", gain),
            "measured against the clean voice. 0 dB would be no change; higher is better",
        )
    elif readings.floor_db:
        gain = readings.floor_db[0] - readings.floor_db[1]
        said, why = (
            quieter("The pauses are", gain),
            "measured in the pauses, for nobody knows the clean voice here. 0 dB would be no change",
        )
    else:
        said, why = "Nothing to measure", "there is no sound in it"
    whose = "" if result.weights == nets.SHIPPED else f" ({result.weights.lower()})"
    words = f"{result.sound.title}. By the {_method(result)}{whose}, {why}."
    beside = "; ".join(f"{name} {number(value, '+.1f')} dB" for name, value in others.items())
    return Markup('<div class="wl-denoising-verdict"><b>{}</b><p>{}{}</p></div>').format(
        said, words, f" Beside it: {beside}." if beside else ""
    )


def quieter(what: str, gain_db: float) -> str:
    """“The noise is 7.6 dB quieter”, or that there is no difference to hear, or that it is louder."""
    size = f"{number(abs(gain_db), '.1f')} dB"
    if abs(gain_db) < FAINT_DB:
        return f"Hardly any difference: {what[0].lower()}{what[1:]} {size} {'quieter' if gain_db >= 0 else 'louder'}"
    return f"{what} {size} quieter" if gain_db > 0 else f"Worse than before: {size} more noise and distortion"


def _method(result: Denoised) -> str:
    return result.method if result.method in nets.CLASSICAL else f"{result.method.lower()} net"


def others(result: Denoised, own: Trained | None) -> dict[str, float]:
    """What the other weights of a net that a visitor has trained gain on the same sound, in dB SI-SDR."""
    if own is None or result.method != nets.OURS or result.reference is None:
        return {}
    clean_BT, before_BT = result.reference[None], result.at_16_khz.noisy_T[None]
    gains = {}
    for weights in nets.WEIGHTS:
        if weights != result.weights:
            after_T = nets.denoise(result.sound, result.method, weights, own).at_16_khz.denoised_T
            gains[weights.lower()] = (si_sdr_db(clean_BT, after_T[None]) - si_sdr_db(clean_BT, before_BT)).item()
    return gains


def readout(result: Denoised, readings: Readings) -> Markup:
    """The figures, large, those still to come as dots, and what was done, how fast, in a sentence."""
    figures = []
    if readings.si_sdr_db and readings.snr_db:
        still = readings.stoi is None
        figures += [
            _before_and_after(readings.si_sdr_db, "dB SI-SDR", ".1f", gain=True),
            _before_and_after(readings.snr_db, "dB SNR", ".1f", gain=True),
            _before_and_after(readings.pesq, "PESQ, 1 to 4.6", ".2f", still=still),
            _before_and_after(readings.stoi, "STOI, 0 to 1", ".3f", still=still),
        ]
    if readings.estimated_snr_db is not None:
        snr = number(readings.estimated_snr_db, ".1f")
        figures.append(Figure(f"≈ {snr}", "dB SNR of the input, an estimate: kept over removed"))
    if readings.floor_db:
        figures.append(_before_and_after(readings.floor_db, "dB of full scale, the quietest tenth", ".0f"))
    shown = readouts(*(figure for figure in figures if figure))
    return group("wl-denoising-figures", shown, note(_sentence(result, readings)))


def _before_and_after(
    pair: Pair | None, unit: str, form: str, *, gain: bool = False, still: bool = False
) -> Figure | None:
    """A pair as a figure, with what was gained if so wished; dots where it is `still` to come, nothing where it never will."""
    if pair is None:
        return Figure("…", unit) if still else None
    before, after = (number(value, form) for value in pair)
    return Figure(after, unit, before, number(pair[1] - pair[0], f"+{form}") if gain else "")


def _sentence(result: Denoised, readings: Readings) -> str:
    wave, delay = result.sound.wave, nets.delay_ms(result.method)
    words = "" if readings.si_sdr_db is None else "Higher is better in all four. "
    words += (
        f"{wave.seconds:.1f} s at {wave.rate_hz / 1000:g} kHz took {1000 * result.work_seconds:.0f} ms of work, "
        f"{number(result.real_time_factor, '.3f')} of real time"
    )
    words += f"; a frame must be heard to its end first, {delay:.0f} ms." if delay is not None else "."
    if readings.si_sdr_db is None:
        words += " Nobody knows the clean speech here, so no figure can be measured against it."
    elif readings.pesq is None and readings.stoi is not None:
        words += " PESQ is left out: its package is not installed."
    return words + "".join(f" {note[0].upper()}{note[1:]}." for note in wave.notes)


def comparison(rows: Sequence[Row], sound: Sound, *, left: int) -> Markup:
    """The rows as a table, the best of each column in bold; `left` are still to come."""
    known = len(rows[0].figures) == len(KNOWN)
    forms, best_of = (KNOWN, max) if known else (UNKNOWN, min)
    columns = zip(*(row.figures for row in rows), strict=True)
    first = [best_of((value for value in column if value is not None), default=None) for column in columns]

    def cells(row: Row) -> list[Text]:
        said = ["–" if v is None else number(v, form) for v, form in zip(row.figures, forms.values(), strict=True)]
        marked = [
            best(words) if v is not None and v == top else words
            for words, v, top in zip(said, row.figures, first, strict=True)
        ]
        speed = "" if row.real_time_factor is None else f"{row.real_time_factor:.3f}"
        return [*marked, speed, "" if row.parameters is None else f"{row.parameters:,}"]

    if left:
        words = f"{left} more to come …"
    elif known:
        words = "Bold is best in its column. One sound is one sound: the averages over a test set are below."
    else:
        words = "The clean speech is not known, so this says how quiet the pauses became, not how good the speech is."
    return table(
        ["Method", *forms, "Real-time factor", "Parameters"],
        [(row.name, cells(row)) for row in rows],
        caption=f"{sound.title}, {sound.wave.seconds:.1f} s",
        kind="wl-denoising-table",
    ) + note(words)


MEANS = {"si_sdr_db": ("SI-SDR, dB", ".1f"), "pesq": ("PESQ", ".2f"), "stoi": ("STOI", ".3f")}
"""The measures of the evidence that are told, with their names and how they are written."""


def means_tables(evidence: dict[str, Tensor]) -> Markup:
    """A net's mean gains on the test set, by how it was mixed and by kind of noise, the kind that gains most first."""
    by_ratio = {f"{number(snr, '.0f')} dB": evidence["mixed_snr_db"] == snr for snr in SNRS_DB}
    by_kind = {kind.replace("_", " "): evidence["kind"] == i for i, kind in enumerate(KINDS)}
    gain_B = evidence["si_sdr_gain_db"]
    heard = sorted((kind for kind in by_kind if by_kind[kind].any()), key=lambda kind: -_mean(gain_B, by_kind[kind]))
    return group(
        "wl-denoising-tables",
        _means("Mixed at", by_ratio, evidence, "On the test set, by the ratio of speech to noise"),
        _means("Noise", {kind: by_kind[kind] for kind in heard}, evidence, "On the test set, by kind of noise"),
    )


def _means(title: str, rows: dict[str, Tensor], evidence: dict[str, Tensor], caption: str) -> Markup:
    told = {measure: said for measure, said in MEANS.items() if measure in evidence}

    def cells(chosen_B: Tensor) -> list[Text]:
        pairs = (
            (_mean(evidence[f"before_{m}"], chosen_B), _mean(evidence[m], chosen_B), form)
            for m, (_, form) in told.items()
        )
        return [*(_arrow(number(b, form), number(a, form)) for b, a, form in pairs), f"{int(chosen_B.sum())}"]

    return table(
        [title, *(name for name, _ in told.values()), "n"],
        [(name, cells(chosen_B)) for name, chosen_B in rows.items() if chosen_B.any()],
        caption=caption, kind="wl-denoising-table",
    )  # fmt: skip


def _arrow(before: Text, after: Text) -> Markup:
    return join([before, " → ", best(after)])


def _mean(values_B: Tensor, chosen_B: Tensor) -> float:
    return values_B[chosen_B].double().mean().item()
