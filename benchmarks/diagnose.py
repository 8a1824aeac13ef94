"""Cells and moles: baselines, maps against captum's and grad-cam's, their faithfulness, int8, and strangers.

    python -m benchmarks.diagnose                  everything (about half an hour on two cores)
    python -m benchmarks.diagnose --only maps      or peers, folds, quantization, faithfulness, novelty: the rest stays

`peers` fits the baselines on the files that the recipes use; `folds` trains `dermoscopy` five times, each time with
another fifth held out, and asks each net about the fifth it never saw; `maps` compares one Grad-CAM with captum's own
and, where the package `grad-cam` can be imported, with that; `faithfulness` removes the hottest 20 % on 200 test cells,
and on the moles of fold 0 counts the heat inside the lesion; `quantization` compiles the cells' net in int8; `novelty`
tells strangers from test pictures. Parts are kept in `results/diagnose.json`, the peers' rows also where the README's
table looks for them.
"""

import importlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks import _report
from benchmarks._report import Claim, arguments, claim, machine, row, write
from compression import quantization
from compression.cost import file_bytes, latencies_ms
from explanation.faithfulness import deletion, displaced, energy_inside, insertion, melting, probe, random_heat
from explanation.gradcam import gradcam
from explanation.novelty import Familiar
from metrics.detection import auc, roc_curve
from metrics.intervals import Interval, bootstrap
from models import _checkpoint
from models._checkpoint import load, shared
from models.backbone import Backbone
from models.cnn import CNN
from signals.image import square, to_unit
from training._recipe import Arrays
from training._run import Run
from training._steps import update
from training.data import crc_cells, imagenet, ph2
from training.recipes import cells_cnn, dermoscopy
from training.tasks.classification import measures, scores, spans, weighed

PARTS = ("peers", "folds", "quantization", "maps", "faithfulness", "novelty")
PICTURES = 200
QAT_STEPS = 150
BATCH = 64
Facts = dict[str, Any]


NETS: dict[str, Any] = {"cells_cnn": CNN, "dermoscopy": Backbone}


def trained() -> list[str]:
    """Which of the two nets have a checkpoint."""
    return [name for name in NETS if (_checkpoint.CHECKPOINTS / name / "card.json").exists()]


# Baselines and peers on the same files


def features(x_B3HW: Tensor, *, side: int = 112) -> np.ndarray:
    """SqueezeNet's published ImageNet features, `(B, 512)`: the mean over all places, pictures scaled to `side`."""
    net = _imagenet_net()
    found = []
    for part in x_B3HW.split(64):
        large = F.interpolate(to_unit(part), (side, side), mode="bilinear", align_corners=False)
        with torch.no_grad():
            found.append(net.trunk((large - net.mean) / net.deviation).mean((2, 3)))
    return torch.cat(found).numpy()


def _imagenet_net() -> Backbone:
    with torch.random.fork_rng():
        net = Backbone(name="squeezenet1_0", classes=2)
    net.adopt(imagenet.weights("squeezenet1_0"))
    return net.eval()


def pixels(x_B3HW: Tensor) -> np.ndarray:
    return to_unit(x_B3HW).flatten(1).numpy()


def forest() -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(400, class_weight="balanced", min_samples_leaf=2, random_state=0)


def logistic(c: float) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=c, class_weight="balanced", max_iter=3000))


def log_odds(model: Any, x: np.ndarray) -> Tensor:
    return torch.from_numpy(np.log(np.clip(model.predict_proba(x), 1e-9, 1))).float()


def chosen_logistic(
    train: Arrays, valid: Arrays, x_train: np.ndarray, x_valid: np.ndarray, classes: Sequence[str]
) -> Any:
    """The regularisation that does best on validation."""
    found = [logistic(c).fit(x_train, train[1].numpy()) for c in (1e-4, 1e-3, 1e-2, 1e-1)]
    return max(found, key=lambda m: measures(log_odds(m, x_valid), valid[1], classes)["macro_f1"])


