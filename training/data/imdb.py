"""IMDB: 50,000 reviews of films that praise or damn (Maas et al. 2011), in their official split of two halves.

The files do not tell which film a review is of, and their rows stand in a random order: what validates is a block at
the end of the official training set. A text that stands in several splits is left out of the earlier ones.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from models import load_cached
from models.words import WordVectors
from signals.text import LONGEST, Vocabulary, batch, ends, vocabulary, words
from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, hub_file

SOURCE = Source(
    title="IMDB reviews",
    address="https://huggingface.co/datasets/stanfordnlp/imdb",
    licence="none stated; made public for research (Maas et al. 2011)",
    weights_licence="research use only, as the data",
    split="official test; validation is the last 2,500 of the official training set",
    note="The file names no films, so validation may hold reviews of a film that trains; the official test does not. "
    "123 texts stand in both official halves, and 96 and 199 are repeats: test is left as it is, and training goes "
    "without what stands in validation or in test. Of a text above 400 words the first 128 and the last 272 are read.",
    download="19 MB",
)
REPOSITORY = "stanfordnlp/imdb"
FILES = {split: f"plain_text/{split}-00000-of-00001.parquet" for split in ("train", "test")}
VALID = 10
"""One training text in so many validates: 2,500 of 25,000."""
WORDS = 25_000
"""In the vocabulary; each at least `LEAST` times in what trains."""
LEAST = 5


class Reviews(NamedTuple):
    """Texts as words, and `label_B` int64 (1: praise)."""

    texts: list[list[str]]
    label_B: Tensor


class Parts(NamedTuple):
    """What trains, validates and tests."""

    train: Reviews
    valid: Reviews
    test: Reviews


def splits(*, one_in: int = 1) -> Splits:
    """Arrays `(id_BT int16, length_B, label_B)`, T = `signals.text.LONGEST`, by the words of `word2vec` as it ships.

    With `one_in` only every so-manieth text. See `parts` for what is raised, and CheckpointMissing where there are no
    words yet.
    """
    return encoded(load_cached(WordVectors, "word2vec").model.vocabulary, parts(one_in=one_in))


def own_words() -> Splits:
    """The same by the most frequent words of what trains, which is where `word2vec` has them from."""
    found = parts()
    return encoded(_frequent(found.train), found)


def own_vocabulary() -> Vocabulary:
    """The words by which `own_words` has its ids."""
    return _frequent(parts().train)


def _frequent(train: Reviews) -> Vocabulary:
    return vocabulary(train.texts, WORDS, least=LEAST)


def encoded(known: Vocabulary, found: Parts) -> Splits:
    """Arrays as `splits` has them, by the words of `known`."""
    return Splits(*(_encoded(known, part) for part in found))


def _encoded(known: Vocabulary, part: Reviews) -> Arrays:
    id_BT, length_B = batch([ends(known.ids(words)) for words in part.texts], LONGEST)
    return id_BT, length_B, part.label_B


def parts(*, one_in: int = 1) -> Parts:
    """The reviews in whole words; see `hub_file` for what is raised, and DataDamaged."""
    train, test = official("train"), official("test")
    cut = len(train) - len(train) // VALID
    valid = train[cut:]
    elsewhere = {text for text, _ in (*valid, *test)}
    fit = [row for row in train[:cut] if row[0] not in elsewhere]
    return Parts(*(_in_words(rows[::one_in]) for rows in (fit, valid, test)))


def _in_words(rows: list[tuple[str, int]]) -> Reviews:
    return Reviews([words(text) for text, _ in rows], torch.tensor([label for _, label in rows]))


def official(split: str) -> list[tuple[str, int]]:
    """The raw texts of one official half and their labels, in their order; see `hub_file`, and DataDamaged."""
    import pyarrow as arrow  # not on the way of the first page
    import pyarrow.parquet as parquet

    path = hub_file(REPOSITORY, FILES[split])
    try:
        table = parquet.read_table(path)
        return list(zip(table["text"].to_pylist(), table["label"].to_pylist(), strict=True))
    except (arrow.ArrowException, OSError, KeyError, ValueError) as error:
        raise DataDamaged(f"{path} is damaged ({error}). Delete it and run the command again.") from error
