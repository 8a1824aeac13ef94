"""What four recurrent nets say of a text after each of its words, what another would change, and why."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from demos._ui.nets import Net, active
from demos.sentiment.texts import Text, in_words
from explanation import attribution, faithfulness
from models import CheckpointDamaged, CheckpointMissing, load_cached
from models.sentiment import Sentiment, prefix_lengths
from models.words import WordVectors
from signals.text import FIRST, UNKNOWN, batch
from training import Recipe, Run
from training.recipes import (
    sentiment_bilstm,
    sentiment_gru,
    sentiment_lstm,
    sentiment_lstm_last,
    sentiment_rnn,
    sentiment_rnn_last,
)
from training.tasks import sentiment

OURS = sentiment_rnn.recipe
"""What leads the tab: the best on validation."""
LSTM = "LSTM"
RECIPES: dict[str, Recipe[Sentiment]] = {
    "RNN": OURS,
    LSTM: sentiment_lstm.recipe,
    "GRU": sentiment_gru.recipe,
    "BiLSTM": sentiment_bilstm.recipe,
}
"""The nets by their cells, whose answers are pooled over all states."""
LAST_STATE: dict[str, Recipe[Sentiment]] = {
    "RNN, last state": sentiment_rnn_last.recipe,
    "LSTM, last state": sentiment_lstm_last.recipe,
}
"""The course work's form: nothing but the last state answers."""
NEIGHBOURS = 8
MOST_GAPS = 120
"""Places at which a “not” is tried."""
SHARE = 0.2
"""Of the words: so many are struck out when a map is checked."""
ROUNDS = 8
STEPS = 24
"""Of the path on which gradients are added up."""
Own = Net[Sentiment] | None
Ids = Sequence[int]


def vectors() -> WordVectors:
    """Word2Vec as it ships; CheckpointMissing or CheckpointDamaged."""
    return load_cached(WordVectors, "word2vec").model


def read(raw: str) -> Text:
    """A text as words that nets know; ValueError where it is too long."""
    return in_words(raw, vectors().vocabulary)


def nets(own: Own, recipes: dict[str, Recipe[Sentiment]] = RECIPES) -> dict[str, Net[Sentiment]]:
    """The nets that are here, the visitor's own in its place; CheckpointMissing or CheckpointDamaged where none is."""
    found, trouble = {}, None
    for name, recipe in recipes.items():
        try:
            found[name] = active(recipe, own)
        except (CheckpointMissing, CheckpointDamaged) as error:
            trouble = trouble or error
    if trouble and not found:
        raise trouble
    return found


def chosen(name: str, own: Own) -> Net[Sentiment]:
    """The net of this name; ValueError where there is none of it, CheckpointMissing or CheckpointDamaged."""
    if name not in RECIPES:
        raise ValueError(f"There is no such net here. Choose one of: {', '.join(RECIPES)}.")
    return active(RECIPES[name], own)


def own_net(run: Run[Sentiment]) -> Net[Sentiment]:
    """The best net of a visitor's run, with what its walk and the table of cases need."""
    model = run.best_model()
    facts = {"case": sentiment.on_cases(model), **sentiment.plane_of_answers(model, run.splits.valid)}
    return Net.from_run(run, facts)


def live(name: str) -> Recipe[Sentiment]:
    """The recipe that a visitor trains: on a tenth of the reviews, or on the grammar's where there are none."""
    if name not in RECIPES:
        raise ValueError(f"There is no such net here. Choose one of: {', '.join(RECIPES)}.")
    return replace(RECIPES[name], data=sentiment_lstm.live.data, budget=sentiment_lstm.live.budget)


# Word by word


@dataclass(frozen=True)
class Reading:
    """A text and the probability of praise after each of its words, by net."""

    text: Text
    praise: dict[str, tuple[float, ...]]
    owned: str = ""
    """The net that the visitor has trained."""

    @property
    def answers(self) -> dict[str, float]:
        """The last word's."""
        return {name: line[-1] for name, line in self.praise.items() if len(line) == len(self.text.pieces) > 0}


def reading(text: Text, own: Own) -> Iterator[Reading]:
    """The text read by all nets, again and again as more is known: one that reads backwards too takes T / 2 times as long."""
    here = nets(own)
    owned = next((name for name, net in here.items() if net.own), "")
    id_T = as_tensor(text)
    praise = {name: after_each_word(net.model, id_T) for name, net in here.items() if not net.model.bidirectional}
    last = {name: net for name, net in here.items() if net.model.bidirectional}
    for name, net in last.items():
        line: list[float] = []
        for more in prefixes(net.model, id_T) if len(id_T) else ():
            line += more
            if len(line) < len(id_T):
                yield Reading(text, {**praise, name: tuple(line)}, owned)
        praise[name] = tuple(line)
    yield Reading(text, {name: praise[name] for name in here}, owned)


def as_tensor(text: Text) -> Tensor:
    """Its ids, `(T,)`."""
    return torch.tensor(text.ids, dtype=torch.int16)


@torch.no_grad()
def after_each_word(model: Sentiment, id_T: Tensor) -> tuple[float, ...]:
    """The probability of praise after each word of a text, `(T,)`, in one pass."""
    if not len(id_T):
        return ()
    return tuple(model.head(model.prefix_states(id_T)).sigmoid().squeeze(1).tolist())


