"""`speaker_siamese`: the course's recurrent net as Siamese twins, on the contrastive loss, recordings as they are."""

from functools import partial

from models.speaker import SiameseGRU
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import speakers
from training.tasks import voices

recipe = Recipe(
    name="speaker_siamese",
    model=partial(SiameseGRU),
    data=speakers.splits,
    source=speakers.SOURCE,
    optimizers=adamw(weight_decay=0.05),
    step=voices.contrastive_step,
    evaluate=voices.evaluate,
    budget=Budget(steps=300, batch_size=32, lr=1e-3, eval_every=30),
    headline=voices.EER,
    headline_over=voices.an4_recordings,
    averaging=0.99,
    intervals=voices.intervals,
    evidence=voices.evidence,
)
