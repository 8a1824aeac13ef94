"""`sentiment_lstm`: a long short-term memory reads a review (Hochreiter & Schmidhuber 1997)."""

from dataclasses import replace
from functools import partial
from typing import Any

from models.sentiment import Sentiment
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import imdb, made_up_reviews
from training.tasks import sentiment

STEPS_AN_EPOCH = 43


def recurrent(name: str, cell: str, **options: Any) -> Recipe[Sentiment]:
    """A net with this cell; data, budget, vectors and pooling are the same for all."""
    return Recipe(
        name=name,
        model=partial(Sentiment, cell=cell, **options),
        data=imdb.splits,
        samples=made_up_reviews.splits,
        source=imdb.SOURCE,
        optimizers=adamw(weight_decay=1e-3, fused=True),
        step=partial(sentiment.step, unknown=0.15),
        evaluate=sentiment.evaluate,
        budget=Budget(steps=4 * STEPS_AN_EPOCH, batch_size=512, lr=2e-3, eval_every=STEPS_AN_EPOCH // 2),
        headline=sentiment.ACCURACY,
        averaging=0.97,
        intervals=sentiment.intervals,
        evidence=sentiment.evidence,
    )


recipe = recurrent("sentiment_lstm", "lstm")

LIVE = Budget(steps=2000, batch_size=256, lr=8e-3, eval_every=5)
"""A visitor's seconds end it long before its steps do. At this rate an LSTM has 94 % of the made-up reviews right after
23 s on one thread, and 89 % of 250 validation reviews after 27 s where the data is (at 2e-3: 88 % of the made-up)."""
live = replace(recipe, data=partial(imdb.splits, one_in=10), budget=LIVE)
"""What a visitor trains where the data is: on a tenth of it."""
