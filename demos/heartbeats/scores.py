"""How good the heartbeat nets are, from the scores they gave every test beat: tables, curves, a threshold to move."""

import json
from collections.abc import Sequence
from statistics import fmean

import torch
from markupsafe import Markup
from torch import Tensor

from demos._ui.charts import Axis, Line, chart, key
from demos._ui.html import Figure, best, confusion, join, note, number, per_cent, readouts, table
from demos.heartbeats.strip import letter
from metrics import classification
from metrics.classification import against_rest, binary, f1
from metrics.detection import auc, average_precision, precision_recall_curve, roc_curve
from metrics.intervals import welch
from models import Card
from signals.ecg import CLASSES, NORMAL
from training import RESULTS
from training.data import mitbih
from training.tasks.heartbeats import LEAST, f1_over_records, f1_without

POINTS = 200
HALVES = ((0.0, "0"), (0.5, "0.5"), (1.0, "1"))
S, Q = CLASSES.index("S"), CLASSES.index("Q")
HOURS = 22 * 650_000 / 360 / 3600
"""Of ECG in the test set."""


def class_table(evidence: dict[str, Tensor], name: str) -> Markup:
    """The confusion matrix with each class's precision, recall and F1."""
    counts_CC = evidence["confusion"]
    words = (
        f"{name.capitalize()}: {int(counts_CC.sum()):,} test beats of 22 records, one a patient. Q has "
        f"{int(counts_CC[Q].sum())} beats: too few to measure, so it has no F1 and is in no mean."
    )
    asked_C, answered_C, hits_C = counts_CC.sum(1), counts_CC.sum(0), counts_CC.diag()
    shares = {
        "recall": [per_cent(share) for share in (hits_C / asked_C.clamp(min=1)).tolist()],
        "precision": [per_cent(share) for share in (hits_C / answered_C.clamp(min=1)).tolist()],
        "F1": [best(f"{value:.3f}") for value in class_f1(evidence).tolist()],
    }
    for words_C in shares.values():
        words_C[Q] = "–"
    caption = "Annotators (rows) against the net (columns)"
    return confusion(counts_CC, [letter(name) for name in CLASSES], caption=caption, shares=shares) + note(words)


def class_f1(evidence: dict[str, Tensor]) -> Tensor:
    """The F1 of each class."""
    return f1(evidence["confusion"])


def curves(evidence: dict[str, Tensor], kind: str) -> Markup:
    """One-against-rest curves of N, S, V and F, “Precision and recall” or “ROC”, with their areas."""
    p_BC, class_B = evidence["probability"].float(), evidence["class"]
    draw, measure = (roc_curve, auc) if kind == "ROC" else (precision_recall_curve, average_precision)
    lines, areas = [], []
    for k, name in enumerate(CLASSES[:4]):
        x, y = draw(p_BC[:, k], class_B == k)
        keep = torch.searchsorted(x, torch.linspace(0, 1, POINTS, dtype=x.dtype)).clamp(max=len(x) - 1).unique()
        lines.append(Line(list(zip(x[keep].tolist(), y[keep].tolist(), strict=True)), f"wl-heartbeats-line{name}"))
        areas.append((name, f"{measure(p_BC[:, k], class_B == k):.3f}"))
    across, up = ("false-positive rate", "recall") if kind == "ROC" else ("recall", "precision")
    what = "Area under the ROC curve" if kind == "ROC" else "Average precision"
    return chart(
        Axis(0, 1, HALVES, across), Axis(0, 1, HALVES), *lines, title=f"{kind}: {up} upwards", square=True, kind="wl-heartbeats-curves",
        legend=join(key(f"wl-heartbeats-key{name}", name) for name, _ in areas),
        words=f"{what}, each class against the rest: {', '.join(' '.join(pair) for pair in areas)}. 1 is perfect.",
    )  # fmt: skip


def at_threshold(evidence: dict[str, Tensor], threshold: float) -> Tensor:
    """Counts `(2, 2)` of normal and abnormal, where 1 − P(N) ≥ `threshold` is an alarm."""
    alarm_B = 1 - evidence["probability"][:, NORMAL].float() >= threshold
    return classification.confusion(alarm_B.long(), (evidence["class"] != NORMAL).long(), 2)


