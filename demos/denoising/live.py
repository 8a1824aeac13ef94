"""Live: a visitor's microphone through a net chunk by chunk, with a state of one's own, and both spectrograms rolling.

The page sends what the microphone gave (usually 48 kHz) as 16-bit samples, the next chunk only when the last one has
been answered, so that a slow machine gets fewer and longer chunks and never a queue of them. The stream is resampled
as one stream, runs through the net's own (`models.Stream`), and comes back as samples to play and columns to
draw. When the work takes too long the picture rests first; what the page then has to drop is counted and said.

Shapes: `x_T` samples of the microphone, `y_T` denoised at 16 kHz; `index_RN` R rows, lowest first, of N columns.
"""

import base64
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from markupsafe import Markup
from torch import Tensor

from demos._ui.html import join
from demos._ui.limits import LIVE_CHUNK_SECONDS, LIVE_SECONDS
from demos._ui.pictures import VIRIDIS
from demos.denoising.nets import CLASSICAL, Denoised, Sound, Trained, net, weights_of
from demos.denoising.players import round_button, track
from models import FrameNet, Stream
from signals import audio
from signals.audio import FULL_SCALE, MAX_RATE_HZ, MIN_RATE_HZ, RATE_HZ, Wave

LOW_DB, HIGH_DB = -95.0, -15.0
"""The colours' range in the rolling pictures, in dB of full scale."""
SIZE, HOP, ROWS = 512, 256, 128
TOO_SLOW = 0.8
"""The real-time factor above which the picture rests."""
SCRIPT = Path(__file__).with_name("live.js").read_text(encoding="utf-8")
HINT = (
    "Press, allow the microphone, and speak: for two minutes at most. What is heard is deleted soon: see “Privacy” at the "
    "end of the page."
)


def _figure(name: str, value: str, unit: str) -> Markup:
    return Markup('<div><b data-figure="{}">{}</b><span>{}</span></div>').format(name, value, unit)


def _rolling(title: str, side: str, name: str, words: str) -> Markup:
    """A picture that rolls: the last ten seconds of one side, 16 ms a column."""
    canvas = Markup(
        '<canvas class="wl-denoising-mic-{}" width="{}" height="{}" role="img" aria-label="{}"></canvas>'
    ).format(name, 10 * RATE_HZ // HOP, ROWS, words)
    at = Markup('<span style="{}:{}">{}</span>')
    x = join(at.format("left", *tick) for tick in (("0", "−10 s"), ("50%", "−5"), ("100%", "now")))
    y = join(at.format("bottom", *tick) for tick in (("0", "0"), ("50%", "4"), ("100%", "8 kHz")))
    return track(title, side, canvas, x=x, y=y, kind="wl-denoising-rolling")


TEMPLATE = Markup(
    '<div class="wl-denoising-mic" data-state="idle" data-table="{}"><div class="wl-denoising-transport">{}'
    '<p class="wl-denoising-mic-words" role="status">{}</p><label class="wl-denoising-tick">'
    '<input class="wl-denoising-mic-hear" type="checkbox"> Hear the result live (with headphones, or it will howl)</label>'
    '</div><div class="wl-readouts">{}</div>{}{}</div>'
).format(
    base64.b64encode(VIRIDIS).decode(),
    round_button(
        "Listen", "Listen or stop",
        "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zm-6 8h2a4 4 0 0 0 8 0h2a6 6 0 0 1-5 5.9V20h3v2H8v-2h3v-3.1A6 6 0 0 1 6 11z",
        "M6 6h12v12H6z", kind="wl-denoising-mic-start",
    ),
    HINT,
    join([
        _figure("factor", "–", "real-time factor"), _figure("work", "–", "ms of work per 16 ms"),
        _figure("delay", "–", "s from microphone to ear, all told"), _figure("heard", "0.0", "s heard"),
    ]),
    _rolling("In", "the microphone", "in", "Spectrogram of the microphone, the last ten seconds"),
    _rolling("Out", "the net's answer", "out", "Spectrogram of the denoised sound, the last ten seconds"),
)  # fmt: skip
"""The desk at rest. Its script hands over chunks by `input`, says by `stop` that listening is over, and shows `heard`."""


@dataclass(frozen=True)
class Heard:
    """One chunk's answer: denoised samples at 16 kHz, columns for both pictures where there was time, and how it went."""

    y_T: Tensor
    in_RN: np.ndarray | None
    out_RN: np.ndarray | None
    real_time_factor: float
    words: str


class Listening:
    """One visitor's microphone on its way through a net; the net is only read, everything else is this visitor's own."""

    def __init__(self, net: FrameNet, rate_hz: int, *, clock: Callable[[], float] = time.perf_counter) -> None:
        import soxr  # comes with librosa

        if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            raise ValueError(f"This microphone claims {rate_hz:,} samples a second. Choose another one.")
        self.rate_hz, self._clock = rate_hz, clock
        self._resampler = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="HQ")
        self._stream = Stream(net)
        self._in, self._out = Columns(), Columns()
        self._noisy: list[Tensor] = []
        self._denoised: list[Tensor] = []
        self._lately: deque[tuple[float, float]] = deque(maxlen=8)
        self.seconds, self.work_seconds = 0.0, 0.0

    @property
    def latency_seconds(self) -> float:
        return self._stream.latency / RATE_HZ

    @property
    def done(self) -> bool:
        return self.seconds >= LIVE_SECONDS

    def hear(self, x_T: Tensor, *, last: bool = False) -> Heard:
        """The next samples `(T,)` at the microphone's rate; `last` also gives what was still on its way.

        What comes after `LIVE_SECONDS` is not heard, whoever sends it.
        """
        began = self._clock()
        left = max(0, round((LIVE_SECONDS - self.seconds) * self.rate_hz))
        x_T = x_T[:left].nan_to_num(0.0, 0.0, 0.0)
        new_T = torch.from_numpy(self._resampler.resample_chunk(x_T.numpy(), last=last))
        y_T = self._stream.push(new_T)
        y_T = torch.cat([y_T, self._stream.flush()]) if last else y_T
        work = self._clock() - began
        self._noisy.append(new_T)
        self._denoised.append(y_T)
        self._lately.append((work, len(x_T) / self.rate_hz))
        self.seconds += len(x_T) / self.rate_hz
        self.work_seconds += work
        factor = sum(w for w, _ in self._lately) / max(sum(s for _, s in self._lately), 1e-9)
        columns = self._in.push(new_T), self._out.push(y_T)
        if factor > TOO_SLOW:
            words = "This machine is too slow just now: the picture rests, so that the sound keeps up."
            return Heard(y_T, None, None, factor, words)
        return Heard(y_T, *columns, factor, "Listening. Press again to stop; then you can play both sides below.")

    def finished(self, title: str, method: str, weights: str) -> Denoised:
        """What was heard and what the net made of it, for the players; ValueError where nothing was heard."""
        noisy_T, denoised_T = torch.cat([torch.zeros(0), *self._noisy]), torch.cat([torch.zeros(0), *self._denoised])
        length = min(len(noisy_T), len(denoised_T))
        if not length:
            raise ValueError("Nothing was heard. Is the microphone switched on?")
        wave = Wave(noisy_T[:length], RATE_HZ, ("brought to 16 kHz while listening",))
        return Denoised(Sound(wave, title), method, weights_of(method, weights), denoised_T[:length], self.work_seconds)


