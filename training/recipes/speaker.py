"""`speaker`: a small net of convolutions taught by margins and prototypes, beside plain statistics of every band."""

from functools import partial

from models.speaker import SpeakerNet
from training._recipe import Budget, Recipe
from training._steps import adamw
from training._voices import SPEEDS, begin_with_statistics, evaluate, evidence, intervals, margin_step
from training.data import speakers

SPEAKERS = 63 + 251
"""AN4's training speakers and LibriSpeech's train-clean-100; each counts once for every speed."""

recipe = Recipe(
    name="speaker",
    model=partial(SpeakerNet, classes=SPEAKERS * len(SPEEDS)),
    data=speakers.splits,
    source=speakers.SOURCE,
    optimizers=adamw(weight_decay=0.05),
    step=margin_step,
    evaluate=evaluate,
    budget=Budget(steps=700, batch_size=32, lr=2e-3, eval_every=70),
    headline="eer",
    lower_is_better=True,
    initial=begin_with_statistics,
    averaging=0.99,
    export=SpeakerNet.exported,
    intervals=intervals,
    evidence=evidence,
)
