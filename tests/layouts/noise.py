"""A small `noise/` with its list: of train one kind that only validation hears, and one recording for research only."""

from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 16_000
ROWS = {
    "train/street.ogg": ("street", "CC BY"),
    "train/crowd.ogg": ("crowd", "research or study, not commercial"),
    "train/dryer.ogg": ("dryer", "CC0"),
    "test/cafe.ogg": ("cafe", "CC0"),
    "test/wind.ogg": ("wind", "CC0"),
}


def write(root: Path) -> Path:
    draw, folder = np.random.default_rng(0), root / "noise"
    lines = ["file,kind,seconds,source,licence"]
    for file, (kind, licence) in ROWS.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / file, 0.1 * draw.standard_normal(int(4.5 * RATE_HZ)), RATE_HZ)
        lines.append(f'{file},{kind},4.5,made here,"{licence}"')
    (folder / "noise.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root
