"""Teaching a cut net on the page: by the whole one, in the shape that was chosen, and what became of it."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import nn

from compression.cost import parameters
from compression.lowrank import Compressed
from demos._ui.nets import Net
from demos.compression.nets import Choice, factorisation, ranks
from demos.compression.subjects import PLAIN, SUBJECTS, WHITENED, Subject
from metrics.classification import accuracy
from models import _checkpoint
from training import Recipe, Run
from training.data import at_hand, mnist


class Score(NamedTuple):
    """An accuracy, 0 to 1, on `n` test pictures."""

    accuracy: float
    n: int


@dataclass(frozen=True)
class Own:
    """What a visitor taught: the net, its bytes, what it scores, and what the whole net scores on the same pictures."""

    subject: Subject
    net: Net[Compressed]
    bytes: int
    score: Score
    whole: Score

    @classmethod
    def from_run(cls, run: Run[Compressed]) -> "Own":
        """The best net of a visitor's run, measured once."""
        net = Net.from_run(run, {})
        subject = next(s for s in SUBJECTS.values() if s.architecture == net.model.architecture)
        whole = Net.pretrained(subject.recipe)
        return cls(subject, net, 4 * parameters(net.model), test_score(net.model), test_score(whole.model))


def distillation(choice: Choice) -> Recipe[Any]:
    """The recipe that teaches a net of the chosen shape, by the whole one; ValueError where there is nothing to teach.

    What is cut with care begins so; the rest from the plain cut, which reads hardly a digit where much is cut.
    """
    teaching = choice.subject.teaching
    if teaching is None:
        raise ValueError(
            "What this net learnt from may not ship, so it teaches nobody here. Choose one that reads digits."
        )
    kept = ranks(choice)
    if not kept:
        raise ValueError("The whole net has nothing to learn from itself. Choose a smaller size first.")
    method = WHITENED if choice.method == WHITENED else PLAIN
    start = factorisation(choice.subject, choice.net, method).compressed(kept)
    return replace(
        teaching,
        model=partial(Compressed, **_checkpoint.config(start)),
        initial=lambda model, splits: model.load_state_dict(start.state_dict()),
    )


def test_score(net: nn.Module) -> Score:
    """The share of MNIST's test digits that `net` reads right: of all, or of the samples where there are no others."""
    x_B, label_B = at_hand(lambda: mnist.official("test")).value
    with torch.no_grad():
        answers = torch.cat([net(part.float() / 255).argmax(1) for part in x_B.split(1000)])
    return Score(accuracy(answers, label_B), len(label_B))
