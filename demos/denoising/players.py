"""Linked players: one position, one transport, and a switch between the sides of one sound; the page does the mixing.

The server sends two 16-bit files, noisy and denoised, and the clean one where it is known. They run in step on one
WebAudio clock, so a switch is a change of gains and never loses the place: the dry/wet mix is (1 − w) · noisy +
w · denoised, and what was removed is noisy − denoised, both exact. Nothing is normalised, except, if asked, on saving.

Shapes: `x_T` samples, `power_FN` power of F rows in N columns, as `demos._ui.sound.power` gives it.
"""

from pathlib import Path
from typing import Any

from markupsafe import Markup
from torch import Tensor

from demos._ui.html import EMPTY, Text, join, number
from demos._ui.pictures import CIVIDIS, painted
from demos._ui.sound import RANGE_DB, Picture, pooled, power, served, spectrogram, wav
from demos.denoising.nets import Denoised, Sides
from signals import audio
from signals.audio import RATE_HZ

SIDES = {"noisy": "Noisy", "denoised": "Denoised", "removed": "Removed", "clean": "Clean"}
MASK_DB = -30.0
"""The gain below which the picture of gains tells nothing apart."""
SCRIPT = Path(__file__).with_name("players.js").read_text(encoding="utf-8")


def track(
    title: Text, side: Text, picture: Markup, *, key: str = "", x: Markup = EMPTY, y: Markup = EMPTY, kind: str = ""
) -> Markup:
    """A picture of sound between its axes, with its title and what it is a side of; `key` names it to the script."""
    return Markup(
        '<figure class="wl-denoising-track" data-track="{}"><figcaption><b>{}</b><span>{}</span></figcaption>'
        '<div class="wl-spec{}"><div class="wl-spec-y" aria-hidden="true">{}</div>{}'
        '<div class="wl-spec-x" aria-hidden="true">{}</div></div>{}</figure>'
    ).format(key, title, side, f" {kind}" if kind else "", y, picture, x, _WORDS if key else EMPTY)


def round_button(label: str, title: str, play: str, pause: str, *, kind: str = "", does: str = "") -> Markup:
    """A round button with two faces, as SVG paths: one that starts, and one that stops while it plays."""
    return Markup(
        '<button type="button" class="wl-denoising-play{}" data-do="{}" aria-label="{}" title="{}">'
        '<svg viewBox="0 0 24 24" aria-hidden="true"><path class="wl-denoising-icon-play" d="{}"/>'
        '<path class="wl-denoising-icon-pause" d="{}"/></svg></button>'
    ).format(f" {kind}" if kind else "", does, label, title, play, pause)


def _side(letter: str, key: str, title: str) -> Markup:
    return Markup(
        '<button type="button" role="radio" aria-checked="{}" data-side="{}" title="Hear it: {} (key {})">'
        '<kbd aria-hidden="true">{}</kbd>{}</button>'
    ).format("true" if key == "denoised" else "false", key, title.lower(), letter, letter, title)


