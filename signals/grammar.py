"""Reviews by rule: opinions on films put together from parts, for who has no real ones to learn from.

Each is one to six sentences. A sentence praises or blames one thing, plainly, by denying the opposite, by saying that
it is too little, or by giving way (“although …, …”), where the main clause counts; the label is what most sentences
say, the last one deciding a draw. What that leaves out: stories, irony, comparison, everything between the lines. A net
that has learnt these rules knows them almost without fault, and real reviews far less well.
"""

import random
from typing import NamedTuple

THINGS = (
    "film", "movie", "story", "plot", "acting", "cast", "script", "dialogue", "ending", "direction", "music",
    "soundtrack",
    "camera work", "pacing", "lead", "humour", "first half", "last act", "editing", "scenery",
)  # fmt: skip
PRAISE = (
    "good", "great", "wonderful", "excellent", "brilliant", "superb", "moving", "funny", "clever", "beautiful",
    "gripping",
    "charming", "touching", "fresh", "delightful", "fascinating", "perfect", "memorable", "powerful", "honest", "witty",
    "enjoyable", "fantastic", "impressive", "intelligent", "sincere", "stunning", "thrilling",
)  # fmt: skip
BLAME = (
    "bad", "awful", "terrible", "boring", "dull", "weak", "poor", "stupid", "silly", "predictable", "tedious", "lame",
    "clumsy", "horrible", "pointless", "forgettable", "flat", "annoying", "confusing", "lazy", "pathetic", "dreadful",
    "ridiculous", "unconvincing", "cheap", "shallow", "empty", "disappointing",
)  # fmt: skip
VERY = ("", "", "very ", "really ", "truly ", "quite ", "so ", "absolutely ", "rather ")
OPENINGS = (
    "", "", "", "I saw it last night.", "My brother lent me the disc.", "We watched this on a train.",
    "It runs for two hours.",
    "I knew nothing about it before.", "It was shown at our village hall.", "I had read the book as a child.",
)  # fmt: skip
LIKED = (
    "I loved every minute of it.", "I would watch it again tomorrow.", "Do see it.", "I laughed and I cried.", "10/10.",
    "It stays with you for days.", "Highly recommended.", "I did not want it to end.", "You will not be bored.",
    "I have nothing to complain about.",
)  # fmt: skip
DISLIKED = (
    "I hated every minute of it.", "I would not watch it again.", "Do not waste your time.",
    "I nearly fell asleep.", "2/10.",
    "I want my two hours back.", "Avoid it.", "I could not wait for it to end.", "You will not laugh once.",
    "There is nothing to recommend it.",
)  # fmt: skip


class Review(NamedTuple):
    """A text and what it says: 1 praise, 0 blame."""

    text: str
    label: int


def reviews(n: int, seed: int) -> list[Review]:
    """`n` reviews drawn by `seed`, as many of each label but for one, none twice."""
    draw = random.Random(seed)
    found: dict[str, Review] = {}
    while len(found) < n:
        made = review(draw)
        if made.label == len(found) % 2:
            found.setdefault(made.text, made)
    return list(found.values())


def review(draw: random.Random) -> Review:
    """One, of one to six opinions."""
    leaning = draw.random()
    says = [int(draw.random() < leaning) for _ in range(draw.choice((1, 1, 2, 3, 4, 5, 6)))]
    praised = sum(says)
    label = says[-1] if 2 * praised == len(says) else int(2 * praised > len(says))
    pieces = [draw.choice(OPENINGS), *(opinion(draw, bool(praises)) for praises in says)]
    return Review(" ".join(filter(None, pieces)), label)


def opinion(draw: random.Random, praises: bool) -> str:
    """A sentence that praises, or blames."""
    this, other = (PRAISE, BLAME) if praises else (BLAME, PRAISE)
    thing, second = draw.sample(THINGS, 2)
    very, word, opposite = draw.choice(VERY), draw.choice(this), draw.choice(other)
    an = "an" if (very or word)[0] in "aeiou" else "a"
    forms = (
        f"The {thing} is {very}{word}.",
        f"The {thing} was {very}{word} and the {second} {draw.choice(this)}.",
        f"What {an} {very}{word} {thing}!",
        f"I found the {thing} {very}{word}.",
        f"The {thing} is not {opposite}.",
        f"The {thing} isn't {opposite} at all.",
        f"I would never call the {thing} {opposite}.",
        f"Nobody can say that the {thing} was {opposite}.",
        f"Although the {second} is {opposite}, the {thing} is {very}{word}.",
        f"The {second} was {opposite}, but the {thing} is {very}{word}.",
        f"The {thing} could hardly be more {word}.",
        draw.choice(LIKED if praises else DISLIKED),
    )
    return draw.choice(forms)