def listening(method: str, weights: str, own: Trained | None, rate_hz: int) -> Listening:
    """A visit at the live desk; ValueError where the method is no net, or the microphone is none."""
    if method in CLASSICAL:
        raise ValueError(f"Choose a net to listen live: {method} needs the whole recording, or long stretches of it.")
    return Listening(net(method, weights, own), rate_hz)


class Columns:
    """Samples to columns of a spectrogram `(ROWS, N)` as they come, as indices into the colour table, lowest row first."""

    def __init__(self) -> None:
        self._waiting = torch.zeros(SIZE - HOP)
        self._window = torch.hann_window(SIZE)

    def push(self, x_T: Tensor) -> np.ndarray:
        self._waiting = torch.cat([self._waiting, x_T])
        n = (len(self._waiting) - SIZE) // HOP + 1
        if n < 1:
            return np.zeros((ROWS, 0), np.uint8)
        frames_NS = self._waiting.unfold(0, SIZE, HOP)[:n] * self._window
        self._waiting = self._waiting[n * HOP :]
        power_NF = torch.fft.rfft(frames_NS).abs().square()[:, 1:] * (4 / SIZE) ** 2
        level_NR = audio.decibels(power_NF.view(n, ROWS, -1).amax(2))
        index_NR = (level_NR - LOW_DB) * (255 / (HIGH_DB - LOW_DB))
        return index_NR.clamp(0, 255).to(torch.uint8).T.contiguous().numpy()


def rate_of(chunk: Any) -> int:
    """The microphone's rate as a chunk says it, in Hz; ValueError where it is no chunk."""
    rate_hz = chunk.get("rate") if isinstance(chunk, dict) else None
    if not isinstance(rate_hz, int | float) or not 0 <= rate_hz < 1e9:
        raise ValueError("This is no sound from a microphone. Reload the page and try again.")
    return int(rate_hz)


def samples(chunk: dict[str, Any], rate_hz: int) -> Tensor:
    """A chunk's samples `(T,)` in [-1, 1]; ValueError where it is none, is of another rate than its stream, or too long."""
    try:
        raw = base64.b64decode(chunk["pcm"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("This is no sound from a microphone. Reload the page and try again.") from error
    if len(raw) % 2 or len(raw) > 2 * LIVE_CHUNK_SECONDS * rate_hz or rate_of(chunk) != rate_hz:
        raise ValueError("This piece of sound is broken or too long. Stop, and start listening again.")
    return torch.from_numpy(np.frombuffer(raw, "<i2").astype(np.float32) / FULL_SCALE)


def answered(listening: Listening, heard: Heard, chunk: dict[str, Any]) -> dict[str, Any]:
    """What the page needs to draw and to play one answer."""
    packed = lambda z: "" if z is None else base64.b64encode(z.T.tobytes()).decode()  # noqa: E731
    pcm = (heard.y_T.clamp(-1, 1) * FULL_SCALE).round().to(torch.int16).numpy().astype("<i2").tobytes()
    return {
        "n": chunk.get("n", 0),
        "pcm": base64.b64encode(pcm).decode() if chunk.get("hear") else "",
        "in": packed(heard.in_RN),
        "out": packed(heard.out_RN),
        "factor": round(heard.real_time_factor, 4),
        "work": round(16 * heard.real_time_factor, 2),
        "latency": listening.latency_seconds,
        "seconds": round(listening.seconds, 1),
        "words": heard.words,
        "done": listening.done,
    }
