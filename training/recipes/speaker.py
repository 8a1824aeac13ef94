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
"""How long, how disguised, what share the statistics have and how many of the cohort count: chosen by leaving training
speakers out in turn (`benchmarks/choices/speaker.py`). So the last step's weights ship, and validation gives the tab
its threshold.
"""

recipe = Recipe(
    name="speaker",
    model=partial(SpeakerNet, classes=SPEAKERS * len(voices.SPEEDS), cohort=SPEAKERS, share=0.7),
    data=speakers.splits,
    source=replace(
        speakers.SOURCE,
        note=f"{speakers.SOURCE.note} Chosen by leaving training speakers out in turn; some seven earlier versions, "
        "one of them held against a cohort too, were seen on AN4's and LibriSpeech's test, this one once.",
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
