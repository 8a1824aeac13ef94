"""What a denoiser did, in numbers: measured against the clean speech where it is known, estimated where it is not."""

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from demos._ui.sound import power
from demos.denoising import nets
from demos.denoising.nets import Denoised, Sound
from metrics.sound import pesq_installed, pesq_wb, si_sdr_db, snr_db, stoi
from models._checkpoint import CheckpointMissing, card
from signals.audio import RATE_HZ, Wave

Pair = tuple[float, float]
"""Before and after."""
COMPARED_SECONDS = 20.0
"""Of a longer sound, Compare takes the first so many seconds."""


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
    noisy_T, denoised_T, clean_T = result.at_16_khz
    if clean_T is None or not clean_T.any():
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


# What the page shows


def readout(result: Denoised, readings: Readings, *, waiting: bool = False) -> str:
    """The figures, large; `waiting` where PESQ and STOI are still to come."""
    parts = []
    if readings.si_sdr_db and readings.snr_db:
        parts += [
            _figure(readings.si_sdr_db, "dB SI-SDR", ".1f", gain=True),
            _figure(readings.snr_db, "dB SNR", ".1f", gain=True),
            _figure(readings.pesq, "PESQ, 1 to 4.6", ".2f", waiting=waiting),
            _figure(readings.stoi, "STOI, 0 to 1", ".3f", waiting=waiting),
        ]
    if readings.estimated_snr_db is not None:
        parts.append(
            f"<div><b>≈ {_signed(readings.estimated_snr_db, '.1f')}</b><span>dB SNR of the input, an estimate: kept over removed</span></div>"
        )
    if readings.floor_db:
        parts.append(_figure(readings.floor_db, "dB of full scale, the quietest tenth", ".0f"))
    factor = result.real_time_factor
    parts.append(f"<div><b>{factor:.3f}</b><span>real-time factor</span></div>")
    if (delay := nets.delay_ms(result.method)) is not None:
        parts.append(f"<div><b>{delay:.0f}</b><span>ms of delay</span></div>")
    return f'<div class="wl-readouts wl-figures">{"".join(part for part in parts if part)}</div>{_sentence(result, readings)}'


def _figure(pair: Pair | None, unit: str, form: str, *, gain: bool = False, waiting: bool = False) -> str:
    if pair is None:
        return f"<div><b>…</b><span>{unit}</span></div>" if waiting else ""
    before, after = (_signed(value, form) for value in pair)
    more = f" <em>{pair[1] - pair[0]:+{form}}</em>".replace("-", "−") if gain else ""
    return f'<div><b><i>{before}</i><span class="wl-to"> → </span>{after}{more}</b><span>{unit}</span></div>'


def _signed(value: float, form: str) -> str:
    return f"{value:{form}}".replace("-", "−")


def _sentence(result: Denoised, readings: Readings) -> str:
    wave = result.sound.wave
    whose = "" if result.weights == nets.SHIPPED else f" ({result.weights.lower()})"
    words = (
        f"{result.sound.title}: {wave.seconds:.1f} s at {wave.rate_hz / 1000:g} kHz, {result.method}{whose}, "
        f"{1000 * result.work_seconds:.0f} ms of work on this machine."
    )
    if readings.si_sdr_db is None:
        words += " Nobody knows the clean speech here, so no figure can be measured against it."
    elif readings.pesq is None and readings.stoi is not None:
        words += " PESQ is left out: its package is not installed."
    notes = "".join(f" {note[0].upper()}{note[1:]}." for note in wave.notes)
    return f'<p class="wl-note">{html.escape(words + notes)}</p>'


COLUMNS = ("SI-SDR, dB", "SNR, dB", "PESQ", "STOI")


def compared(sound: Sound) -> Iterator[str]:
    """All methods on one sound, as a table that grows by a row for each; the noisy input stands first."""
    length = int(COMPARED_SECONDS * sound.wave.rate_hz)
    cut = Sound(
        Wave(sound.wave.x_T[:length], sound.wave.rate_hz),
        sound.title,
        None if sound.clean_T is None else sound.clean_T[:length],
    )
    rows: list[tuple[str, list[float | None], float | None, str]] = []
    titles, readings = nets.available(), None
    for title in titles:
        nets.denoise(Sound(Wave(cut.wave.x_T[: cut.wave.rate_hz // 2], cut.wave.rate_hz), ""), title)  # warm
        result = nets.denoise(cut, title)
        readings = read(result, perceptual=True, known=readings)
        if not rows:
            rows.append(("Noisy", _row(readings, 0), None, ""))
        rows.append((title, _row(readings, 1), result.real_time_factor, _size(title)))
        yield table(rows, cut, left=len(titles) + 1 - len(rows))


def _row(readings: Readings, which: int) -> list[float | None]:
    if readings.si_sdr_db is None:
        return [readings.floor_db[which] if readings.floor_db else None]
    pairs = (readings.si_sdr_db, readings.snr_db, readings.pesq, readings.stoi)
    return [pair[which] if pair else None for pair in pairs]


def _size(title: str) -> str:
    recipe = nets.nets().get(title)
    try:
        return "" if recipe is None else f"{card(recipe.name).parameters:,}"
    except CheckpointMissing:
        return ""


def table(rows: list[tuple[str, list[float | None], float | None, str]], sound: Sound, *, left: int) -> str:
    """The rows as HTML, the best of each column in bold."""
    known = sound.clean_T is not None
    columns = COLUMNS if known else ("Quietest tenth, dB of full scale",)
    forms = (".1f", ".1f", ".2f", ".3f") if known else (".0f",)
    best = [
        (max if known else min)((r[1][i] for r in rows if r[1][i] is not None), default=None)  # type: ignore[type-var]
        for i in range(len(columns))
    ]
    body = ""
    for title, values, factor, size in rows:
        cells = "".join(
            "<td>–</td>"
            if v is None
            else f"<td>{'<b>' if v == best[i] else ''}{_signed(v, forms[i])}{'</b>' if v == best[i] else ''}</td>"
            for i, v in enumerate(values)
        )
        speed = "<td></td>" if factor is None else f"<td>{factor:.3f}</td>"
        body += f'<tr><th scope="row">{html.escape(title)}</th>{cells}{speed}<td>{size}</td></tr>'
    head = "".join(f'<th scope="col">{c}</th>' for c in ("Method", *columns, "Real-time factor", "Parameters"))
    words = f"{sound.title}, {sound.wave.seconds:.1f} s."
    if left:
        words += f" {left} more to come …"
    elif known:
        words += " Bold is best in its column. One sound is one sound: the averages over a test set are below."
    else:
        words += " The clean speech is not known, so this says how quiet the pauses became, not how good the speech is."
    return f'<div class="wl-scroll"><table class="wl-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div><p class="wl-note">{html.escape(words)}</p>'
