"""Make the speech that ships with the Denoising tab, again: `python -m demos.denoising.examples.make`.

Needs espeak-ng. The sentences are the project's own; each is spoken by another of espeak-ng's voices, brought to 16 kHz
and to −23 dB of full scale, and stored without loss.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import soundfile

from signals import audio

FOLDER = Path(__file__).parent
RMS = 10 ** (-23 / 20)
SENTENCES = {
    "harbour": ("en-gb", "The fishing boats come back to the harbour before the evening rain."),
    "kitchen": ("en-us+f3", "She left the kitchen window open, and the smell of bread filled the street."),
    "train": ("en-gb-scotland+m3", "The last train to the coast leaves from platform seven at a quarter past nine."),
    "orchard": ("en-gb-x-rp+f2", "Six old pear trees stand behind the house, and every one of them bears fruit."),
    "letter": ("en-us+m7", "Please read the letter twice, and then tell me what you think of it."),
    "museum": ("en-029+f4", "The museum is closed on Monday, but the garden is always open."),
    "bridge": ("en-gb-x-gbcwmd", "Nobody had crossed the wooden bridge since the great storm in the spring."),
    "market": ("en-us-nyc+f5", "You can buy fresh cheese and honey at the market on Saturday morning."),
}
"""What is said, and the voice that says it; the file's name is the first word."""


def speak(voice: str, sentence: str, target: Path) -> None:
    """One sentence as a 16-bit FLAC at 16 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", raw, sentence], check=True)
        x_T = audio.load(raw)
    x_T = x_T * (RMS / x_T.square().mean().sqrt())
    soundfile.write(target, audio.to_int16(x_T)[0].numpy(), audio.RATE_HZ)


def main() -> None:
    if shutil.which("espeak-ng") is None:
        raise SystemExit("espeak-ng is needed: apt-get install espeak-ng")
    FOLDER.mkdir(exist_ok=True)
    for name, (voice, sentence) in SENTENCES.items():
        speak(voice, sentence, FOLDER / f"{name}.flac")


if __name__ == "__main__":
    main()
