"""Voices of no person: ten of espeak-ng's, each of which says five sentences. They ship, and only test hears them.

`python -m training.data.synthetic` makes the recordings again; it needs the program espeak-ng (GPL 3; what it says is
not bound by that), and nothing else here does.
"""

import io
import subprocess
from pathlib import Path

import soundfile
import torch

from signals.audio import RATE_HZ, resample

FOLDER = Path(__file__).parent / "espeak"
SENTENCES = (
    "The birch canoe slid on the smooth planks.",
    "Glue the sheet to the dark blue background.",
    "It's easy to tell the depth of a well.",
    "These days a chicken leg is a rare dish.",
    "The hogs were fed chopped corn and garbage.",
)
"""From the Harvard sentences (IEEE 1969), which hold the sounds of English in their usual proportions."""
VOICES = {
    "ada": ("en-gb+female2", 62, 165),
    "bea": ("en-us+female4", 48, 150),
    "cleo": ("en-gb-scotland+female3", 74, 175),
    "dan": ("en-gb+male3", 30, 155),
    "eli": ("en-us+male7", 52, 170),
    "finn": ("en-gb-x-rp+klatt2", 40, 150),
    "gwen": ("en-us+belinda", 66, 160),
    "hope": ("en-gb-x-gbclan+steph", 58, 155),
    "ian": ("en-029+michael", 36, 165),
    "jack": ("en-us-nyc+david", 44, 160),
}
"""Name: espeak-ng's voice and variant, its pitch (0 to 99), words a minute."""


def speakers() -> dict[str, list[Path]]:
    """The recordings of every voice, sorted."""
    return {name: [FOLDER / f"{name}-{i}.ogg" for i in range(len(SENTENCES))] for name in VOICES}


def spoken(voice: str, pitch: int, speed: int, text: str) -> torch.Tensor:
    """`text` as samples `(T,)` at 16 kHz, at a peak of 0.5."""
    command = ["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(speed), "--stdout", text]
    content = subprocess.run(command, check=True, capture_output=True).stdout
    samples, rate_hz = soundfile.read(io.BytesIO(content), dtype="float32")
    x_T = resample(torch.from_numpy(samples), rate_hz, RATE_HZ)
    return x_T * (0.5 / x_T.abs().max())


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, voice in VOICES.items():
        for path, text in zip(speakers()[name], SENTENCES, strict=True):
            soundfile.write(path, spoken(*voice, text).numpy(), RATE_HZ, format="OGG", subtype="VORBIS")


if __name__ == "__main__":
    main()
