"""The moles' recipe five times over, each time with another fifth held out."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import torch

from benchmarks._report import Claim, claim
from benchmarks.diagnose._nets import Facts, trained
from benchmarks.diagnose._rows import COLUMNS, card_line, melanoma_note, mole_peer, peer_line
from models import _checkpoint, load
from models.backbone import Backbone
from training import Run
from training._table import markdown
from training.data import ph2
from training.recipes import dermoscopy
from training.tasks.classification import metrics_of_logits, predict_logits, with_class_weights


def measure() -> Facts:
    """`folds`: one row, in which each picture is answered by the one net that never saw it, nor chose by it."""
    x_B3HW, label_B = ph2.pictures()
    answers, seconds = torch.zeros(len(label_B), len(ph2.CLASSES)), 0.0
    for fold in range(ph2.FOLDS):
        if fold == 0:  # what ships is this fold's net
            net = load(Backbone, "dermoscopy").model
            seconds += _checkpoint.card("dermoscopy").provenance["seconds"]
        else:
            run = Run(replace(dermoscopy.recipe, data=with_class_weights(partial(ph2.splits, fold))))
            for _ in run:
                pass
            net, seconds = run.best_model(), seconds + run.seconds
        test = ph2.splits(fold).test[2]
        answers[test] = predict_logits(net, x_B3HW[test]).log_softmax(1)
        print(
            f"  fold {fold}: {metrics_of_logits(answers[test], label_B[test], ph2.CLASSES)['macro_f1']:.3f}", flush=True
        )
    name = "dermoscopy, five folds: five nets, each asked about the fifth that it never saw"
    return {"folds": mole_peer(name, answers, label_B) | {"role": "ours", "seconds": round(seconds, 1)}}


def on_the_card(kept: Facts) -> None:
    """The five-fold figures, onto the card of the net of fold 0."""
    found, card = kept["folds"], _checkpoint.card("dermoscopy")
    names = {"macro_f1": "macro_f1_five_folds", "accuracy": "accuracy_five_folds", "auc": "auc_five_folds"}
    extra = {new: found["intervals"][old] | {"value": found["metrics"][old]} for old, new in names.items()}
    extra |= {"melanoma_auc_five_folds": found["melanoma_auc"]}
    _checkpoint.update_card("dermoscopy", replace(card, intervals=card.intervals | extra))


def table(kept: Facts) -> str:
    return markdown(COLUMNS, rows(kept))


def rows(kept: Facts) -> list[list[str]]:
    ours = [card_line("dermoscopy", "moles, fold 0")] if "dermoscopy" in trained() else []
    return ours + [peer_line(p, "moles, all 200") for p in found(kept)]


def found(kept: Facts) -> list[Facts]:
    """The row of the five folds, where they have been run."""
    return [kept["folds"]] if "folds" in kept else []


def claims(kept: Facts) -> Iterator[Claim]:
    """PROTOCOLS 6."""
    for folds in found(kept):
        yield claim("dermoscopy, five folds: macro-F1", folds["metrics"]["macro_f1"], "≥", 0.62)
        yield claim("dermoscopy, five folds: AUC of melanoma against nevi", folds["melanoma_auc"]["value"], "≥", 0.95)


def notes(kept: Facts) -> Iterator[str]:
    yield from map(melanoma_note, found(kept))
