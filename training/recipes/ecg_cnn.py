"""`ecg_cnn`: the course work's small CNN on a beat alone; without the rhythm, an early beat looks like any other."""

from functools import partial

from models.ecg import BeatCNN
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import beats, mitbih
from training.tasks import heartbeats

recipe = Recipe(
    name="ecg_cnn",
    model=partial(BeatCNN),
    data=beats.alone,
    source=mitbih.SOURCE,
    optimizers=adamw(weight_decay=0.05),
    step=partial(heartbeats.step, prior=beats.log_prior, strength=0.5),
    evaluate=heartbeats.evaluate,
    budget=Budget(steps=6 * 326, batch_size=128, lr=1e-3, eval_every=326),
    headline=heartbeats.MACRO_F1,
    averaging=0.995,
    intervals=heartbeats.intervals,
    evidence=heartbeats.evidence,
)
