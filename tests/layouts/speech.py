"""A small AN4 and a small LibriSpeech, and noises as ESC-10 has them: tones and hisses in the right folders."""

from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 16_000
KINDS = (
    "baby_cry",
    "chainsaw",
    "clock_tick",
    "dog_bark",
    "fire_crackling",
    "helicopter",
    "person_sneeze",
    "rain",
    "rooster",
    "sea_waves",
)


def write(root: Path) -> Path:
    draw = np.random.default_rng(0)

    def put(path: Path, seconds: float, pitch_hz: float) -> None:
        t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
        voice = sum(np.sin(2 * np.pi * k * pitch_hz * t) / k for k in range(1, 6))
        samples = 0.1 * voice * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t)) + 0.005 * draw.standard_normal(len(t))
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples, RATE_HZ)

    for i in range(8):
        for j in range(3):
            put(root / "an4" / "an4_clstk" / f"s{i:03}" / f"cen{j}-s{i:03}-b.flac", 2.1 + 0.4 * j, 90 + 25 * i)
    for i in range(4):
        for j in range(3):
            put(root / "an4" / "an4test_clstk" / f"t{i:03}" / f"cen{j}-t{i:03}-b.flac", 2.3, 95 + 31 * i)
    for i in range(6):
        put(root / "LibriSpeech" / "train-clean-100" / f"{100 + i}" / "7" / f"{100 + i}-7-0000.flac", 3.0, 100 + 19 * i)
    for i in range(4):
        for j in range(3):
            put(
                root / "LibriSpeech" / "test-other" / f"{900 + i}" / "5" / f"{900 + i}-5-000{j}.flac", 4.5, 105 + 23 * i
            )
    for kind in KINDS:
        for fold in range(1, 6):
            path = root / "esc10" / kind / f"{fold}-1000{fold}-A.ogg"
            path.parent.mkdir(parents=True, exist_ok=True)
            hiss = draw.standard_normal(5 * RATE_HZ).cumsum()
            soundfile.write(path, 0.3 * (hiss - hiss.mean()) / np.abs(hiss - hiss.mean()).max(), RATE_HZ)
    _everyday(root / "noise", draw)
    return root


def _everyday(folder: Path, draw: np.random.Generator) -> None:
    """Five recordings with their list: of train one that only validation hears, and one that is for research only."""
    rows = {
        "train/street.ogg": ("street", "CC BY"), "train/crowd.ogg": ("crowd", "research or study, not commercial"),
        "train/dryer.ogg": ("dryer", "CC0"), "test/cafe.ogg": ("cafe", "CC0"), "test/wind.ogg": ("wind", "CC0"),
    }  # fmt: skip
    lines = ["file,kind,seconds,source,licence"]
    for file, (kind, licence) in rows.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / file, 0.1 * draw.standard_normal(int(4.5 * RATE_HZ)), RATE_HZ)
        lines.append(f'{file},{kind},4.5,made here,"{licence}"')
    (folder / "noise.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