def peer(name: str, logit_BC: Tensor, label_B: Tensor, unit_B: Tensor, classes: Sequence[str]) -> Facts:
    """A row as the README's table reads it, its interval over patients or pictures."""
    interval = spans(logit_BC, label_B, unit_B, classes)
    return {
        "name": name,
        "metrics": measures(logit_BC, label_B, classes),
        "interval": interval["macro_f1"]._asdict(),
        "intervals": {key: value._asdict() for key, value in interval.items()},
        "parameters": None,
        "seconds": None,
    }


def cell_peers() -> list[Facts]:
    """Forest on pixels and regression on ImageNet features, and the net's own answers over eight ways to turn."""
    train, valid, test = crc_cells.splits()
    ask = partial(peer, label_B=test[1], unit_B=test[2], classes=crc_cells.CLASSES)
    seen = [features(part[0]) for part in (train, valid, test)]
    regression = chosen_logistic(train, valid, seen[0], seen[1], crc_cells.CLASSES)
    trees = forest().fit(pixels(train[0]), train[1].numpy())
    net = load(CNN, "cells_cnn").model
    turned = [x for k in range(4) for x in (test[0].rot90(k, (2, 3)), test[0].rot90(k, (2, 3)).flip(3))]
    averaged = torch.stack([scores(net, x).softmax(1) for x in turned]).mean(0).log()
    return [
        ask("the most frequent class", F.one_hot(torch.full_like(test[1], 2), 4).float()),
        ask("random forest on pixels", log_odds(trees, pixels(test[0]))),
        ask("logistic regression on SqueezeNet features", log_odds(regression, seen[2])),
        ask("cells_cnn, mean over eight ways to turn each cell", averaged),
    ]


def mole_peers() -> list[Facts]:
    """Regression on ImageNet features, each fold answered by the fit that never saw it."""
    x_B3HW, label_B = ph2.pictures()
    seen = features(x_B3HW, side=ph2.SIDE)
    fold_B, answers = ph2.folds(label_B), torch.zeros(len(label_B), len(ph2.CLASSES))
    for fold in range(ph2.FOLDS):
        train, valid, test = (i for _, _, i in ph2.splits(fold))
        fitting, choosing = ((x_B3HW[i], label_B[i]) for i in (train, valid))
        best = chosen_logistic(fitting, choosing, seen[train], seen[valid], ph2.CLASSES)
        answers[test] = log_odds(best, seen[test])
        assert (fold_B[test] == fold).all()
    made = peer(
        "logistic regression on SqueezeNet features, five folds", answers, label_B, torch.arange(200), ph2.CLASSES
    )
    return [made | {"melanoma_auc": melanoma(answers, label_B)._asdict() | {"value": melanoma_auc(answers, label_B)}}]


def melanoma_auc(logit_BC: Tensor, label_B: Tensor) -> float:
    return auc(logit_BC.double().softmax(1)[:, ph2.MELANOMA], label_B == ph2.MELANOMA)


def melanoma(logit_BC: Tensor, label_B: Tensor) -> Interval:
    """The interval of melanoma's AUC, over pictures."""
    members = list(range(len(label_B)))
    return bootstrap(members, lambda drawn: melanoma_auc(logit_BC[drawn], label_B[drawn]), rounds=500)


def cross_validated() -> Facts:
    """The recipe five times over; each picture is answered by the one net that never saw it, nor chose by it."""
    x_B3HW, label_B = ph2.pictures()
    answers, seconds = torch.zeros(len(label_B), len(ph2.CLASSES)), 0.0
    for fold in range(ph2.FOLDS):
        if fold == 0:  # what ships is this fold's net
            net = load(Backbone, "dermoscopy").model
            seconds += _checkpoint.card("dermoscopy").provenance["seconds"]
        else:
            run = Run(replace(dermoscopy.recipe, data=weighed(partial(ph2.splits, fold))))
            for _ in run:
                pass
            net, seconds = run.finished(), seconds + run.seconds
        test = ph2.splits(fold).test[2]
        answers[test] = scores(net, x_B3HW[test]).log_softmax(1)
        print(f"  fold {fold}: {measures(answers[test], label_B[test], ph2.CLASSES)['macro_f1']:.3f}", flush=True)
    name = "dermoscopy, five folds: five nets, each asked about the fifth that it never saw"
    made = peer(name, answers, label_B, torch.arange(len(label_B)), ph2.CLASSES)
    interval = melanoma(answers, label_B)._asdict()
    return made | {"seconds": round(seconds, 1), "melanoma_auc": interval | {"value": melanoma_auc(answers, label_B)}}


