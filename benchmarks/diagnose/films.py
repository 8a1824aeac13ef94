"""Chest X-rays: baselines on the recipes' own files, both ImageNet backbones, and what others published."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from benchmarks._report import Claim, claim
from benchmarks.diagnose._nets import Facts, trained
from benchmarks.diagnose.peers import chosen_logistic, features, forest, log_odds, pixels
from metrics.intervals import bootstrap
from models import _checkpoint
from models.backbone import Backbone
from training import Run
from training._table import markdown, over_seeds
from training.data import medmnist
from training.recipes import pneumonia_transfer
from training.tasks.classification import predict_logits

FLAG, CLASSES = "pneumoniamnist", medmnist.PNEUMONIA_CLASSES
PUBLISHED = {
    "ResNet-18 at 28 px, published (Yang et al. 2023)": {"accuracy": 0.854, "auc": 0.944},
    "AutoKeras, published (Yang et al. 2023)": {"accuracy": 0.878, "auc": 0.947},
    "Google AutoML Vision, published (Yang et al. 2023)": {"accuracy": 0.946, "auc": 0.991},
}
"""The official test files, as MedMNIST's own paper quotes them."""
OURS = {
    "pneumonia_cnn": "a deep net from scratch",
    "pneumonia_transfer": "SqueezeNet 1.1 from ImageNet, tuned to films",
}
"""Our two nets, and what each is beside the other."""
COLUMNS = ["what", "accuracy (95 % interval)", "AUC (95 % interval)", "accuracy over seeds", "AUC over seeds"]


def measure() -> Facts:
    """`films`: a table of ours and of every peer, and the peers as they stand beside each card."""
    train, valid, test = medmnist.splits(FLAG)
    seen = [features(part[0]) for part in (train, valid, test)]
    flat = [pixels(part[0][:, :1]) for part in (train, valid, test)]  # grey three times over says it once
    weighed = chosen_logistic(train, valid, flat[0], flat[1], CLASSES)
    regression = chosen_logistic(train, valid, seen[0], seen[1], CLASSES)
    ask = partial(peer, label_B=test[1])
    found = [
        ask("always “pneumonia”", F.one_hot(test[1] * 0 + 1, 2).float()),
        ask("logistic regression on pixels", log_odds(weighed, flat[2])),
        ask("random forest on pixels", log_odds(forest().fit(flat[0], train[1].numpy()), flat[2])),
        ask("logistic regression on SqueezeNet features", log_odds(regression, seen[2])),
        other_backbone(ask),
        *({"name": name, "metrics": metrics} for name, metrics in PUBLISHED.items()),
    ]
    return {
        "films": {"caption": "Chest X-rays, 624 test films", "columns": COLUMNS, "rows": rows(found), "peers": found}
    }


def other_backbone(ask: Any) -> Facts:
    """MobileNet v2 in the place of SqueezeNet, by the same recipe: the one that validation did not choose."""
    recipe = replace(
        pneumonia_transfer.recipe,
        model=partial(Backbone, **{**pneumonia_transfer.recipe.model.keywords, **pneumonia_transfer.OTHER}),
    )
    run = Run(recipe)
    for _ in run:
        pass
    net = run.best_model()
    on_valid = recipe.evaluate(net, run.splits.valid)
    found = ask("MobileNet v2 from ImageNet, tuned to films", predict_logits(net, run.splits.test[0]))
    return found | {
        "role": "ours", "validation": on_valid, "seconds": round(run.seconds, 1),
        "parameters": sum(p.numel() for p in net.parameters()),
    }  # fmt: skip


def peer(name: str, logit_BC: Tensor, label_B: Tensor) -> Facts:
    """What `training/_table.py` reads of a method, by MedMNIST's evaluator; intervals over films."""

    def measured(index: Any) -> dict[str, float]:
        return medmnist.evaluate(FLAG, logit_BC[index].double().softmax(1), label_B[index])

    metrics, films = measured(slice(None)), list(range(len(label_B)))
    spans = {
        key: bootstrap(films, lambda drawn, key=key: measured(drawn)[key], rounds=300)._asdict() for key in metrics
    }
    return {"name": name, "metrics": metrics, "interval": spans["accuracy"], "intervals": spans}


def beside(kept: Facts, name: str) -> list[Facts]:
    """What stands beside the card of `name`: every peer, and our other net."""
    found = kept.get("films", {}).get("peers", [])
    for other, title in OURS.items():
        if other != name and other in trained():
            card = _checkpoint.card(other)
            ours = {"metrics": card.metrics, "interval": card.intervals["accuracy"], "parameters": card.parameters}
            found = [*found, {"name": title, **ours, "role": "ours"}]
    return found


def rows(peers: list[Facts]) -> list[list[str]]:
    """The cells under `COLUMNS`."""
    found = []
    for name in OURS:
        if name in trained():
            card = _checkpoint.card(name)
            seeds = [over_seeds(card, key) for key in ("accuracy", "auc")]
            spread = [f"{s[0]:.3f} ± {s[1]:.3f}, {s[2]} seeds" if s else "" for s in seeds]
            found.append([f"**`{name}`**", *_cells(card.metrics, card.intervals), *spread])
    return [*found, *([p["name"], *_cells(p["metrics"], p.get("intervals", {})), "", ""] for p in peers)]


def _cells(metrics: Facts, spans: Facts) -> list[str]:
    return [
        f"{metrics[key]:.3f}" + (f" ({spans[key]['low']:.3f} to {spans[key]['high']:.3f})" if key in spans else "")
        for key in ("accuracy", "auc")
    ]


def table(kept: Facts) -> str:
    return markdown(kept["films"]["columns"], kept["films"]["rows"])


def claims(kept: Facts) -> Iterator[Claim]:
    """PROTOCOLS 6 (c): the mean of three seeds."""
    if "pneumonia_cnn" in trained():
        card = _checkpoint.card("pneumonia_cnn")
        for key, target in (("auc", 0.975), ("accuracy", 0.935)):
            if found := over_seeds(card, key):
                yield claim(f"pneumonia_cnn, test: {key}, mean of {found[2]} seeds", found[0], "≥", target)


def notes(kept: Facts) -> Iterator[str]:
    for name in OURS:
        if name in trained():
            card = _checkpoint.card(name)
            on_valid, on_test = card.validation["accuracy"], card.metrics["accuracy"]
            yield (
                f"{name}: accuracy {on_valid:.3f} on validation, {on_test:.3f} on test: PneumoniaMNIST's test films "
                "are harder than its validation, which was cut from the training films."
            )
    for found in kept.get("films", {}).get("peers", []):
        if "validation" in found:
            theirs, ours = found["validation"], _checkpoint.card("pneumonia_transfer").validation
            yield (
                f"{found['name']}: accuracy {theirs['accuracy']:.3f}, AUC {theirs['auc']:.3f} on validation, where "
                f"SqueezeNet 1.1, which ships, has {ours['accuracy']:.3f} and {ours['auc']:.3f}"
            )
    yield "Intervals over chest films take every film for itself, though some are of one child: the file does not tell."
