"""The race, drawn: both curves while they run, and who is ahead at the end."""

from markupsafe import Markup

from demos._ui.charts import Axis, Line, Rule, chart
from demos._ui.html import Figure, readouts, verdict
from demos.cifar10.measured import LINES, legend
from demos.cifar10.nets import CNN, KINDS, PERCEPTRON
from demos.cifar10.race import Lap


def race_text(lap: Lap) -> Markup:
    """Both accuracies over seconds, and how many steps each has taken."""
    found = [lap.runners[kind] for kind in KINDS]
    figures = [
        Figure(f"{100 * runner.right:.0f} %" if runner.points else "…", f"{kind}, {runner.steps:,} steps")
        for kind, runner in zip(KINDS, found, strict=True)
    ]
    x = Axis(0, lap.seconds, [(0, "0"), (lap.seconds, f"{lap.seconds:.0f}")], "seconds of its own")
    lines = [Line(lap.runners[kind].points, LINES[kind]) for kind in KINDS if len(lap.runners[kind].points) > 1]
    chance = 1 / lap.classes
    ticks = [(0.0, "0 %"), (chance, "chance"), (0.5, "50 %"), (1.0, "100 %")]
    drawn = chart(
        x, Axis(0, 1, ticks), Rule(y=chance), *lines, title="Named rightly, of pictures that neither learns from",
        words=from_words(lap), legend=legend(), kind="wl-cifar10-lines",
    )  # fmt: skip
    return readouts(*figures) + drawn


def from_words(lap: Lap) -> str:
    """From what they learn, and who judges."""
    what = (
        "groceries in nine kinds at 32 × 32 (samples that ship, since CIFAR-10 is not on this machine)"
        if lap.sampled
        else "CIFAR-10’s ten kinds"
    )
    return f"Learnt from {lap.learnt_from:,} pictures of {what}; judged by {lap.judges:,} others."


def race_verdict(lap: Lap) -> Markup:
    """Who is ahead, with both intervals, and whether that can be luck."""
    ahead, behind = sorted(KINDS, key=lambda kind: -lap.runners[kind].right)
    first, second = lap.runners[ahead], lap.runners[behind]
    if first.interval is None or second.interval is None:
        return verdict(None, "Nobody has got anywhere", "There was no time for a look: give them more seconds.")
    spans = "; ".join(
        f"{kind.lower()} {100 * runner.right:.0f} % ({100 * runner.interval.low:.0f} to {100 * runner.interval.high:.0f})"
        for kind, runner in ((ahead, first), (behind, second))
        if runner.interval
    )
    judges = f"Of {lap.judges:,} pictures, 95 % intervals: {spans}."
    if first.right == second.right:
        return verdict(None, "A tie", judges)
    is_clear = first.interval.low > second.interval.high
    luck = "" if is_clear else " The intervals overlap: with so few pictures the lead may be luck."
    why = {
        CNN: " What it takes for granted, that a thing is the same wherever it lies, it need not learn.",
        PERCEPTRON: " Its steps are cheaper, so that it takes more of them in the same time; given longer, it is overtaken.",
    }
    return verdict(is_clear or None, f"The {ahead.lower()} is ahead", judges + luck + why[ahead])
