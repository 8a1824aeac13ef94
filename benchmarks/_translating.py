"""Scan translation's part of `benchmarks/restoration.py`: baselines, an oracle and the nets on the same test slices."""

import statistics
from collections.abc import Callable
from typing import Any

import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from benchmarks._report import Claim, claim
from metrics.intervals import bootstrap, finite_mean, means_by_unit
from metrics.pictures import fidelity
from models import CheckpointMissing, _checkpoint
from models.dense_unet import DenseUNet
from signals.image import to_unit
from signals.scan import winsorised
from training import Arrays, Splits
from training.data import lgg_mri
from training.recipes import mri_dense_unet_taught
from training.tasks.translation import Translate, measure_each, translated

LEAD = mri_dense_unet_taught.recipe.name
TEACHERS = tuple(recipe.name for recipe in mri_dense_unet_taught.TEACHERS)
DIRECTIONS: dict[str, tuple[Callable[[], Splits], tuple[str, ...]]] = {
    "pre-contrast → FLAIR": (lgg_mri.to_flair, (LEAD, *TEACHERS)),
    "FLAIR → pre-contrast": (lgg_mri.from_flair, ("mri_dense_unet_back",)),
}
ORACLE = "oracle: the best line for each slice"
ENSEMBLE = "mean of the three nets that taught it"
TARGETS = {"psnr_db": (23.5, None), "psnr_db_head": (20.0, 21.5), "psnr_db_head_aligned": (22.5, 24.0)}
COLUMNS = (
    "direction", "method", "MAE", "PSNR, whole", "PSNR, head (95 % interval)", "PSNR, head, aligned", "SSIM",
    "SSIM, head", "MAE in the tumour",
)  # fmt: skip


def polynomial(train: Arrays, degree: int) -> Translate:
    """The polynomial of the winsorised source that fits all training pixels best, by least squares."""
    x_N, y_N = winsorised(to_unit(train[0])).flatten().double(), train[1].flatten().double()
    powers_ND = torch.stack([x_N**k for k in range(degree + 1)], 1)
    weight_D = torch.linalg.lstsq(powers_ND.T @ powers_ND, (powers_ND.T @ y_N)[:, None]).solution[:, 0].float()
    return lambda x_B1HW: sum(weight_D[k] * winsorised(x_B1HW) ** k for k in range(degree + 1))  # type: ignore[return-value]


def oracle(test: Arrays) -> Tensor:
    """For every test slice the best straight line of its source: it has seen the truth."""
    x_B1HW, y_B1HW = winsorised(to_unit(test[0])).double(), test[1].double()
    mean_x, mean_y = (t.mean((1, 2, 3), keepdim=True) for t in (x_B1HW, y_B1HW))
    slope = ((x_B1HW - mean_x) * (y_B1HW - mean_y)).mean((1, 2, 3), keepdim=True)
    slope = slope / (x_B1HW - mean_x).square().mean((1, 2, 3), keepdim=True)
    return (slope * (x_B1HW - mean_x) + mean_y).clamp(0, 1).float()


def nets(names: tuple[str, ...]) -> dict[str, nn.Module]:
    """Those that are there."""
    found = {}
    for name in names:
        try:
            found[name] = _checkpoint.load(DenseUNet, name).model
        except CheckpointMissing:
            print(f"{name}: not trained yet")
    return found


def rows(direction: str) -> list[dict[str, Any]]:
    """A row for every method on the test slices of one direction, with intervals over patients."""
    data, names = DIRECTIONS[direction]
    splits = data()
    mean_1HW = splits.train[1].mean(0)
    methods: dict[str, Translate] = {
        "identity": winsorised,
        "mean training slice": lambda x_B1HW: mean_1HW.expand(len(x_B1HW), -1, -1, -1),
        "line, fitted on train": polynomial(splits.train, 1),
        "polynomial of degree 5, fitted on train": polynomial(splits.train, 5),
    }
    trained = nets(names)
    methods |= {f"`{name}`": model for name, model in trained.items()}
    if together := [net for name, net in trained.items() if name in TEACHERS]:
        methods[ENSEMBLE] = lambda x_B1HW: torch.stack([net(x_B1HW).clamp(0, 1) for net in together]).mean(0)
    found = [_row(direction, name, measure_each(m, splits.test), splits.test[4]) for name, m in methods.items()]
    by_oracle = fidelity(splits.test[1], oracle(splits.test), splits.test[2])
    return [*found, _row(direction, ORACLE, by_oracle, splits.test[4])]


