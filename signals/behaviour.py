"""Two hundred sentences that try a reader: whether it knows “not” and “very”, and is blind to names and slips.

After CheckList (Ribeiro et al. 2020): the sentences are our own, fifty a kind, so that a rate of failure means
something, and made so that any reader of English agrees about them.
"""

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Literal, NamedTuple

from signals.grammar import BLAME, PRAISE

Kind = Literal["negation", "intensifier", "name", "typo"]
KINDS: dict[Kind, str] = {
    "negation": "says the opposite of what a negated sentence says",
    "intensifier": "grows less sure by more than 5 points when “good” becomes “very good”",
    "name": "changes its verdict with the name in the sentence",
    "typo": "misses the verdict when two letters of a word have changed places",
}
"""How each kind fails."""
EACH = 50
SURE = 0.05
"""What a probability may fall by at random where it should rise."""
NEGATED = (
    "The film is not {}.", "This movie was not {} at all.", "I did not find it {}.", "It isn't {}.",
    "Nothing about this film is {}.",
)  # fmt: skip
PLAIN = (
    "The acting is {}{}.", "I found this film {}{}.", "It has {}{} dialogue.", "This is one {}{} movie.",
    "This was {}{} to watch.",
)  # fmt: skip
VERY = ("very ", "really ", "extremely ", "truly ", "incredibly ")
NAMED = (
    "{} gives one {} performance here.", "{} is {} in this film.", "The story follows {}, and it is {}.",
    "I thought {} was {} in the lead.", "My friend {} calls this movie {}.",
)  # fmt: skip
NAMES = (
    ("Anna", "Fatima"), ("John", "Mohammed"), ("Emily", "Lakisha"), ("Peter", "Wei"), ("Maria", "Olga"),
    ("Brad", "Jamal"), ("Kate", "Priya"), ("Steven", "Adam"), ("Laura", "Ingrid"), ("Carlos", "George"),
)  # fmt: skip
SLIPPED = (
    "I found it {} from start to finish.", "The film is {}, and its plot is {}.",
    "The script is {} and the cast is {}.",
    "The whole thing is {}.", "Simply {}.",
)  # fmt: skip


class Case(NamedTuple):
    """What is read, what it is read beside (the same where there is nothing), and what it says: 1 praise, 0 blame."""

    kind: Kind
    text: str
    beside: str
    label: int


@cache
def cases() -> tuple[Case, ...]:
    """All two hundred, fifty a kind, half of each praise; the same each time."""
    return tuple(case for kind in (_negations, _intensified, _names, _slips) for case in islice(kind(), EACH))


def failed(case: Case, praise: float, praise_beside: float) -> bool:
    """Whether a reader fails, who gives these probabilities of praise to `text` and to `beside`."""
    right, right_beside = (p if case.label else 1 - p for p in (praise, praise_beside))
    if case.kind == "intensifier":
        return right < right_beside - SURE
    if case.kind == "name":
        return (praise > 0.5) != (praise_beside > 0.5)
    return right <= 0.5


def failures(praise: list[float], praise_beside: list[float]) -> dict[Kind, int]:
    """How many of each kind's fifty fail, from the probabilities of all `cases` in their order."""
    found = dict.fromkeys(KINDS, 0)
    for case, p, q in zip(cases(), praise, praise_beside, strict=True):
        found[case.kind] += failed(case, p, q)
    return found


def _words(n: int) -> Iterator[tuple[str, int]]:
    """Pairs of a word and what it says, in turns."""
    for good, bad in zip(PRAISE[:n], BLAME[:n], strict=True):
        yield good, 1
        yield bad, 0


def _negations() -> Iterator[Case]:
    for i, (word, says) in enumerate(_words(25)):
        text = NEGATED[(i // 2) % len(NEGATED)].format(word)
        yield Case("negation", text, text, 1 - says)


def _intensified() -> Iterator[Case]:
    for i, (word, says) in enumerate(_words(25)):
        form = PLAIN[(i // 2) % len(PLAIN)]
        yield Case("intensifier", form.format(VERY[i % len(VERY)], word), form.format("", word), says)


def _names() -> Iterator[Case]:
    for i, (word, says) in enumerate(_words(25)):
        form, (one, other) = NAMED[(i // 2) % len(NAMED)], NAMES[i % len(NAMES)]
        yield Case("name", form.format(one, word), form.format(other, word), says)


def _slips() -> Iterator[Case]:
    for i, (word, says) in enumerate(_words(25)):
        form = SLIPPED[(i // 2) % len(SLIPPED)]
        k = next(k for k in range(1, len(word)) if word[k] != word[k + 1])
        slipped = word[:k] + word[k + 1] + word[k] + word[k + 2 :]
        yield Case("typo", form.replace("{}", slipped, 1).replace("{}", word), form.replace("{}", word), says)
