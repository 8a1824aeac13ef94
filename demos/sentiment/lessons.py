"""What is learnt beside one text: how far back nets remember, where they fail, what words lie near one another."""

import json
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from demos._ui.nets import Net
from demos.sentiment.nets import LAST_STATE, NEIGHBOURS, RECIPES, Own, nets, praise_of, vectors
from demos.sentiment.texts import NEUTRAL, SOMEBODY, Claim, Text, hard_cases
from models import CheckpointDamaged, CheckpointMissing
from models.sentiment import Sentiment
from signals.behaviour import Kind, failures
from signals.text import FIRST, batch, ends, words
from training import RESULTS, Recipe
from training.tasks import sentiment

MEASURED = RESULTS / "sentiment.json"
COUNTING = ("tf-idf", "NBSVM")
"""How the names begin of what counts words and has no memory."""
COUNTED = (
    "Accuracy ↑, per cent, by the words of a review: the nets beside counted words, pairs and triples, which have no memory "
    "and need a minute to fit. The best of each column is bold."
)
MAPPED = range(60, 460)
"""Which words are on the map, by how frequent they are: the first sixty are of grammar rather than of films."""
REVIEW = 200
"""Words of a review, about as many as the median has (190)."""


class Memory(NamedTuple):
    """By net, at each of `k` last words that are read alone: accuracy on test, and this text's probability; and how much
    each word moves this text's answer, ‖∂ log-odds / ∂ vector‖, the last word first. `typical` is the median of that over
    long test reviews, by how far from the end, where the evidence has it."""

    k: list[int]
    accuracy: dict[str, list[float]]
    praise: dict[str, list[float]]
    gradient: dict[str, list[float]]
    typical: dict[str, list[tuple[int, float]]]


def memory(text: Text, own: Own) -> Memory:
    """Of all six nets, those whose last state alone answers included; CheckpointMissing where there is none."""
    stops: list[int] = list(sentiment.LAST)
    ids = text.ids
    here = {**nets(own), **_there(LAST_STATE, own)}
    accuracy = {name: line for name, net in here.items() if (line := _by_last(net))}
    typical = {name: line for name, net in here.items() if (line := _typical(net))}
    tails = [ids[-k:] for k in stops if k < len(ids)] + [ids]
    praise, gradient = {}, {}
    for name, net in here.items() if ids else ():
        found = praise_of(net, tails)
        praise[name] = found + [found[-1]] * (len(stops) - len(found))
        gradient[name] = sentiment.gradient_sizes(net.model, *batch([ids]))[0].flip(0).tolist()
    return Memory(stops, accuracy, praise, gradient, typical)


def _there(recipes: dict[str, Recipe[Sentiment]], own: Own) -> dict[str, Net[Sentiment]]:
    try:
        return nets(own, recipes)
    except (CheckpointMissing, CheckpointDamaged):
        return {}


def _by_last(net: Net[Sentiment]) -> list[float]:
    """Nothing where the evidence has not all stops, as that of a visitor's own net."""
    line = net.evidence.get("accuracy_last_k")
    return line.tolist() if line is not None and len(line) == len(sentiment.LAST) else []


def _typical(net: Net[Sentiment]) -> list[tuple[int, float]]:
    facts = net.evidence
    if "distance" not in facts:
        return []
    return list(zip(facts["distance"].tolist(), facts["gradient"].tolist(), strict=True))


# Where they fail


class Trial(NamedTuple):
    """A sentence that a reader of English has no doubt about, and each net's probability of praise."""

    claim: Claim
    praise: dict[str, float]


def trials(own: Own) -> list[Trial]:
    """`hard_cases` by every net that is here."""
    claims = hard_cases()
    ids = [_ids(claim.text) for claim in claims]
    found = {name: praise_of(net, ids) for name, net in nets(own).items()}
    return [Trial(claim, {name: line[i] for name, line in found.items()}) for i, claim in enumerate(claims)]


def by_name(own: Own) -> dict[str, dict[str, float]]:
    """The probability of praise of one sentence that says nothing, by net and by whom it is about."""
    ids = [_ids(NEUTRAL.format(name)) for name in SOMEBODY]
    return {name: dict(zip(SOMEBODY, praise_of(net, ids), strict=True)) for name, net in nets(own).items()}