def _row(direction: str, name: str, values: dict[str, Tensor], patient_B: Tensor) -> dict[str, Any]:
    metrics = {key: finite_mean(values_B) for key, values_B in values.items()}
    print(f"{direction}  {name:42} " + "  ".join(f"{k} {metrics[k]:.3f}" for k in TARGETS), flush=True)
    intervals = {key: span._asdict() for key, span in means_by_unit(values, patient_B).items()}
    return {"direction": direction, "name": name, "metrics": metrics, "intervals": intervals}


def cells(row: dict[str, Any]) -> list[str]:
    m, span = row["metrics"], row["intervals"]["psnr_db_head"]
    return [
        row["direction"], row["name"], f"{m['mae']:.4f}", f"{m['psnr_db']:.2f}",
        f"{m['psnr_db_head']:.2f} ({span['low']:.2f} to {span['high']:.2f})", f"{m['psnr_db_head_aligned']:.2f}",
        f"{m['ssim']:.3f}", f"{m['ssim_head']:.3f}", f"{m['mae_tumour']:.3f}" if "mae_tumour" in m else "–",
    ]  # fmt: skip


def claims(found: list[dict[str, Any]]) -> list[Claim]:
    """The floor, the targets and the moonshots, of the net that leads."""
    by = {row["name"]: row["metrics"] for row in found if row["direction"].startswith("pre")}
    if f"`{LEAD}`" not in by:
        return []
    m = by[f"`{LEAD}`"]
    made = [
        claim(f"`{LEAD}`, MAE, floor", m["mae"], "≤", 0.05),
        claim(f"`{LEAD}`, PSNR, whole, floor", m["psnr_db"], "≥", 20),
    ]
    for key, (target, moonshot) in TARGETS.items():
        made.append(claim(f"`{LEAD}`, {key}", m[key], "≥", target))
        if moonshot:
            made.append(claim(f"`{LEAD}`, {key}, moonshot", m[key], "≥", moonshot))
    return made


def uncertainty() -> str:
    """Whether the three nets disagree where they are wrong: inside the head, slice by slice, over patients."""
    source_B1HW, truth_B1HW, head_B1HW, _, patient_B = lgg_mri.to_flair().test
    y_NB1HW = torch.stack([translated(net, source_B1HW) for net in nets(TEACHERS).values()])
    spread_B1HW, error_B1HW = y_NB1HW.std(0), (y_NB1HW.mean(0) - truth_B1HW).abs()
    rank, most, least = [], [], []
    for spread, error, head in zip(spread_B1HW, error_B1HW, head_B1HW, strict=True):
        s_N, e_N = spread[head], error[head]
        order = s_N.argsort()
        tenth = max(1, len(order) // 10)
        least.append(e_N[order[:tenth]].mean().item())
        most.append(e_N[order[-tenth:]].mean().item())
        found: Any = spearmanr(s_N.numpy(), e_N.numpy())
        rank.append(float(found.statistic))
    groups = [[r for r, p in zip(rank, patient_B.tolist(), strict=True) if p == q] for q in patient_B.unique().tolist()]
    span = bootstrap(groups, lambda drawn: statistics.mean(value for group in drawn for value in group))
    return (
        "The three nets' standard deviation against the absolute error of their mean, inside the head of "
        f"{len(rank)} slices: rank correlation {statistics.mean(rank):.2f} ({span.low:.2f} to {span.high:.2f} over "
        f"{span.n} patients); MAE in the most uncertain tenth {statistics.mean(most):.3f}, in the least "
        f"{statistics.mean(least):.3f}."
    )
