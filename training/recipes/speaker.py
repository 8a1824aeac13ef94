"""`speaker`: a small net of convolutions taught by margins and prototypes, beside plain statistics of every band."""

from dataclasses import replace
from functools import partial

from models.speaker import SpeakerNet
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import speakers
from training.tasks import voices

SPEAKERS = 63 + 226
"""AN4's training speakers and LibriSpeech's; each counts once for every speed."""
STEPS = 300
"""The last step's weights ship. The statistics' share of 0.7 and the 200 nearest of the cohort were chosen on the
validation speakers; where training speakers are left out in turn (`benchmarks/choices/speaker.py`) shares from 0.7 to
0.9 with any part of the cohort come within 0.4 points of one another, and the plain cosine 1.6 points behind.
"""

recipe = Recipe(
    name="speaker",
    model=partial(SpeakerNet, classes=SPEAKERS * len(voices.SPEEDS), cohort=SPEAKERS, share=0.7),
    data=speakers.splits,
    source=replace(
        speakers.SOURCE,
        note=f"{speakers.SOURCE.note} What counts how much was chosen on the validation speakers; some eight earlier "
        "versions were seen on AN4's and LibriSpeech's test, the last of them on the synthetic voices too; this one "
        "once.",
    ),
    optimizers=adamw(weight_decay=0.05),
    step=voices.step,
    evaluate=voices.evaluate,
    budget=Budget(steps=STEPS, batch_size=32, lr=2e-3, eval_every=STEPS),
    headline=voices.EER,
    headline_over=voices.an4_recordings,
    initial=voices.fit_discriminant,
    averaging=0.99,
    export=SpeakerNet.exported,
    complete=voices.gather_cohort,
    intervals=voices.intervals,
    evidence=voices.evidence,
)