def threshold_text(evidence: dict[str, Tensor], threshold: float) -> Markup:
    """The binary reading at a threshold: shares, and what they mean in an hour of ECG."""
    counts = at_threshold(evidence, threshold)
    found = binary(counts)
    (_, alarms), (missed, hits) = counts.tolist()
    argmax = binary(against_rest(evidence["confusion"], NORMAL))["f1"]
    words = (
        f"Of {missed + hits:,} abnormal test beats {hits:,} are found and {missed:,} missed, with {alarms / HOURS:.0f} false "
        f"alarms an hour of ECG. The surest class alone, without a threshold, has F1 {argmax:.3f}. A threshold chosen here is "
        "chosen on the test set: good for seeing, not for quoting."
    )
    return readouts(
        Figure(per_cent(found["recall"]), "of abnormal beats found (recall)"),
        Figure(per_cent(found["precision"]), "of alarms are right (precision)"),
        Figure(per_cent(found["specificity"]), "of normal beats left in peace (specificity)"),
        Figure(f"{found['f1']:.3f}", "F1 of both; 1 is perfect"),
    ) + note(words)


def beside_headline(card: Card, evidence: dict[str, Tensor]) -> Markup:
    """Accuracy over all classes, its interval, and what calling every beat normal gets."""
    right, dumb = card.metrics["accuracy"], (evidence["class"] == NORMAL).double().mean().item()
    low, high = (card.intervals["accuracy"][end] for end in ("low", "high"))
    return note(
        f"Accuracy over all five classes: {per_cent(right)} (95 % interval, drawing patients, {per_cent(low)} to "
        f"{per_cent(high)}); calling every beat normal gets {per_cent(dumb)}."
    )


def melting_number(evidence: dict[str, Tensor], looks: Sequence[float], now: float) -> Markup:
    """What is left of the F1 of S once the patient who has most of those beats is taken away; how often test was asked."""
    answer_B, class_B, record_B = evidence["probability"].argmax(1), evidence["class"], evidence["record"]
    whose_B = record_B[class_B == S]
    crowded = int(whose_B.mode().values)
    every, rest = class_f1(evidence)[S].item(), f1_without(answer_B, class_B, record_B, S, crowded)
    each = f1_over_records(answer_B, class_B, record_B, S)
    asked = ", ".join(f"{look:.3f}" for look in looks)
    return readouts(
        Figure(f"{every:.3f}", "F1 of S on all test records"),
        Figure(f"{rest:.3f}", f"without record {mitbih.RECORDS[crowded]}"),
        Figure(f"{each.quantile(0.5):.3f}", f"in the median of {len(each)} records with {LEAST} S beats or more"),
    ) + note(
        f"Early atrial beats (S) are what nobody should claim here. Of the test set’s {len(whose_B):,} such beats "
        f"{int((whose_B == crowded).sum()):,} are one patient’s, whose usual beat they are: whoever gets him right looks good. "
        f"Test was asked {len(looks) + 1} times while this net was made (macro-F1 {asked} and now {now:.3f}), each time with the last "
        "score known: what is changed until a test set is pleased has learnt that test set. So the F1 of V and the accuracy are "
        "claimed, for what they come from was chosen on training records alone, and S is shown and not claimed."
    )


def split_comparison() -> Markup:
    """The honest split beside the inflated one, from the benchmark's results."""
    path = RESULTS / "heartbeats.json"
    if not path.exists():
        return note("Not measured yet: python -m benchmarks.heartbeats")
    pairs = json.loads(path.read_text(encoding="utf-8"))["inflated"]
    rows = (
        (p["name"], [f"{p[how][key]:.3f}" for how in ("honest", "inflated") for key in ("macro_f1", "f1_S")])
        for p in pairs
    )
    columns = ("by patient, macro-F1", "F1 of S", "beats at random, macro-F1", "F1 of S")
    return table(columns, rows, caption="The same method, two ways to split the beats") + note(
        "Split at random, every test patient's heart has been seen in training, and the net need only recognise it. A "
        "figure of 98 or 99 % for these data is often of this kind. What counts is the column on the left."
    )


def attention_comparison(plain: Sequence[float], attending: Sequence[float]) -> Markup:
    """Does the plain CNN beat the one with attention, as the course work found? By the macro-F1 of each one's seeds."""
    if min(len(plain), len(attending)) < 2:
        return note("Only one seed of each has been trained: nothing can be said yet.")
    low, high, _ = welch(plain, attending)
    verdict = (
        "the plain CNN is better" if low > 0 else "the one with attention is better" if high < 0
        else "the difference is within what the seed alone moves"
    )  # fmt: skip
    plainly, attentively = (", ".join(f"{value:.3f}" for value in values) for values in (plain, attending))
    gap, least, most = (number(value, "+.3f") for value in (fmean(plain) - fmean(attending), low, high))
    return note(
        f"The course work found that the plain CNN beats the one with attention. Here, macro-F1 over seeds: CNN {plainly}; "
        f"with attention {attentively}. CNN minus attention {gap}, 95 % interval {least} to {most} "
        f"(Welch, over seeds): {verdict}."
    )