def on_the_card(found: Facts) -> None:
    """The five-fold figures, onto the card of the net of fold 0."""
    card = _checkpoint.card("dermoscopy")
    names = {"macro_f1": "macro_f1_five_folds", "accuracy": "accuracy_five_folds", "auc": "auc_five_folds"}
    extra = {new: found["intervals"][old] | {"value": found["metrics"][old]} for old, new in names.items()}
    extra |= {"melanoma_auc_five_folds": found["melanoma_auc"]}
    _checkpoint.amend("dermoscopy", replace(card, intervals=card.intervals | extra))


# Int8


def quantized() -> list[Facts]:
    """The cells' net compiled in float32 and in int8 three ways: test measures, bytes, and time in turns."""
    train, _, test = crc_cells.splits()
    net = load(CNN, "cells_cnn").model
    x_B = to_unit(train[0][:: len(train[0]) // cells_cnn.CALIBRATION])
    example = to_unit(test[0][:BATCH])
    graphs: dict[str, nn.Module] = {
        "dynamic int8": quantization.dynamic(net, x_B),
        "static int8": quantization.static(net, x_B),
        "quantization-aware int8": quantization.quantization_aware(net, x_B, train=follow(net, train)),
    }
    runs = {"float32": quantization.compiled(net, example)}
    runs |= {kind: quantization.compiled(graph, example) for kind, graph in graphs.items()}
    times = latencies_ms(runs, example, rounds=60)
    base = 4 * sum(p.numel() for p in net.parameters())
    found = []
    for kind, run in runs.items():
        size = base if kind == "float32" else file_bytes(graphs[kind])
        found.append({
            "kind": kind,
            **measures(asked(run, test[0]), test[1], crc_cells.CLASSES),
            "n": len(test[1]),
            "bytes": size,
            "times_smaller": base / size,
            "latency_ms": times[kind],
            "latency_ratio": times[kind] / times["float32"],
        })  # fmt: skip
    return found


def asked(run: Callable[[Tensor], Tensor], x_B: Tensor) -> Tensor:
    """Logits by a net that was compiled for `BATCH` pictures at a time; the last batch is filled up."""
    found = []
    for part in x_B.split(BATCH):
        full = torch.cat([part, part[:1].expand(BATCH - len(part), -1, -1, -1)])
        found.append(run(to_unit(full))[: len(part)].clone())
    return torch.cat(found)


def follow(teacher: nn.Module, train: Arrays) -> Callable[[nn.Module], None]:
    """Trains a rounded net to answer augmented training cells as the float net does."""

    def fit(net: nn.Module) -> None:
        draw = torch.Generator().manual_seed(0)
        optimizer = torch.optim.AdamW(net.parameters(), lr=1e-5, weight_decay=0.0)
        for _ in range(QAT_STEPS):
            index = torch.randint(len(train[0]), (BATCH,), generator=draw)
            x_B = cells_cnn.augment(to_unit(train[0][index]), draw)
            with torch.no_grad():
                target_BC = teacher(x_B).softmax(1)
            update(optimizer, F.kl_div(net(x_B).log_softmax(1), target_BC, reduction="batchmean"))

    return fit


# Maps


def maps() -> Facts:
    """One Grad-CAM made by us, by captum and by grad-cam: the largest difference, and the time in turns."""
    from captum.attr import LayerGradCam

    rows, differences = [], {}
    for name in trained():
        net: Any = load(NETS[name], name).model
        layer = net.layers()[-1]
        module, x_BCHW = net.get_submodule(layer), _pictures(name)[:1]

        def theirs(x: Tensor, net: nn.Module = net, module: nn.Module = module) -> Tensor:
            heat = LayerGradCam(net, module).attribute(x.requires_grad_(), target=1, relu_attributions=True)
            return F.interpolate(heat.detach(), x.shape[2:], mode="bilinear", align_corners=False)[:, 0]  # type: ignore[union-attr]

        nets = {"ours": partial(_ours, net, layer), "captum": theirs}
        if (package := _gradcam_package()) is not None:
            nets["grad-cam"] = partial(_packaged, package, net, module)
        mine = _ours(net, layer, x_BCHW)
        differences[f"{name}, captum"] = (mine - theirs(x_BCHW)).abs().max().item()
        if package is not None:
            mine = F.interpolate(_scaled(_raw(net, layer, x_BCHW)), x_BCHW.shape[2:], mode="bilinear")
            small = _scaled(mine)  # the package scales before it enlarges and after
            differences[f"{name}, grad-cam"] = (
                (_packaged(package, net, module, x_BCHW) - small[:, 0]).abs().max().item()
            )
        with torch.enable_grad():
            times = in_turns(nets, x_BCHW)
        rows += [row(f"{name}: one map, {kind}", values, unit="ms") for kind, values in times.items()]
    return {"rows": rows, "differences": differences}


def _ours(net: nn.Module, layer: str, x_BCHW: Tensor) -> Tensor:
    return gradcam(net, layer, x_BCHW, 1)


def _raw(net: nn.Module, layer: str, x_BCHW: Tensor) -> Tensor:
    """The map `(B, 1, h, w)` at the layer's own size."""
    from captum.attr import LayerGradCam

    x_BCHW = x_BCHW.clone().requires_grad_()
    return LayerGradCam(net, net.get_submodule(layer)).attribute(x_BCHW, target=1, relu_attributions=True).detach()  # type: ignore[union-attr]


def _scaled(heat_B1HW: Tensor) -> Tensor:
    """From 0 to 1, as the package hands its maps over."""
    low = heat_B1HW.amin((2, 3), keepdim=True)
    return (heat_B1HW - low) / (1e-7 + (heat_B1HW - low).amax((2, 3), keepdim=True))


def _gradcam_package() -> Any:
    try:
        return importlib.import_module("pytorch_grad_cam")
    except ImportError:
        return None


def _packaged(package: Any, net: nn.Module, module: nn.Module, x_BCHW: Tensor) -> Tensor:
    targets = importlib.import_module("pytorch_grad_cam.utils.model_targets")
    with package.GradCAM(model=net, target_layers=[module]) as cam:
        return torch.from_numpy(cam(input_tensor=x_BCHW, targets=[targets.ClassifierOutputTarget(1)]))


def in_turns(
    nets: dict[str, Callable[[Tensor], Tensor]], x_BCHW: Tensor, *, rounds: int = 30
) -> dict[str, list[float]]:
    """Milliseconds of each net's calls, taken in turns, so that what else the machine does slows all alike."""
    times: dict[str, list[float]] = {kind: [] for kind in nets}
    for turn in range(rounds + 3):  # three to warm up
        for kind, run in nets.items():
            began = time.perf_counter()
            run(x_BCHW)
            if turn >= 3:
                times[kind].append(1000 * (time.perf_counter() - began))
    return times


def _pictures(name: str) -> Tensor:
    return to_unit(crc_cells.part("test")[0] if name == "cells_cnn" else ph2.splits().test[0])


# Faithfulness


def faithfulness() -> list[Facts]:
    """Grad-CAM at the last layer for the predicted class, against random maps, on up to 200 test pictures a net."""
    found = []
    for name in trained():
        net: Any = load(NETS[name], name).model
        degree = shared(NETS[name], name).evidence["temperature"].item()
        everything = _pictures(name)
        index = torch.randperm(len(everything), generator=torch.Generator().manual_seed(0))[:PICTURES]
        with torch.no_grad():
            target_B = net(everything[index]).argmax(1)
        found.append({"net": name, "n": len(index), **_checked(net, degree, everything[index], target_B)})
        if name == "dermoscopy":
            heat_BHW = gradcam(net, net.layers()[-1], everything[index], target_B)
            mask_BHW = ph2.masks()[ph2.splits().test[2][index]]
            inside_B, area_B = energy_inside(heat_BHW, mask_BHW), mask_BHW.double().mean((1, 2))
            found[-1]["energy_inside"] = _mean(inside_B)
            found[-1]["mask_area"] = _mean(area_B)
    return found


def _checked(net: Any, degree: float, x_BCHW: Tensor, target_B: Tensor) -> Facts:
    """Every measure as the mean with its interval over pictures; `less` is random minus map, above 0 where it holds."""

    def score(x: Tensor) -> Tensor:
        return torch.cat([(net(part) / degree).softmax(1) for part in x.split(64)])

    layer = net.layers()[-1]
    heat_BHW = torch.cat([gradcam(net, layer, x, t) for x, t in zip(x_BCHW.split(32), target_B.split(32), strict=True)])
    grain = max(2, x_BCHW.shape[-1] // 5)
    moved = probe(score, x_BCHW, heat_BHW, target_B, control=displaced, rounds=4)
    noise = probe(score, x_BCHW, heat_BHW, target_B, control=partial(random_heat, grain=grain), rounds=4)
    other_BHW = random_heat(heat_BHW, seed=9, grain=grain)
    out = {
        m: deletion(score, x_BCHW, h, target_B, steps=10).area() for m, h in (("map", heat_BHW), ("random", other_BHW))
    }
    into = {
        m: insertion(score, x_BCHW, h, target_B, steps=10).area() for m, h in (("map", heat_BHW), ("random", other_BHW))
    }
    melted = list(melting(net, lambda n: gradcam(n, layer, x_BCHW[:20], target_B[:20]), stages=[*net.layers(), "head"]))
    return {
        "before": _mean(moved.before_B),
        "hottest_removed": _mean(moved.after_B),
        "displaced_removed": _mean(moved.random_B),
        "random_removed": _mean(noise.random_B),
        "less_than_displaced": _mean(moved.random_B - moved.after_B),
        "less_than_random": _mean(noise.random_B - noise.after_B),
        "deletion_area": _mean(out["map"]),
        "deletion_less_than_random": _mean(out["random"] - out["map"]),
        "insertion_area": _mean(into["map"]),
        "insertion_more_than_random": _mean(into["map"] - into["random"]),
        "melting": [{"stage": stage, "likeness": alike_B.mean().item()} for stage, _, alike_B in melted],
    }


def _mean(value_B: Tensor) -> dict[str, float]:
    values = value_B.double().tolist()
    interval = bootstrap(values, lambda drawn: sum(drawn) / len(drawn))
    return {"mean": sum(values) / len(values), **interval._asdict()}


# Strangers


def novelty() -> dict[str, list[Facts]]:
    """How well strangers are told from test pictures: the other data set, and photographs that come with packages."""
    found = {}
    homes = {
        "cells_cnn": (crc_cells.part("test")[0], crc_cells.SIDE),
        "dermoscopy": (ph2.splits().test[0], ph2.SIDE),
    }
    for name in trained():
        own, side = homes[name]
        checkpoint = shared(NETS[name], name)
        net: Any = checkpoint.model
        familiar = Familiar.kept(checkpoint.evidence, net.layers())
        at_home_B = familiar.distances(net, own)
        other = ph2.pictures()[0] if name == "cells_cnn" else crc_cells.part("test")[0][::8]
        strangers = {"moles" if name == "cells_cnn" else "colon cells": resized(other, side)}
        strangers["photographs of other things"] = photographs(side)
        found[name] = [
            _told_apart(who, at_home_B, familiar.distances(net, x), familiar) for who, x in strangers.items()
        ]
    return found


def _told_apart(who: str, own_B: Tensor, strange_B: Tensor, familiar: Familiar) -> Facts:
    score = torch.cat([own_B, strange_B])
    strange = torch.arange(len(score)) >= len(own_B)
    false_K, true_K = roc_curve(score, strange)
    kept = torch.linspace(0, len(false_K) - 1, min(60, len(false_K))).round().long()
    return {
        "against": who,
        "auc": auc(score, strange),
        "n": len(strange_B),
        "n_own": len(own_B),
        "caught": (strange_B > familiar.threshold).double().mean().item(),
        "mistaken": (own_B > familiar.threshold).double().mean().item(),
        "false": [round(v, 4) for v in false_K[kept].tolist()],
        "true": [round(v, 4) for v in true_K[kept].tolist()],
    }


def resized(x_B3HW: Tensor, side: int) -> Tensor:
    large = F.interpolate(x_B3HW.float(), (side, side), mode="bilinear", antialias=True, align_corners=False)
    return large.round().clamp(0, 255).byte()


def photographs(side: int, n: int = 120) -> Tensor:
    """Crops of twelve pictures that come with scikit-image: people, animals, textures, tissue in another stain."""
    from PIL import Image
    from skimage import data

    names = ("astronaut", "chelsea", "coffee", "rocket", "retina", "immunohistochemistry", "camera", "coins", "moon")
    names += ("brick", "grass", "hubble_deep_field")
    whole = [Image.fromarray(getattr(data, name)()).convert("RGB") for name in names]
    draw = np.random.default_rng(0)
    found = []
    for i in range(n):
        picture = whole[i % len(whole)]
        length = int(min(picture.size) * draw.uniform(0.3, 1))
        x, y = (int(draw.integers(0, full - length + 1)) for full in picture.size)
        found.append(square(picture.crop((x, y, x + length, y + length)), side))
    return torch.stack(found)


# The report


def claims(kept: Facts) -> Iterator[Claim]:
    """PROTOCOLS 2 and 6 beside what was measured."""
    cells = _checkpoint.card("cells_cnn").metrics
    yield claim("cells_cnn, test: macro-F1", cells["macro_f1"], "≥", 0.68)
    yield claim("cells_cnn, test: AUC", cells["auc"], "≥", 0.91)
    if folds := kept.get("folds"):
        yield claim("dermoscopy, five folds: macro-F1", folds["metrics"]["macro_f1"], "≥", 0.62)
        yield claim("dermoscopy, five folds: AUC of melanoma against nevi", folds["melanoma_auc"]["value"], "≥", 0.95)
    rows = {r["kind"]: r for r in kept.get("quantization", [])}
    for kind in ("static int8", "quantization-aware int8"):
        if kind in rows:
            floor = rows["float32"]["accuracy"] - 0.003
            yield claim(f"cells_cnn, {kind}: accuracy", rows[kind]["accuracy"], "≥", floor)
            yield claim(f"cells_cnn, {kind}: times smaller", rows[kind]["times_smaller"], "≥", 3.8)
            yield claim(f"cells_cnn, {kind}: latency ratio, compiled", rows[kind]["latency_ratio"], "≤", 0.6)
    if found := kept.get("maps"):
        for name, difference in found["differences"].items():
            yield claim(f"Grad-CAM against {name}: largest difference", difference, "≤", 1e-4)
        times = {r["name"]: r["median"] for r in found["rows"]}
        for name in ("cells_cnn", "dermoscopy"):
            for other in ("captum", "grad-cam"):
                if theirs := times.get(f"{name}: one map, {other}"):
                    ratio = times[f"{name}: one map, ours"] / theirs
                    yield claim(f"{name}: time of one map against {other}", ratio, "≤", 1.2)
    for checked in kept.get("faithfulness", []):
        for measure in ("less_than_displaced", "less_than_random"):
            what = f"{checked['net']}: {measure.replace('_', ' ')} ({checked['n']} pictures), low end of 95 %"
            yield claim(what, checked[measure]["low"], "≥", 0.0)


def table(kept: Facts) -> Facts:
    """The README's table: who, on what, macro-F1, AUC, accuracy, with the interval of macro-F1."""
    rows = []
    cards = [("cells_cnn", "colon cells, 12 patients", kept.get("cells", [])), ("dermoscopy", "moles, fold 0", [])]
    for name, data, peers in cards:
        if name not in trained():
            continue
        card = _checkpoint.card(name)
        rows.append(_line(name, data, card.metrics, card.intervals["macro_f1"]))
        rows += [_line(p["name"], data, p["metrics"], p["interval"]) for p in peers]
    five = [*filter(None, [kept.get("folds")]), *kept.get("moles", [])]
    rows += [_line(p["name"], "moles, all 200", p["metrics"], p["interval"]) for p in five]
    for r in kept.get("quantization", []):
        what = f"cells_cnn, {r['kind']}, compiled: {r['bytes'] / 1000:.0f} KB, {r['latency_ratio']:.2f} × the time"
        rows.append(_line(what, "colon cells, 12 patients", r, None))
    return {"columns": ["what", "data", "macro-F1 (95 % interval)", "AUC", "accuracy"], "rows": rows}


def _line(name: str, data: str, found: Facts, interval: dict[str, float] | None) -> list[str]:
    span = f" ({interval['low']:.3f} to {interval['high']:.3f}, n = {interval['n']})" if interval else ""
    return [name, data, f"{found['macro_f1']:.3f}{span}", f"{found['auc']:.3f}", f"{found['accuracy']:.3f}"]


def notes(kept: Facts) -> list[str]:
    found = ["Intervals are over patients on colon cells and over pictures on moles. Both data sets are stand-ins."]
    for p in (*filter(None, [kept.get("folds")]), *kept.get("moles", [])):
        area = p["melanoma_auc"]
        found.append(
            f"{p['name']}: melanoma against nevi AUC {area['value']:.3f} ({area['low']:.3f} to {area['high']:.3f})"
        )
    for c in kept.get("faithfulness", []):
        found.append(
            f"{c['net']}, {c['n']} test pictures: p of the answer {c['before']['mean']:.2f}, hottest 20 % removed "
            f"{c['hottest_removed']['mean']:.2f}, the map displaced {c['displaced_removed']['mean']:.2f}, at random "
            f"{c['random_removed']['mean']:.2f}"
        )
        if "energy_inside" in c:
            inside, area = c["energy_inside"], c["mask_area"]
            span = f"({inside['low']:.2f} to {inside['high']:.2f})"
            found.append(f"heat inside the lesion {inside['mean']:.2f} {span}, its area {area['mean']:.2f}")
    if kept.get("novelty"):
        found.append(
            "The layers and the floor by which strangers are told were chosen on the very pictures that these areas "
            "are measured on: read them as the best case."
        )
    if kept.get("maps") and not any("grad-cam" in name for name in kept["maps"]["differences"]):
        found.append("The package grad-cam was not installed: maps were compared with captum's alone.")
    return found


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS))
    options = parser.parse_args()
    measured_on = machine()
    path = _report.RESULTS / "diagnose.json"
    kept: Facts = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if "peers" in options.only:
        kept |= {"cells": cell_peers(), "moles": mole_peers()}
    if "folds" in options.only:
        kept["folds"] = cross_validated()
    for part, measure in (
        ("quantization", quantized),
        ("maps", maps),
        ("faithfulness", faithfulness),
        ("novelty", novelty),
    ):
        if part in options.only:
            kept[part] = measure()
    promised, said = list(claims(kept)), notes(kept)
    for c in promised:
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    print(*(f"note   {sentence}" for sentence in said), sep="\n")
    if options.quick:
        return
    rows = kept["maps"]["rows"] if "maps" in kept else []
    facts = {
        "benchmark": "diagnose",
        **measured_on,
        "rows": rows,
        "claims": promised,
        "notes": said,
        "table": table(kept),
    }
    write("diagnose", kept | facts)
    write("cells_cnn", {**measured_on, "rows": kept.get("cells", [])})
    five = [*filter(None, [kept.get("folds")]), *kept.get("moles", [])]
    write("dermoscopy", {**measured_on, "rows": five})
    if "folds" in options.only:
        on_the_card(kept["folds"])


if __name__ == "__main__":
    main()
