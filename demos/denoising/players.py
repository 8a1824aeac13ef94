"""Linked players: one position, one transport, and a switch between the sides of one sound; the page does the mixing.

The server sends two 16-bit files, noisy and denoised, and the clean one where it is known. They run in step on one
WebAudio clock, so a switch is a change of gains and never loses the place: the dry/wet mix is (1 − w) · noisy +
w · denoised, and what was removed is noisy − denoised, both exact. Nothing is normalised, except, if asked, on saving.
"""

from pathlib import Path
from typing import Any

import gradio as gr
from torch import Tensor

from demos._ui.pictures import CIVIDIS, painted
from demos._ui.sound import RANGE_DB, Picture, pooled, power, served, spectrogram, wav
from demos.denoising.nets import Denoised
from signals import audio
from signals.audio import RATE_HZ

SIDES = {"noisy": "Noisy", "denoised": "Denoised", "removed": "Removed", "clean": "Clean"}
MASK_DB = -30.0
SCRIPT = (Path(__file__).parent / "players.js").read_text(encoding="utf-8")


def _track(key: str, title: str, side: str) -> str:
    return (
        f'<figure class="wl-track" data-track="{key}"><figcaption><b>{title}</b><span>{side}</span></figcaption>'
        '<div class="wl-spec"><div class="wl-spec-y" aria-hidden="true"></div><img alt=""><i class="wl-head"></i>'
        '<div class="wl-spec-x" aria-hidden="true"></div></div><p class="wl-spec-words"></p></figure>'
    )


TEMPLATE = (
    '<div class="wl-deck" data-state="empty" role="group" aria-label="Players">'
    '<div class="wl-transport"><button type="button" class="wl-play" data-do="play" aria-label="Play" title="Play or pause (space)">'
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path class="wl-icon-play" d="M7 4.5v15l12.5-7.5z"/><path class="wl-icon-pause" d="M6.5 5h4v14h-4zM13.5 5h4v14h-4z"/></svg></button>'
    '<div class="wl-sides" role="radiogroup" aria-label="What is heard">'
    + "".join(
        f'<button type="button" role="radio" aria-checked="{str(key == "denoised").lower()}" data-side="{key}" '
        f'title="Hear it: {title.lower()} (key {letter})"><kbd aria-hidden="true">{letter}</kbd>{title}</button>'
        for letter, (key, title) in zip("ABCD", SIDES.items(), strict=True)
    )
    + '</div><label class="wl-fader">Dry <input class="wl-wet" type="range" min="0" max="100" value="100" aria-label="Dry to wet, per cent denoised"> wet <output>100 %</output></label>'
    '<output class="wl-time" aria-live="off">0.0 <small>/ 0.0 s</small></output></div>'
    '<input class="wl-scrub" type="range" min="0" max="1" step="0.001" value="0" aria-label="Position, seconds">'
    '<p class="wl-empty wl-note">Nothing to hear yet. Choose an example above, and the players and their spectrograms come here.</p>'
    '<div class="wl-tracks">'
    + _track("noisy", "Noisy", "what came in")
    + _track("denoised", "Denoised", "what is let through")
    + _track("removed", "Removed", "noisy minus denoised")
    + _track("clean", "Clean", "the truth")
    + _track("mask", "Gain", "denoised over noisy, at each time and frequency")
    + '<div class="wl-aside"><div class="wl-scales" aria-hidden="true"><span>Spectrograms, one scale</span><span><b class="wl-low"></b> <i class="wl-ramp"></i> <b class="wl-high"></b></span>'
    '<span>Gain</span><span><b>−30 dB</b> <i class="wl-ramp wl-ramp-gain"></i> <b>0 dB</b></span></div>'
    '<div class="wl-save"><label class="wl-fader">Volume <input class="wl-volume" type="range" min="0" max="100" value="80" aria-label="Volume, per cent"><output>80 %</output></label>'
    '<label class="wl-tick"><input class="wl-loop" type="checkbox"> Repeat</label></div>'
    '<div class="wl-save"><button type="button" data-do="save">Save what is heard</button>'
    '<label class="wl-tick"><input class="wl-normalise" type="checkbox"> normalised to −1 dB of full scale</label>'
    '<output class="wl-saved wl-note" role="status"></output></div></div></div></div>'
)


