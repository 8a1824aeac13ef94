"""What the nets came to, drawn: frauds among the training payments, the two ways to split, and one's own payments."""

from collections.abc import Mapping

import torch
from markupsafe import Markup

from demos._ui.charts import Axis, Label, Line, chart
from demos._ui.html import EMPTY, Figure, join, minus, note, readouts, table
from demos.fraud.nets import Scored
from models._checkpoint import Card
from signals.payments import FEATURES

SHOWN = 10
"""Of one's own payments, the oddest."""
COURSE_WORK = (
    "The notebook that this grows from fitted on all normal payments, scaled by all rows, and read its threshold, 2.9, "
    "off a plot of the test set. It quoted an F1 of 0.66, where its own table gives 0.056. “Why 2.9?” was asked under it "
    "in 2019 and never answered: because it looked right on the payments that it was then measured on."
)


def area(card: Card) -> str:
    """AUPRC with its interval."""
    low, high = (card.intervals["auprc"][end] for end in ("low", "high"))
    return f"{card.metrics['auprc']:.3f} ({low:.3f} to {high:.3f})"


def mixed_text(cards: Mapping[float, Card], share: float) -> Markup:
    """What so many frauds taken for normal do, as a line with its intervals and a mark at the chosen share."""
    if not cards:
        return note("These nets are not trained yet: python -m training fit fraud_mixed_1, and so on.")
    nearest = min(cards, key=lambda known: abs(known - share))
    points = [(known, card.metrics["auprc"]) for known, card in cards.items()]
    spans = [
        Line([(known, card.intervals["auprc"]["low"]), (known, card.intervals["auprc"]["high"])], "wl-fraud-span")
        for known, card in cards.items()
    ]
    x = Axis(0, 5, [(known, f"{known:g} %") for known in cards], "frauds among the payments taken for normal")
    y = Axis(0, 1, [(0, "0"), (0.5, "0.5"), (1, "1")])
    card = cards[nearest]
    words = f"{nearest:g} % frauds among the training payments: area {area(card)} on the same test payments."
    here = Label((nearest, card.metrics["auprc"]), kind="wl-fraud-at")
    title = "Area under precision-recall, higher is better"
    return chart(x, y, *spans, Line(points), here, title=title, words=words)


def split_text(cards: Mapping[str, Card]) -> Markup:
    """The same net by the two ways to split, and what the course work did."""
    rows = [
        (f"split {name}", [area(card), f"{card.metrics['auroc']:.3f}", f"{card.n:,}"]) for name, card in cards.items()
    ]
    columns = ("the same net", "area under precision-recall ↑", "AUROC ↑", "payments")
    caption = "By time the net meets what comes next; at random it has seen the same minutes, and the frauds in them"
    return join([table(columns, rows, caption=caption) if rows else EMPTY, note(COURSE_WORK)])


def scored_text(found: Scored) -> Markup:
    """A visitor's own payments: how many raise an alarm, and the oddest of them."""
    score_B, x_BD = found.score_B, found.payments.x_BD
    n, alarms = len(score_B), int((score_B >= found.threshold).sum())
    figures = [Figure(f"{n:,}", "payments"), Figure(f"{alarms:,}", "raise an alarm")]
    if found.auprc is not None:
        figures.append(Figure(f"{found.auprc:.3f}", "area under precision-recall, by your column Class"))
    order = score_B.argsort(descending=True, stable=True)[:SHOWN].tolist()
    rows = [
        (f"row {i + 1:,}", [f"{score_B[i] / found.threshold:.2f}", f"{x_BD[i, -1]:,.2f} €", _extremes(x_BD[i])])
        for i in order
    ]
    columns = ("the oddest", "× the threshold", "amount", "its largest numbers")
    words = (
        "The threshold is the one of validation. The net knows two days of one bank in 2013: elsewhere it is a guess."
    )
    return join([readouts(*figures), table(columns, rows, caption="Your payments, the oddest first"), note(words)])


def _extremes(x_D: torch.Tensor) -> str:
    order = x_D[:-1].abs().argsort(descending=True)[:3].tolist()
    return minus(", ".join(f"{FEATURES[i]} {x_D[i]:.1f}" for i in order))


def card_picture(score_B: torch.Tensor, fraud_B: torch.Tensor) -> Markup:
    """For the home page: payments as dots, the odd ones above the line."""
    level_B = score_B.clamp(min=1e-3).log10()
    share_B = (level_B - level_B.min()) / (level_B.max() - level_B.min())
    index = torch.linspace(0, len(score_B) - 1, min(len(score_B), 220)).long()
    index = torch.cat([index, fraud_B.nonzero().flatten()[::3]])
    dots = join(
        Markup('<circle class="{}" cx="{:.0f}" cy="{:.0f}" r="{}"/>').format(
            "wl-fraud-bad" if fraud_B[i] else "wl-fraud-good", 300 * i / len(score_B), 80 - 76 * share_B[i], 3 if fraud_B[i] else 1.6
        )
        for i in index.tolist()
    )  # fmt: skip
    return Markup(
        '<svg class="wl-fraud-card" viewBox="0 0 300 84" preserveAspectRatio="xMidYMid slice">{}<line x1="0" x2="300" y1="34" y2="34"/></svg>'
    ).format(dots)