_WORDS = Markup('<p class="wl-spec-words"></p>')
_PICTURE = Markup('<img alt=""><i class="wl-denoising-head"></i>')
TRANSPORT = Markup(
    '<div class="wl-denoising-transport">{}'
    '<div class="wl-denoising-sides" role="radiogroup" aria-label="What is heard">{}</div>'
    '<label class="wl-denoising-fader">Dry <input class="wl-denoising-wet" type="range" min="0" max="100" value="100" '
    'aria-label="Dry to wet, per cent denoised"> wet <output>100 %</output></label>'
    '<output class="wl-denoising-time" aria-live="off">0.0 <small>/ 0.0 s</small></output></div>'
    '<input class="wl-denoising-scrub" type="range" min="0" max="1" step="0.001" value="0" aria-label="Position, seconds">'
).format(
    round_button(
        "Play", "Play or pause (space)", "M7 4.5v15l12.5-7.5z", "M6.5 5h4v14h-4zM13.5 5h4v14h-4z", does="play"
    ),
    join(_side(letter, key, title) for letter, (key, title) in zip("ABCD", SIDES.items(), strict=True)),
)
TRACKS = join([
    track("Noisy", "what came in", _PICTURE, key="noisy"),
    track("Denoised", "what is let through", _PICTURE, key="denoised"),
    track("Removed", "noisy minus denoised", _PICTURE, key="removed"),
    track("Clean", "the truth", _PICTURE, key="clean"),
    track("Gain", "denoised over noisy, at each time and frequency", _PICTURE, key="mask"),
])  # fmt: skip
ASIDE = Markup(
    '<div class="wl-denoising-aside"><div class="wl-denoising-scales" aria-hidden="true">'
    '<span>Spectrograms, one scale</span><span><b class="wl-denoising-low"></b> <i class="wl-denoising-ramp"></i> '
    '<b class="wl-denoising-high"></b></span><span>Gain</span><span><b>{} dB</b> '
    '<i class="wl-denoising-ramp wl-denoising-ramp-gain"></i> <b>0 dB</b></span></div>'
    '<div class="wl-denoising-save"><label class="wl-denoising-fader">Volume <input class="wl-denoising-volume" '
    'type="range" min="0" max="100" value="80" aria-label="Volume, per cent"><output>80 %</output></label>'
    '<label class="wl-denoising-tick"><input class="wl-denoising-loop" type="checkbox"> Repeat</label></div>'
    '<div class="wl-denoising-save"><button type="button" data-do="save">Save what is heard</button>'
    '<label class="wl-denoising-tick"><input class="wl-denoising-normalise" type="checkbox"> '
    'normalised to −1 dB of full scale</label><output class="wl-denoising-saved wl-note" role="status"></output></div></div>'
).format(number(MASK_DB, ".0f"))
TEMPLATE = Markup(
    '<div class="wl-denoising-deck" data-state="empty" role="group" aria-label="Players">{}'
    '<p class="wl-denoising-empty wl-note">Nothing to hear yet: the players and their spectrograms come here.</p><div class="wl-denoising-tracks">{}{}</div></div>'
).format(TRANSPORT, TRACKS, ASIDE)
"""The instrument, empty; its value is what `deck` gives, and its script fills it."""


def deck(result: Denoised) -> dict[str, Any]:
    """Everything that the players need: files at the sound's own rate, pictures on one scale, and words."""
    sound, wave = result.sound, result.sound.wave
    sides = {"noisy": wave.x_T, "denoised": result.y_T}
    if sound.clean_T is not None:
        sides["clean"] = sound.clean_T
    gain = _common_gain(*sides.values())
    pictures = drawn(result.at_16_khz)
    return {
        "title": sound.title,
        "method": result.method,
        "rate": wave.rate_hz,
        "seconds": wave.seconds,
        "files": {name: served(wav(gain * x_T, wave.rate_hz), f"{name}.wav") for name, x_T in sides.items()},
        "pictures": {name: picture.axes() for name, picture in pictures.items()},
        "low": f"{number(pictures['noisy'].low, '.0f')} dB",
        "high": f"{number(pictures['noisy'].high, '.0f')} dB",
    }


def drawn(sides: Sides) -> dict[str, Picture]:
    """Spectrograms of every side on the noisy one's scale, and the gain."""
    noisy_T, denoised_T, clean_T = sides
    noisy = spectrogram(noisy_T, RATE_HZ, name="Noisy")
    others = {"denoised": denoised_T, "removed": noisy_T - denoised_T} | ({} if clean_T is None else {"clean": clean_T})
    pictures = {
        name: spectrogram(x_T, RATE_HZ, loudest_db=noisy.high, name=SIDES[name]) for name, x_T in others.items()
    }
    return {"noisy": noisy, **pictures, "mask": gain_picture(noisy_T, denoised_T)}


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
