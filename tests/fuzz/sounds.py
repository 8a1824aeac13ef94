"""Sounds: whole ones in every form, odd ones, and files that lie about themselves."""

import io
import struct
from collections.abc import Callable
from random import Random

import numpy as np
import soundfile

from tests.fuzz.things import MARK, Expect, File, Kind, Thing, cut, file, flipped

LOWEST_HZ, HIGHEST_HZ = 4_000, 384_000


def voice(seconds: float = 1.5, rate_hz: int = 16_000, channels: int = 1, seed: int = 1) -> np.ndarray:
    """Something like a voice `(T, channels)`: harmonics that swell, and a little noise."""
    t_T = np.arange(max(1, int(seconds * rate_hz))) / rate_hz
    x_T = sum(np.sin(2 * np.pi * 140 * k * t_T) / k for k in range(1, 12)) * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * t_T))
    noise_T = np.random.default_rng(seed).normal(0, 0.02, len(t_T))
    return np.repeat((0.2 * x_T + noise_T)[:, None], channels, axis=1)


def written(x_TC: np.ndarray, rate_hz: int = 16_000, form: str = "WAV", subtype: str | None = None) -> bytes:
    """Samples as a file of this form."""
    buffer = io.BytesIO()
    soundfile.write(buffer, x_TC, rate_hz, format=form, subtype=subtype)
    return buffer.getvalue()