def players(**options: Any) -> gr.HTML:
    """The instrument as a component; its value is what `deck` makes."""
    return gr.HTML(
        value=None,
        html_template=TEMPLATE,
        js_on_load=SCRIPT,
        apply_default_css=False,
        label="Players",
        **options,
    )


def deck(result: Denoised) -> dict[str, Any]:
    """Everything that the players need: files at the sound's own rate, pictures on one scale, and words."""
    sound, wave = result.sound, result.sound.wave
    sides = {"noisy": wave.x_T, "denoised": result.y_T}
    if sound.clean_T is not None:
        sides["clean"] = sound.clean_T
    gain = _common_gain(*sides.values())
    pictures = drawn(*result.at_16_khz)
    return {
        "title": sound.title,
        "method": result.method,
        "rate": wave.rate_hz,
        "seconds": wave.seconds,
        "files": {name: served(wav(gain * x_T, wave.rate_hz), f"{name}.wav") for name, x_T in sides.items()},
        "pictures": {name: picture.axes() for name, picture in pictures.items()},
        "low": f"{pictures['noisy'].low:.0f} dB".replace("-", "−"),
        "high": f"{pictures['noisy'].high:.0f} dB".replace("-", "−"),
    }


def drawn(noisy_T: Tensor, denoised_T: Tensor, clean_T: Tensor | None) -> dict[str, Picture]:
    """Spectrograms of every side on the noisy one's scale, and the gain, of samples at 16 kHz."""
    noisy = spectrogram(noisy_T, RATE_HZ, name="Noisy")
    pictures = {"noisy": noisy}
    sides = {"denoised": denoised_T, "removed": noisy_T - denoised_T} | ({} if clean_T is None else {"clean": clean_T})
    for name, x_T in sides.items():
        pictures[name] = spectrogram(x_T, RATE_HZ, loudest_db=noisy.high, name=SIDES[name])
    return pictures | {"mask": gain_picture(noisy_T, denoised_T)}


def gain_picture(noisy_T: Tensor, denoised_T: Tensor) -> Picture:
    """The effective gain |Y| / |X| in dB for each time and frequency, whatever the method does inside."""
    noisy_FN, denoised_FN = power(noisy_T, RATE_HZ), power(denoised_T, RATE_HZ)
    floor = max(noisy_FN.max().item() * 10 ** (-RANGE_DB / 10), 1e-12)
    gain_FN = audio.decibels((denoised_FN + 1e-2 * floor) / (noisy_FN + floor)).clamp(MASK_DB, 0)
    loud_FN = noisy_FN > floor
    kept = 100 * (gain_FN[loud_FN] > -6).double().mean().item() if loud_FN.any() else 0.0
    cut = 100 * (gain_FN[loud_FN] < -20).double().mean().item() if loud_FN.any() else 0.0
    return Picture(
        src=painted(pooled(gain_FN), low=MASK_DB, high=0.0, colours=CIVIDIS),
        seconds=len(noisy_T) / RATE_HZ,
        top_khz=RATE_HZ / 2000,
        low=MASK_DB,
        high=0.0,
        unit="dB",
        words=f"Gain: {kept:.0f} % of all places are kept (within 6 dB), {cut:.0f} % are cut by more than 20 dB.",
    )


def _common_gain(*sides: Tensor) -> float:
    """The factor, 1 at most, by which all sides are turned down together so that none clips."""
    peak = max((x_T.abs().max().item() if len(x_T) else 0.0) for x_T in sides)
    return 1.0 if peak <= 1 else 1 / peak
