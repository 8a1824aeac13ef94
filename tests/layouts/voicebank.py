"""A small VoiceBank-DEMAND: a few sentences of five speakers, clean and noisy, 48 kHz, in the upstream's folders."""

from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 48_000
SPEAKERS = {"train": ("p226", "p228", "p233", "p287"), "test": ("p232", "p257")}
FOLDERS = {
    "train": ("clean_trainset_28spk_wav", "noisy_trainset_28spk_wav"),
    "test": ("clean_testset_wav", "noisy_testset_wav"),
}


def write(root: Path) -> Path:
    draw = np.random.default_rng(1)
    for part, speakers in SPEAKERS.items():
        for i, speaker in enumerate(speakers):
            for sentence in range(1, 4):
                t = np.arange(int((1.5 + sentence) * RATE_HZ)) / RATE_HZ
                voice = 0.2 * np.sin(2 * np.pi * (110 + 30 * i) * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
                noise = 0.05 * draw.standard_normal(len(t))
                for folder, samples in zip(FOLDERS[part], (voice, voice + noise), strict=True):
                    path = root / "VoiceBank-DEMAND" / folder / f"{speaker}_{sentence:03}.wav"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    soundfile.write(path, samples, RATE_HZ)
    return root
