"""`word2vec`: a vector a word, by gensim's skip-gram from the training reviews alone, and the plainest net on top.

The head, which asks the mean of a text's vectors, is what the words say without their order. The four recurrent nets
share these vectors as they ship.
"""

from functools import partial

from models.words import WordVectors
from training._recipe import Budget, Recipe, Splits
from training._steps import adamw
from training._word2vec import skip_gram
from training.data import imdb
from training.tasks import sentiment

EPOCHS = 5
"""Of skip-gram; the budget below is the head's."""


def learn_words(model: WordVectors, splits: Splits) -> None:
    """The vocabulary of what trains, and its vectors."""
    known = imdb.own_vocabulary()
    id_BT, length_B, _ = splits.train
    model.adopt(known, skip_gram(id_BT, length_B, len(known.words), model.dimensions, epochs=EPOCHS))


recipe = Recipe(
    name="word2vec",
    model=partial(WordVectors, words=imdb.WORDS),
    data=imdb.own_words,
    source=imdb.SOURCE,
    optimizers=adamw(weight_decay=1e-4, fused=True),
    step=sentiment.step,
    evaluate=sentiment.evaluate,
    budget=Budget(steps=400, batch_size=512, lr=2e-2),
    headline=sentiment.ACCURACY,
    initial=learn_words,
    intervals=sentiment.intervals,
)