def _ids(text: str) -> list[int]:
    return ends(vectors().vocabulary.ids(words(text)))


def failed_cases(own: Own) -> dict[str, dict[Kind, int]]:
    """Of the two hundred sentences of `signals.behaviour`, how many of each kind every net fails on."""
    found = {}
    for name, net in nets(own).items():
        if "case" in net.evidence:
            praise, beside = net.evidence["case"].float().T.tolist()
            found[name] = failures(praise, beside)
    return found


@cache
def measured() -> dict[str, Any]:
    """The tables of `benchmarks.sentiment`; empty where it has not been run."""
    return json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}


def best_by_length() -> dict[str, Any]:
    """Of the table by length, with shorter names, the page's nets, and of what counts words whatever leads a column."""
    found = measured().get("lengths")
    if not found:
        return {}
    peers = [row for row in found["rows"] if row[0].startswith(COUNTING)]
    leads = {max(peers, key=lambda row: float(row[i]))[0] for i in range(1, len(found["columns"])) if peers}
    shown = leads | {f"`{recipe.name}`" for recipe in RECIPES.values()}
    rows = [[re.split(r", logistic| \(", row[0])[0], *row[1:]] for row in found["rows"] if row[0] in shown]
    return {"caption": COUNTED, "columns": [name.split(" (")[0] for name in found["columns"]], "rows": rows}


def displayed(name: str) -> str:
    """A reader's name in the benchmark as the page has it."""
    by_recipe = {recipe.name: title for title, recipe in {**RECIPES, **LAST_STATE}.items()}
    bare = name.replace("`", "")
    for recipe in sorted(by_recipe, key=len, reverse=True):
        bare = bare.replace(recipe, by_recipe[recipe])
    return bare.replace("word2vec", "mean of Word2Vec")


# Words


class Mapped(NamedTuple):
    """A word on the plane, and the log-odds that it adds to a review of 200 words where the mean of vectors answers."""

    word: str
    x: float
    y: float
    tone: float


@lru_cache(maxsize=1)
def plane_of_words() -> tuple[Tensor, Tensor]:
    """The mean of the mapped words `(D,)` and the two directions in which they spread most `(D, 2)` (PCA)."""
    vector_VD = vectors().vector_ID[[FIRST + i for i in MAPPED]]
    mean_D = vector_VD.mean(0)
    _, _, axes_KD = torch.linalg.svd(vector_VD - mean_D, full_matrices=False)
    return mean_D, axes_KD[:2].T


@torch.no_grad()
def mapped(ids: Sequence[int]) -> list[Mapped]:
    """Words on the plane."""
    known, (mean_D, axes_D2) = vectors(), plane_of_words()
    vector_VD = known.vector_ID[list(ids)]
    place_V2, tone_V = (vector_VD - mean_D) @ axes_D2, known.head(vector_VD).squeeze(1) / REVIEW
    return [
        Mapped(known.vocabulary.word(i), x, y, tone)
        for i, (x, y), tone in zip(ids, place_V2.tolist(), tone_V.tolist(), strict=True)
    ]


@lru_cache(maxsize=1)
def map_of_words() -> list[Mapped]:
    """The words of `MAPPED`."""
    return mapped([FIRST + i for i in MAPPED])


class Near(NamedTuple):
    """A word and those used most like it, on the plane, with their cosines."""

    word: Mapped
    neighbours: list[Mapped]
    cosine: list[float]


def near(raw: str) -> Near:
    """A word's eight neighbours; ValueError where it is none, or an unknown one."""
    said = words(raw[:100])
    if not said:
        raise ValueError("There is no word here. Write one, such as “wonderful”.")
    known = vectors()
    place = known.vocabulary.place.get(said[0])
    if place is None:
        raise ValueError(
            f"“{said[0][:40]}” is not among the {len(known.vocabulary.words):,} words that these nets know. Try another."
        )
    found = known.neighbours(place, NEIGHBOURS)
    first, *others = mapped([place, *(known.vocabulary.place[word] for word, _ in found)])
    return Near(first, others, [cosine for _, cosine in found])