@torch.no_grad()
def prefixes(model: Sentiment, id_T: Tensor) -> Iterator[list[float]]:
    """The same in two directions, some prefixes at a time."""
    for n_B in prefix_lengths(len(id_T)):
        yield model.head(model.prefix_states_of(id_T, n_B)).sigmoid().squeeze(1).tolist()


@torch.no_grad()
def log_odds_of(net: Net[Sentiment], texts: Sequence[Ids]) -> Tensor:
    """The log-odds of praise of each text, `(B,)`, in one batch."""
    return net.model(*batch(texts))


def praise_of(net: Net[Sentiment], texts: Sequence[Ids]) -> list[float]:
    """The probability of praise of each text, in one batch."""
    return log_odds_of(net, texts).sigmoid().tolist()


# Another word


class Choice(NamedTuple):
    """What can be put in a word's place: itself a word, or nothing; how near it is, and how the answer changes: its
    probability, and its log-odds, which still tell where the net is sure already."""

    word: str
    cosine: float | None
    change: float
    tilt: float


def choices(net: Net[Sentiment], text: Text, at: int) -> list[Choice]:
    """Nothing, and the eight words that are used most like it, in place of word `at`, read in one batch."""
    if not 0 <= at < len(text.pieces):
        raise ValueError("There is no such word any more. Click on one that stands there now.")
    ids, known = text.ids, vectors()
    near = known.neighbours(ids[at], NEIGHBOURS) if ids[at] >= FIRST else []
    others = [known.vocabulary.place[word] for word, _ in near]
    written = [[*ids[:at], *ids[at + 1 :]], *([*ids[:at], i, *ids[at + 1 :]] for i in others)]
    odds_B = log_odds_of(net, [ids, *written])
    change_B, tilt_B = ((x_B[1:] - x_B[0]).tolist() for x_B in (odds_B.sigmoid(), odds_B))
    offered = [("", None), *near]
    return [Choice(*word, *moved) for word, *moved in zip(offered, change_B, tilt_B, strict=True)]


def with_not(net: Net[Sentiment], text: Text) -> list[float]:
    """How the answer changes with a “not” before each word, and behind the last one."""
    ids, no = text.ids, vectors().vocabulary.ids(["not"])
    gaps = range(min(len(ids) + 1, MOST_GAPS))
    before, *found = praise_of(net, [ids, *([*ids[:k], *no, *ids[k:]] for k in gaps)])
    return [p - before for p in found]


# Why


class Reasons(NamedTuple):
    """What each word adds to the log-odds of praise `(T,)`, the answer, and what striking words out does to it."""

    weight_T: Tensor
    praise: float
    before: float
    after: float
    at_random: float
    struck: int


def reasons(net: Net[Sentiment], text: Text) -> Reasons:
    """Integrated gradients from all words struck out to all there; and the check: the strongest against as many others."""
    model, n = net.model, len(text.pieces)
    if not n:
        raise ValueError("There is no word to explain. Write a sentence first.")
    with torch.no_grad():
        x_1TD = model.embed(torch.tensor([text.ids]))
        blank_D = model.embed(torch.tensor([[UNKNOWN]]))[0, 0]
    score = _log_odds(model, n)
    weight_1TD = attribution.integrated_gradients(
        score, x_1TD, 0, baseline_BX=blank_D.expand_as(x_1TD).contiguous(), steps=STEPS
    )
    weight_T = weight_1TD[0].sum(1).detach()
    with torch.no_grad():
        praise = score(x_1TD).sigmoid().item()
    said = int(praise > 0.5)
    heat_1T = (weight_T if said else -weight_T)[None]

    def answer(x_BDT: Tensor) -> Tensor:
        p_B1 = score(x_BDT.mT).sigmoid()
        return torch.cat([1 - p_B1, p_B1], dim=1)

    struck = max(1, round(SHARE * n))
    found = faithfulness.probe(
        answer, x_1TD.mT, heat_1T, said, share=struck / n, filling=lambda _: blank_D[:, None],
        control=faithfulness.random_heat, rounds=ROUNDS,
    )  # fmt: skip
    return Reasons(weight_T, praise, found.before_B.item(), found.after_B.item(), found.random_B.item(), struck)


def _log_odds(model: Sentiment, n: int) -> Callable[[Tensor], Tensor]:
    return lambda x_BTD: model.read(x_BTD, torch.full((len(x_BTD),), n))[:, None]


class Walk(NamedTuple):
    """Where the pooled state stands after each word: across along the answer's direction, up where texts differ most.

    `border` is where across the answer is one half; `steepness` is by how many log-odds it changes a step across.
    """

    points: list[tuple[float, float]]
    praise: list[float]
    border: float
    steepness: float


@torch.no_grad()
def walk(net: Net[Sentiment], text: Text) -> Walk:
    """The hidden state's way through the plane that the evidence has."""
    head, mean_H, axes_H2 = net.model.head, net.evidence["plane_mean"].float(), net.evidence["plane_axes"].float()
    state_TH = net.model.prefix_states(as_tensor(text))
    place_T2 = (state_TH - mean_H) @ axes_H2
    steepness = head.weight.norm().item()
    at_mean = F.linear(mean_H, head.weight, head.bias).item()
    praise = head(state_TH).sigmoid().squeeze(1).tolist()
    return Walk([tuple(p) for p in place_T2.tolist()], praise, -at_mean / steepness, steepness)
