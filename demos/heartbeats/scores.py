"""How good the heartbeat nets are, from the scores they gave every test beat: tables, curves, a threshold to move."""

from __future__ import annotations

import json
from html import escape
from statistics import fmean
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from demos._ui.charts import QUIET, per_cent, quiet
from demos._ui.panels import note
from metrics.classification import against_rest, binary, confusion
from metrics.detection import auc, average_precision, precision_recall_curve, roc_curve
from metrics.intervals import welch
from models import _checkpoint
from models._checkpoint import CheckpointDamaged, CheckpointMissing
from signals.ecg import CLASSES, NORMAL
from training._table import RESULTS

if TYPE_CHECKING:
    import plotly.graph_objects as go

POINTS = 200
INKS = {"N": "#7c8590", "S": "#2f7fc1", "V": "#d1495b", "F": "#9a6bc4"}
"""The classes' colours on a plot; the page's own are in heartbeats.css."""
DASHES = {"N": "dot", "S": "solid", "V": "dash", "F": "dashdot"}
HOURS = 22 * 650_000 / 360 / 3600
"""Of ECG in the test set."""


def counts_text(evidence: dict[str, Tensor], name: str) -> str:
    """The confusion matrix with each class's precision, recall and F1."""
    counts = evidence["confusion"]
    total = int(counts.sum())
    head = "".join(f"<th scope='col'>{c}</th>" for c in (*CLASSES, "recall", "precision", "F1"))
    rows = "".join(_counts_row(counts, k) for k in range(len(CLASSES)))
    words = (
        f"{name.capitalize()}: {total:,} test beats of 22 records, one a patient. Q has {int(counts[4].sum())} beats: too few "
        "to measure, so it has no F1 and is in no mean."
    )
    return (
        f'<div class="wl-scroll"><table class="wl-confusion wl-beats"><caption>Annotators (rows) against the net (columns)</caption>'
        f"<tr><td></td>{head}</tr>{rows}</table></div>{note(words)}"
    )


def _counts_row(counts: Tensor, k: int) -> str:
    asked, answered, hits = int(counts[k].sum()), int(counts[:, k].sum()), int(counts[k, k])
    cells = "".join(
        f'<td class="wl-hit">{n:,}</td>'
        if j == k
        else f'<td style="--heat:{min(1.0, 3 * n / max(1, asked)):.2f}">{n:,}</td>'
        for j, n in enumerate(counts[k].tolist())
    )
    if CLASSES[k] == "Q":
        shares = "<td>–</td>" * 3
    else:
        recall, precision = hits / max(1, asked), hits / max(1, answered)
        f1 = 2 * hits / max(1, asked + answered)
        shares = f"<td>{per_cent(recall)}</td><td>{per_cent(precision)}</td><td><b>{f1:.3f}</b></td>"
    return f'<tr><th scope="row" class="wl-c{CLASSES[k]}">{CLASSES[k]}</th>{cells}{shares}</tr>'


def curves(evidence: dict[str, Tensor], kind: str) -> tuple[go.Figure, str]:
    """One-against-rest curves of N, S, V and F, “Precision and recall” or “ROC”, and their areas in words."""
    import plotly.graph_objects as go

    figure, areas = go.Figure(), []
    p_BC, class_B = evidence["probability"].float(), evidence["class"]
    for k, name in enumerate(CLASSES[:4]):
        draw, measure = (roc_curve, auc) if kind == "ROC" else (precision_recall_curve, average_precision)
        (x, y), area = draw(p_BC[:, k], class_B == k), measure(p_BC[:, k], class_B == k)
        keep = torch.searchsorted(x, torch.linspace(0, 1, POINTS, dtype=x.dtype)).clamp(max=len(x) - 1).unique()
        figure.add_scatter(
            x=x[keep].tolist(), y=y[keep].tolist(), mode="lines", name=f"{name} {area:.3f}",
            line={"color": INKS[name], "dash": DASHES[name], "width": 2},
        )  # fmt: skip
        areas.append(f"{name} {area:.3f}")
    quiet(figure)
    titles = ("false-positive rate", "recall") if kind == "ROC" else ("recall", "precision")
    legend = {"orientation": "h", "x": 0, "y": 1.14, "font": {"color": QUIET}}
    figure.update_layout(showlegend=True, legend=legend, height=360, margin={"l": 54, "r": 8, "t": 34, "b": 46})
    figure.update_xaxes(title=titles[0], range=[0, 1])
    figure.update_yaxes(title=titles[1], range=[0, 1.02])
    what = "Area under the ROC curve" if kind == "ROC" else "Average precision"
    return figure, note(f"{what}, each class against the rest: {', '.join(areas)}.")


