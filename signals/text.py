"""A text as words and as numbers: tokens that keep what negates, a vocabulary, and long texts as their two ends."""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

PADDING, UNKNOWN, FIRST = 0, 1, 2
"""The ids of no word, of a word that is not in the vocabulary, and of the vocabulary's first."""
HEAD, TAIL = 128, 272
LONGEST = HEAD + TAIL
"""Of a longer text the first 128 words and the last 272 are read: where a review opens, and where it concludes."""
MAX_CHARACTERS = 1_000_000
LETTERS = 24
"""Bytes of UTF-8 that a word of a vocabulary may have: a longer one is nobody's word."""
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,300}>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘´`ʼ", "'"))
_TOKEN = re.compile(
    r"\d+(?:[./,]\d+)*"  # 10/10 and 7.5 are verdicts
    r"|[^\W_]+?(?=n't(?![^\W_]))|n't(?![^\W_])"  # don't → do n't
    r"|'(?:s|re|ve|ll|d|m)(?![^\W_])"
    r"|[^\W_]+"
    r"|[.!?]+",
    re.IGNORECASE,
)


class Token(NamedTuple):
    """A word as the nets know it, and the characters of `cleaned` text that it was made of."""

    word: str
    start: int
    end: int


def cleaned(text: str) -> str:
    """`text` without HTML, entities, control and direction characters, lone surrogates; its apostrophes straight.

    ValueError above `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(
            f"This text has {len(text):,} characters, and at most {MAX_CHARACTERS:,} are read. Paste a part of it."
        )
    bare = _TAG.sub(" ", html.unescape(text))
    return _CONTROL.sub(" ", unicodedata.normalize("NFC", bare)).translate(_APOSTROPHES)


def tokens(clean: str) -> list[Token]:
    """The words of `cleaned` text as the Penn Treebank cuts them: “didn't” is “did” and “n't”, “it's” is “it” and “'s”.

    Ends of sentences are words too (“.”, “!”, “?”, “...”); all other punctuation is left out.
    """
    return [Token(_folded(m.group()), m.start(), m.end()) for m in _TOKEN.finditer(clean)]


def words(text: str) -> list[str]:
    """The words of raw `text`, cleaned and in lower case without accents; ValueError above `MAX_CHARACTERS`."""
    return [_folded(piece) for piece in _TOKEN.findall(cleaned(text))]


def _folded(piece: str) -> str:
    """Lower case without accents; a run of marks becomes one."""
    if piece[0] in ".!?":
        return next((mark for mark in "?!" if mark in piece), "..." if len(piece) > 1 else ".")
    if piece.isascii():
        return piece.lower()
    apart = unicodedata.normalize("NFKD", piece.lower())
    return unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f"))


@dataclass(frozen=True)
class Vocabulary:
    """Words, the most frequent first; the id of `words[i]` is `FIRST + i`."""

    words: tuple[str, ...]

    @cached_property
    def place(self) -> dict[str, int]:
        """The id of each word."""
        return {word: FIRST + i for i, word in enumerate(self.words)}

    def ids(self, said: Iterable[str]) -> list[int]:
        """The id of each word, `UNKNOWN` where the vocabulary lacks it."""
        return [self.place.get(word, UNKNOWN) for word in said]

    def word(self, identity: int) -> str:
        """The word of an id; nothing for `PADDING` and `UNKNOWN`."""
        return self.words[identity - FIRST] if identity >= FIRST else ""

    def spelling(self) -> Tensor:
        """The words in UTF-8, filled up with zeros, `(V, LETTERS)` uint8."""
        letters = bytearray(b"".join(word.encode().ljust(LETTERS, b"\0") for word in self.words))
        return torch.frombuffer(letters, dtype=torch.uint8).view(-1, LETTERS).clone()


def spelled(letter_VL: Tensor) -> Vocabulary:
    """The vocabulary whose `spelling` this is."""
    return Vocabulary(tuple(bytes(row).rstrip(b"\0").decode() for row in letter_VL.tolist() if any(row)))


def vocabulary(texts: Iterable[Sequence[str]], size: int, *, least: int = 1) -> Vocabulary:
    """The `size` most frequent words of these texts, each there `least` times; of equals the first in the alphabet."""
    counts = Counter(word for text in texts for word in text)
    fit = [(-n, word) for word, n in counts.items() if n >= least and len(word.encode()) <= LETTERS]
    return Vocabulary(tuple(word for _, word in sorted(fit)[:size]))


def ends(ids: Sequence[int], head: int = HEAD, tail: int = TAIL) -> list[int]:
    """`ids`, or of more than `head + tail` the first and the last of them."""
    return list(ids) if len(ids) <= head + tail else [*ids[:head], *ids[-tail:]]


def batch(texts: Sequence[Sequence[int]], width: int | None = None) -> tuple[Tensor, Tensor]:
    """Ids, `PADDING` behind them, `(B, T)` int16, and how many there are of each text, `(B,)` int64.

    T is that of the longest, or `width`.
    """
    n_B = [len(ids) for ids in texts]
    id_BT = np.zeros((len(texts), width or max(n_B, default=0)), dtype=np.int16)
    for row_T, ids in zip(id_BT, texts, strict=True):
        row_T[: len(ids)] = ids
    return torch.from_numpy(id_BT), torch.tensor(n_B, dtype=torch.int64)
