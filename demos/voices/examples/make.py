"""Make the synthetic voices that ship with the tab “Voices” again: `python -m demos.voices.examples.make`.

Needs the program espeak-ng (GPL 3; what it says is not bound by that). Six of its voices say one sentence each: they
are what the tab calls strangers. `benchmarks/voices.py` has them say the others too.
"""

import io
import subprocess
from pathlib import Path

import soundfile
import torch

from signals.audio import RATE_HZ, resample

HERE = Path(__file__).parent
SENTENCES = (
    "The birch canoe slid on the smooth planks.",
    "Glue the sheet to the dark blue background.",
    "It's easy to tell the depth of a well.",
    "These days a chicken leg is a rare dish.",
)
"""From the Harvard sentences (IEEE 1969), which hold the sounds of English in their usual proportions; the first ships."""
VOICES = {
    "ada": ("en-gb+female2", 62, 165),
    "bea": ("en-us+female4", 48, 150),
    "cleo": ("en-gb-scotland+female3", 74, 175),
    "dan": ("en-gb+male3", 30, 155),
    "eli": ("en-us+male7", 52, 170),
    "finn": ("en-gb-x-rp+klatt2", 40, 150),
}
"""Name: espeak-ng's voice and variant, its pitch (0 to 99), words a minute."""


def spoken(voice: str, pitch: int, speed: int, text: str) -> torch.Tensor:
    """`text` as samples `(T,)` at 16 kHz, at a peak of 0.5."""
    command = ["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(speed), "--stdout", text]
    content = subprocess.run(command, check=True, capture_output=True).stdout
    samples, rate_hz = soundfile.read(io.BytesIO(content), dtype="float32")
    x_T = resample(torch.from_numpy(samples), rate_hz, RATE_HZ)
    return x_T * (0.5 / x_T.abs().max())


def main() -> None:
    HERE.mkdir(exist_ok=True)
    for name, (voice, pitch, speed) in VOICES.items():
        x_T = spoken(voice, pitch, speed, SENTENCES[0])
        soundfile.write(HERE / f"{name}.flac", x_T.numpy(), RATE_HZ)


if __name__ == "__main__":
    main()
