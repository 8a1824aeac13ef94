"""`ecg`: which inputs, which memory, which made-up rhythms, how large a say trees have; two of 22 records are left out.

Each row adds one thing to the one above it, up to the nets and trees that ship together. F1 of S, of V, their mean
with N, and accuracy are of all 51,000 beats of DS1 pooled, each answered by what never met its record; beside them
stand the medians over the records that have ten such beats at least.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks.choices._folds import dealt, fitted
from metrics.classification import confusion
from models.ecg import BeatNet
from signals.ecg import CLASSES
from training import Recipe
from training.data import beats, mitbih
from training.recipes.ecg import recipe
from training.tasks.heartbeats import answers, f1_over_records, metrics_of_confusion

RECORDS = mitbih.TRAIN + mitbih.VALID
FOLDS = 11
SEED = 0
WHOLE = "and three nets in place of one"
SAYS = {
    0.25: "and boosted trees, a quarter of the say",
    0.5: "the same, half of the say",
    0.75: "the same, three quarters",
    1.0: "those trees alone",
}
COLUMNS = ("candidate", "F1 of S", "median", "F1 of V", "median", "macro-F1 N S V", "accuracy")


def candidates() -> dict[str, "Recipe[Any]"]:
    """Each with one thing more than the one before; the last has trees too."""
    plain = partial(beats.in_rhythm, made_up=False)
    one = partial(BeatNet, members=1)
    bare = partial(one, references=1, absolute=True, either_way=False, memory=0)
    return {
        "the local usual beat, intervals in seconds": replace(recipe, data=plain, model=bare),
        "and the ruling usual beat": replace(recipe, data=plain, model=partial(bare, references=2)),
        "no seconds, ratios alone": replace(recipe, data=plain, model=partial(one, either_way=False, memory=0)),
        "and either way up": replace(recipe, data=plain, model=partial(one, memory=0)),
        "and a memory of 40 beats": replace(recipe, data=plain, model=one),
        "and made-up rhythms": replace(recipe, model=one),
        WHOLE: recipe,
    }


def left_out(
    candidate: "Recipe[Any]", names: tuple[str, ...], folds: int, seed: int, says: tuple[float, ...]
) -> tuple[list[Tensor], Tensor, Tensor]:
    """The probabilities `(B, classes)` of all beats of these records, each by a net without it; class, record.

    One tensor for each of `says`, the trees' share of an answer; a candidate without trees has 0.0 alone.
    """
    numbers_B = beats.in_rhythm(train=(), valid=names, test=()).valid[-1]
    fold_B, parts = dealt(numbers_B, folds), []
    cut: Any = candidate.data
    for fold in range(folds):
        held = tuple(mitbih.RECORDS[number] for number in numbers_B[fold_B == fold].unique().tolist())
        rest = tuple(name for name in names if name not in held)
        splits = cut(train=rest, valid=held, test=held)
        net: Any = fitted(candidate, splits, seed=seed)
        halves = []
        for net.say in sorted({0.0, float(max(says) > 0)}):
            halves.append(answers(net, splits.test))
        told = [torch.lerp(halves[0], halves[-1], say) for say in says]
        parts.append((*told, *splits.test[-2:]))
        print(f"  {fold + 1} of {folds}", end="", flush=True)
    print()
    *p_BC, class_B, record_B = (torch.cat(column) for column in zip(*parts, strict=True))
    return p_BC, class_B, record_B


def row(name: str, p_BC: Tensor, class_B: Tensor, record_B: Tensor) -> list[str]:
    """The measures of one candidate's pooled answers."""
    answer_B = p_BC.argmax(1)
    found = metrics_of_confusion(confusion(answer_B, class_B, len(CLASSES)))
    s, v = (f"{f1_over_records(answer_B, class_B, record_B, CLASSES.index(k)).quantile(0.5):.3f}" for k in "SV")
    cells = [name, f"{found['f1_S']:.3f}", s, f"{found['f1_V']:.3f}", v, f"{found['macro_f1']:.3f}"]
    print(*cells, f"{found['accuracy']:.4f}", sep=" | ", flush=True)
    return [*cells, f"{found['accuracy']:.4f}"]


def measure(quick: bool) -> dict[str, Any]:
    """The table of candidates; `quick` has few records and steps."""
    names, folds = (RECORDS[:4], 2) if quick else (RECORDS, FOLDS)
    rows, found = {}, candidates()
    if quick:
        short = replace(recipe.budget, steps=4, eval_every=4)
        found = {name: replace(it, budget=short) for name, it in found.items()}
    smaller = [name for name in found if name != WHOLE]
    for name in (WHOLE, *smaller):  # what decides most comes first
        says = {0.0: name} | (SAYS if name == WHOLE else {})
        p_BC, class_B, record_B = left_out(found[name], names, folds, SEED, tuple(says))
        rows |= {said: row(said, one_BC, class_B, record_B) for said, one_BC in zip(says.values(), p_BC, strict=True)}
    return {
        "caption": f"`ecg`: {FOLDS} folds over the {len(RECORDS)} records of DS1",
        "columns": COLUMNS,
        "rows": [rows[name] for name in (*found, *SAYS.values())],
        "words": WORDS,
    }


WORDS = (
    "Tried beforehand with the same folds, no gain: a recurrent net over both sides, shares of classes found by EM. "
    "F and Q never answered: no accuracy differs by more than 0.0001. Trees that see the measures in 250 steps of as "
    "many beats each grow in a third of the time; with half of the say: V 0.883, accuracy 0.9706."
)
