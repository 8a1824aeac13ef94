"""Sound on a page: spectrograms as pictures on one decibel scale, and samples as files that nothing rescales.

A picture is a palette PNG made with numpy and Pillow, without axes: the page draws those as text, which stays sharp
and follows light and dark. librosa and matplotlib stay away from here.
"""

import base64
import io
import math
from dataclasses import dataclass
from typing import Any

import gradio as gr
import soundfile
import torch
from gradio.data_classes import FileData
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from markupsafe import Markup
from torch import Tensor

from demos._ui.html import join, minus
from demos._ui.pictures import painted
from demos._ui.serving.disk import UPLOADS
from signals import audio
from signals.audio import Frames

RANGE_DB = 80.0
"""How far below the loudest a spectrogram still tells levels apart."""
COLUMNS = 600
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A time-frequency picture: `src` spans `seconds` and 0 to `top_khz`; its colours span `low` to `high` in `unit`."""

    src: str
    seconds: float
    top_khz: float
    low: float
    high: float
    unit: str
    words: str

    def axes(self) -> dict[str, Any]:
        """What a page needs to draw it: the address, both axes' ticks as shares of their length, and the words."""
        return {
            "src": self.src,
            "seconds": self.seconds,
            "x": [[second / self.seconds, f"{second:g}"] for second in _ticks(self.seconds)],
            "y": [[khz / self.top_khz, f"{khz:g}"] for khz in _ticks(self.top_khz, at_most=4)],
            "words": self.words,
        }


def power(x_T: Tensor, rate_hz: int, *, columns: int = COLUMNS) -> Tensor:
    """Power `(F, N)` of 32 ms frames, where 1 is a sine of full scale: F rows from 0 Hz to half the rate, N near `columns`.

    Longer recordings keep the loudest of the frames that share a column.
    """
    size = 1 << round(math.log2(0.032 * rate_hz))
    hop = max(size // 8, min(size // 2, len(x_T) // columns))
    power_FN = audio.stft(x_T, Frames(size, hop, "hann")).abs().square() * (4 / size) ** 2
    return pooled(power_FN, columns)


def pooled(z_FN: Tensor, columns: int = COLUMNS) -> Tensor:
    """`z_FN` with at most twice `columns` columns, each the greatest of those it stands for."""
    return z_FN if z_FN.shape[1] <= 2 * columns else torch.nn.functional.adaptive_max_pool1d(z_FN, columns)


def spectrogram(
    x_T: Tensor, rate_hz: int, *, loudest_db: float | None = None, range_db: float = RANGE_DB, name: str = "This sound"
) -> Picture:
    """The spectrogram of `x_T`, its scale ending at `loudest_db` (its own loudest if not given): give several one scale."""
    power_FN = power(x_T, rate_hz)
    level_FN = audio.decibels(power_FN)
    high = level_FN.max().item() if loudest_db is None else loudest_db
    return Picture(
        src=painted(level_FN, low=high - range_db, high=high),
        seconds=len(x_T) / rate_hz,
        top_khz=rate_hz / 2000,
        low=high - range_db,
        high=high,
        unit="dB",
        words=described(x_T, power_FN, rate_hz, name),
    )


def described(x_T: Tensor, power_FN: Tensor, rate_hz: int, name: str = "This sound") -> str:
    """A spectrogram in words: how loud, and where the energy lies."""
    mean = x_T.square().mean().item()
    if mean < 1e-12:
        return f"{name}: silence."
    share_F = power_FN.mean(1).cumsum(0)
    bins = torch.searchsorted(share_F, share_F[-1] * torch.tensor([0.5, 0.95])).tolist()
    half, most = (min(b, len(share_F) - 1) * rate_hz / 2000 / (len(share_F) - 1) for b in bins)
    words = f"{10 * math.log10(mean):.1f} dB of full scale; half its energy below {half:.1f} kHz, 95 % below {most:.1f} kHz."
    return f"{name}: {minus(words)}"


def spectrogram_figure(picture: Picture, *, title: str) -> Markup:
    """A spectrogram with its axes, its scale and its words."""
    facts = picture.axes()
    x = join(Markup('<span style="left:{:.2f}%">{}</span>').format(100 * share, text) for share, text in facts["x"])
    y = join(Markup('<span style="bottom:{:.2f}%">{}</span>').format(100 * share, text) for share, text in facts["y"])
    return Markup(
        '<figure class="wl-spectrogram"><figcaption><b>{}</b></figcaption><div class="wl-spec">'
        '<div class="wl-spec-y" aria-hidden="true">{}</div><img src="{}" alt="{}">'
        '<div class="wl-spec-x" aria-hidden="true">{}</div></div><p class="wl-spec-words">{}</p></figure>'
    ).format(title, y, picture.src, picture.words, x, picture.words)


def wav(x_T: Tensor, rate_hz: int) -> bytes:
    """Samples as a mono 16-bit WAV, as they are; what lies beyond full scale is clipped, so turn it down before."""
    buffer = io.BytesIO()
    samples = (x_T.clamp(-1, 1) * audio.FULL_SCALE).round().to(torch.int16).numpy()
    soundfile.write(buffer, samples, rate_hz, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def served(content: bytes, name: str) -> dict[str, Any]:
    """A file in Gradio's own cache, which serves it to the page by its `url` and throws it away when it is old."""
    UPLOADS.room_for(len(content))
    path = save_bytes_to_cache(content, name, get_upload_folder())
    return FileData(path=path, orig_name=name).model_dump()


def player(x_T: Tensor, rate_hz: int, *, label: str) -> Markup:
    """A small player for a short sound, in 16 bits and at its own level."""
    address = f"data:audio/wav;base64,{base64.b64encode(wav(x_T, rate_hz)).decode()}"
    return Markup('<audio class="wl-player" controls preload="auto" src="{}" aria-label="{}"></audio>').format(
        address, label
    )


def recorder(*, label: str, **options: Any) -> gr.Audio:
    """A place for a file or the microphone, which hands over the file as it is: Gradio changes nothing in it."""
    seen = gr.WaveformOptions(waveform_color="#7a868c", waveform_progress_color="#0f766e")
    return gr.Audio(label=label, sources=["upload", "microphone"], type="filepath", waveform_options=seen, **options)


def _ticks(length: float, *, at_most: int = 8) -> list[float]:
    step = next((s for s in STEPS if length / s <= at_most), STEPS[-1])
    return [round(i * step, 6) for i in range(int(length / step + 1e-9) + 1)]