def at_threshold(evidence: dict[str, Tensor], threshold: float) -> Tensor:
    """Counts `(2, 2)` of normal and abnormal, where 1 − P(N) ≥ `threshold` is an alarm."""
    alarm_B = 1 - evidence["probability"][:, NORMAL].float() >= threshold
    return confusion(alarm_B.long(), (evidence["class"] != NORMAL).long(), 2)


def threshold_text(evidence: dict[str, Tensor], threshold: float) -> str:
    """The binary reading at a threshold: shares, and what they mean in an hour of ECG."""
    counts = at_threshold(evidence, threshold)
    found = binary(counts)
    (_, alarms), (missed, hits) = counts.tolist()
    names = ("precision", "recall", "specificity", "f1", "accuracy")
    shown = "".join(
        f"<div><b>{found[name]:.3f}</b><span>{'F1' if name == 'f1' else name}</span></div>" for name in names
    )
    argmax = binary(against_rest(evidence["confusion"], NORMAL))["f1"]
    words = (
        f"Of {missed + hits:,} abnormal test beats {hits:,} are found and {missed:,} missed, with {alarms / HOURS:.0f} false "
        f"alarms an hour of ECG. The surest class alone, without a threshold, has F1 {argmax:.3f}. A threshold chosen here is "
        "chosen on the test set: good for seeing, not for quoting."
    )
    return f'<div class="wl-readouts">{shown}</div>{note(words)}'


def lesson_text() -> str:
    """The honest split beside the inflated one, from the benchmark's results."""
    path = RESULTS / "heartbeats.json"
    if not path.exists():
        return note("Not measured yet: python -m benchmarks.heartbeats")
    pairs = json.loads(path.read_text(encoding="utf-8"))["inflated"]
    rows = "".join(
        f"<tr><th scope='row'>{escape(p['name'])}</th><td>{p['honest']['macro_f1']:.3f}</td><td>{p['honest']['f1_S']:.3f}</td>"
        f"<td>{p['inflated']['macro_f1']:.3f}</td><td>{p['inflated']['f1_S']:.3f}</td></tr>"
        for p in pairs
    )
    return (
        '<div class="wl-scroll"><table class="wl-confusion wl-beats"><caption>The same method, two ways to split the beats</caption>'
        "<tr><td></td><th scope='col'>by patient, macro-F1</th><th scope='col'>F1 of S</th>"
        f"<th scope='col'>beats at random, macro-F1</th><th scope='col'>F1 of S</th></tr>{rows}</table></div>"
        + note(
            "Split at random, every test patient's heart has been seen in training, and the net need only recognise it. A "
            "figure of 98 or 99 % for these data is often of this kind. What counts is the column on the left."
        )
    )


def finding_text() -> str:
    """Does the plain CNN beat the one with attention, as the course work found? By the seeds on the cards."""
    try:
        plain, attending = (_seeds(name) for name in ("ecg_cnn", "ecg_attention"))
    except (CheckpointMissing, CheckpointDamaged) as error:
        return note(str(error))
    if min(len(plain), len(attending)) < 2:
        return note("Only one seed of each has been trained: nothing can be said yet.")
    low, high, _ = welch(plain, attending)
    verdict = (
        "the plain CNN is better" if low > 0 else "the one with attention is better" if high < 0
        else "the difference is within what the seed alone moves"
    )  # fmt: skip
    listed = lambda values: ", ".join(f"{v:.3f}" for v in values)  # noqa: E731
    return note(
        f"The course work found that the plain CNN beats the one with attention. Here, macro-F1 over seeds: CNN {listed(plain)}; "
        f"with attention {listed(attending)}. CNN minus attention {fmean(plain) - fmean(attending):+.3f}, 95 % interval {low:+.3f} to {high:+.3f} "
        f"(Welch, over seeds): {verdict}."
    )


def _seeds(name: str) -> list[float]:
    return [metrics["macro_f1"] for metrics in _checkpoint.card(name).seeds.values()]
