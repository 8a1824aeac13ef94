"""Texts as the tab shows them: what is read of one, word by word, what stands between, and sentences of our own to try."""

import itertools
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from signals.behaviour import NAMES
from signals.text import UNKNOWN, Vocabulary, cleaned, ends, tokens

FOLDER = Path(__file__).parent / "examples"
EXAMPLES = {
    "A turn": "turn",
    "Plain praise": "praise",
    "Not": "not",
    "Sarcasm": "sarcasm",
    "A name": "name",
    "Problems": "problems",
    "Unknown words": "unknown",
    "Another language": "german",
    "A thousand words": "long",
}
"""What is offered, and the files in `examples`; all of it was written for this project."""
FIRST = "A turn"
SHOWN = 20_000
"""Characters up to which a text can be changed word by word; of a longer one no more than the words that are read travel."""
LONG_WORD = 40
"""Letters of a word that are shown."""
KNOWN_AT_LEAST = 0.75
"""The share of words in the vocabulary below which a text is no English review.

No validation review of 2,500 and no test review of 5,000 has less than .86; sentences in seven other languages have at
most .61.
"""
_READ = itertools.count(1)


class Piece(NamedTuple):
    """A word as it is written, what stands before it and is not read, the word as nets know it, and its id."""

    before: str
    text: str
    word: str
    id: int


@dataclass(frozen=True)
class Text:
    """What is read of a text: of `n` words the first 128 and the last 272, where there are more than 400."""

    key: str
    pieces: tuple[Piece, ...]
    after: str
    n: int
    editable: bool = True

    @property
    def ids(self) -> list[int]:
        """As nets are asked."""
        return [piece.id for piece in self.pieces]

    @property
    def left_out(self) -> int:
        """Words that nobody reads."""
        return self.n - len(self.pieces)

    @property
    def unknown(self) -> list[str]:
        """Words that the vocabulary lacks."""
        return [piece.text[:LONG_WORD] for piece in self.pieces if piece.id == UNKNOWN]

    @property
    def is_foreign(self) -> bool:
        """Whether too few words are known for it to be an English review; a last one may still be being written."""
        ids = self.ids[:-1] if self._is_unfinished else self.ids
        return ids.count(UNKNOWN) > (1 - KNOWN_AT_LEAST) * len(ids)

    @property
    def _is_unfinished(self) -> bool:
        return len(self.pieces) > 1 and self.pieces[-1].id == UNKNOWN and not self.after


def in_words(raw: str, known: Vocabulary) -> Text:
    """A visitor's text; ValueError above `signals.text.MAX_CHARACTERS`."""
    clean = cleaned(raw)
    found = tokens(clean)
    editable, pieces, end = len(clean) <= SHOWN, [], 0
    ids = known.ids(token.word for token in found)
    for k in ends(range(len(found))):
        word, start, stop = found[k]
        before, text = clean[end:start], clean[start:stop]
        pieces.append(Piece(before if editable else before[-1:], text if editable else text[:LONG_WORD], word, ids[k]))
        end = stop
    return Text(f"text {next(_READ)}", tuple(pieces), clean[end:] if editable else "", len(found), editable)


@cache
def example(name: str) -> str:
    """One of `EXAMPLES`; ValueError for another name."""
    if name not in EXAMPLES:
        raise ValueError("There is no such example here. Choose one of those in the row, or write a sentence.")
    return (FOLDER / f"{EXAMPLES[name]}.txt").read_text(encoding="utf-8").strip()


class Claim(NamedTuple):
    """A sentence, and what any reader of English takes it for: 1 praise, 0 blame."""

    kind: str
    text: str
    label: int


HARD = (
    Claim("negation", "It is not a bad film.", 1),
    Claim("negation", "You will not be bored, and you will not be sorry that you went.", 1),
    Claim("negation", "I wanted to love it, and I could not.", 0),
    Claim("negation", "The acting would have been great with a better script.", 0),
    Claim("sarcasm", "Oh great, another two hours of people shouting in corridors.", 0),
    Claim("sarcasm", "If you enjoy watching paint dry, this is the film for you.", 0),
    Claim("sarcasm", "The best scene is the one with the closing credits.", 0),
    Claim("“problems”", "A film full of problems.", 0),
    Claim("“problems”", "The film has problems.", 0),
)
"""Sentences of ours on which counted words and recurrent nets fail in their own ways; with the long text, which is cut."""
NEUTRAL = "{} plays the lead in this film."
"""Says nothing, whoever it is about."""
SOMEBODY = tuple(sorted({name for pair in NAMES for name in pair}))


def hard_cases() -> tuple[Claim, ...]:
    """`HARD`, and the long text, whose praise stands where nobody reads."""
    return *HARD, Claim("cut at 400 words", example("A thousand words"), 1)