def riff(
    pcm: bytes, *, rate_hz: int = 16_000, channels: int = 1, bits: int = 16, tag: int = 1, size: int | None = None
) -> bytes:
    """A WAV whose header says what it is told to say."""
    block = max(1, channels * bits // 8)
    form = struct.pack("<HHIIHH", tag, channels, rate_hz % 2**32, rate_hz * block % 2**32, block % 65536, bits)
    said = len(pcm) if size is None else size
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", said % 2**32) + pcm
    return b"RIFF" + struct.pack("<I", (len(body) if size is None else size) % 2**32) + body


def pcm(seconds: float = 1.5) -> bytes:
    return (voice(seconds)[:, 0].clip(-1, 1) * 32767).astype("<i2").tobytes()


def silence(seconds: float, rate_hz: int, channels: int) -> bytes:
    """A FLAC of nothing, which is small, written a second at a time."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", rate_hz, channels, format="FLAC", subtype="PCM_16") as out:
        second = np.zeros((rate_hz, channels), dtype=np.int16)
        for _ in range(int(seconds)):
            out.write(second)
    return buffer.getvalue()


def without_length(flac: bytes) -> bytes:
    """A FLAC whose header leaves the number of samples open."""
    return flac[:21] + bytes([flac[21] & 0xF0]) + bytes(4) + flac[26:]


def _form(
    words: str, name: str, form: str, subtype: str | None = None, rate_hz: int = 16_000, channels: int = 1
) -> Kind:
    made = lambda draw: written(voice(1.5, rate_hz, channels, draw.randrange(99)), rate_hz, form, subtype)  # noqa: E731
    return file(f"a good sound: {words}", "answer", name, made)


def _values(words: str, change: Callable[[np.ndarray], np.ndarray], expect: Expect = "either") -> Kind:
    made = lambda draw: written(change(voice()), 16_000, "WAV", "FLOAT")  # noqa: E731
    return file(f"float samples, {words}", expect, "float.wav", made)


def _rate(rate_hz: int) -> Kind:
    expect: Expect = "either" if LOWEST_HZ <= rate_hz <= HIGHEST_HZ else "refuse"
    return file(f"a rate of {rate_hz:,} Hz", expect, "rate.wav", lambda draw: riff(pcm(2.0), rate_hz=rate_hz))


def _any_rate(draw: Random) -> Thing:
    """An odd rate that no recorder has."""
    return _rate(draw.randrange(LOWEST_HZ, HIGHEST_HZ) | 1)(draw)


def _header(words: str, expect: Expect, **options: int) -> Kind:
    return file(f"a header with {words}", expect, "header.wav", lambda draw: riff(pcm(), **options))


def _named(words: str, name: str) -> Kind:
    return file(f"a good sound named {words}", "either", name, lambda draw: written(voice()))


def _spoiled(form: str, name: str) -> list[Kind]:
    whole = lambda: written(voice(), 16_000, form)  # noqa: E731
    return [
        file(
            f"{form} with bytes flipped in its head", "either", name, lambda d: flipped(whole(), d, among=64, times=3)
        ),
        file(f"{form} with bytes flipped anywhere", "either", name, lambda d: flipped(whole(), d, times=20)),
        file(f"{form} cut short", "either", name, lambda d: cut(whole(), d)),
    ]


def _two(draw: Random) -> Thing:
    return Thing("two sounds at once", "either", files=(File("a.wav", riff(pcm())), File("b.wav", riff(pcm()))))


def _nan_sprinkled(x_TC: np.ndarray) -> np.ndarray:
    x_TC[::7] = np.nan
    return x_TC


KINDS: tuple[Kind, ...] = (
    _form("16-bit WAV", "good.wav", "WAV", "PCM_16"),
    _form("24-bit WAV, 48 kHz, stereo", "good.wav", "WAV", "PCM_24", 48_000, 2),
    _form("32-bit WAV", "good.wav", "WAV", "PCM_32"),
    _form("8-bit WAV, 8 kHz", "good.wav", "WAV", "PCM_U8", 8_000),
    _form("float WAV, 44.1 kHz", "good.wav", "WAV", "FLOAT", 44_100),
    _form("double WAV", "good.wav", "WAV", "DOUBLE"),
    _form("FLAC", "good.flac", "FLAC"),
    _form("OGG", "good.ogg", "OGG"),
    _form("MP3", "good.mp3", "MP3", None, 44_100),
    _form("AIFF", "good.aiff", "AIFF"),
    _form("WAV of 8 channels", "good.wav", "WAV", "PCM_16", 16_000, 8),
    _values("all NaN", lambda x: x * np.nan),
    _values("some NaN", _nan_sprinkled),
    _values("infinite", lambda x: np.where(x > 0, np.inf, -np.inf)),
    _values("of 1e37", lambda x: x * 1e37),
    _values("of 1e-40", lambda x: x * 1e-40),
    _values("all zero", lambda x: x * 0),
    _values("a constant", lambda x: x * 0 + 0.5),
    _values("one sample", lambda x: x[:1]),
    _values("ten samples", lambda x: x[:10]),
    _values("a hundredth of a second", lambda x: x[:160]),
    _values("none at all", lambda x: x[:0], "refuse"),
    *map(_rate, (44_101, 22_051, 11_003, 7_919, 383_997, 192_000, 4_000, 3_999, 384_001, 1, 0, 2**32 - 1, 96_001)),
    _any_rate,
    _any_rate,
    _header("a size of 0", "either", size=0),
    _header("a size of 4 GB", "either", size=2**32 - 1),
    _header("0 channels", "refuse", channels=0),
    _header("1,000 channels", "either", channels=1000),
    _header("65,535 channels", "either", channels=65535),
    _header("0 bits", "refuse", bits=0),
    _header("3 bits", "either", bits=3),
    _header("a form that nobody knows", "refuse", tag=0x7777),
    _header("µ-law in 16 bits", "either", tag=7),
    file("8 silent channels at 96 kHz", "either", "silence.flac", lambda d: silence(90, 96_000, 8)),
    file("8 silent channels at 384 kHz", "either", "silence.flac", lambda d: silence(20, 384_000, 8)),
    file("half an hour", "refuse", "long.flac", lambda d: silence(1800, 8_000, 1)),
    file("nine minutes of silence", "either", "long.flac", lambda d: silence(540, 4_000, 1)),
    file("a FLAC that says no length", "either", "length.flac", lambda d: without_length(written(voice(), 16_000, "FLAC"))),
    _values("one of them enormous", lambda x: np.where(np.arange(len(x))[:, None] == 99, 1e38, x)),
    file("nothing in it", "refuse", "empty.wav", lambda d: b""),
    file("four bytes", "refuse", "short.wav", lambda d: b"RIFF"),
    file("text", "refuse", "text.wav", lambda d: b"This is no sound. " * 50),
    file("noise of bytes", "refuse", "noise.mp3", lambda d: b"\x00\x01" + d.randbytes(4000)),
    file("a list of songs", "refuse", "list.m3u", lambda d: b"#EXTM3U\n/etc/passwd\nfile:///etc/passwd\n"),
    _named("x.raw", "x.raw"),
    _named("without an ending", "sound"),
    _named("with markup", f"{MARK}.wav"),
    _named("with 300 letters", "a" * 300 + ".wav"),
    _named("with a path", "../../../etc/x.wav"),
    _named("in another alphabet", "звук ‮vaw.🎵.wav"),
    _named("as a picture", "sound.png"),
    *_spoiled("WAV", "spoiled.wav"),
    *_spoiled("FLAC", "spoiled.flac"),
    *_spoiled("OGG", "spoiled.ogg"),
    *_spoiled("MP3", "spoiled.mp3"),
    *_spoiled("AIFF", "spoiled.aiff"),
)  # fmt: skip
