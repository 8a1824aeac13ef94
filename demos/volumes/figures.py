"""What the answers of Volumes look like: the probability, the verdict, and what turning, size and seeing less change."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from markupsafe import Markup
from torch import Tensor

from demos._ui.charts import Axis, Boxes, Dots, Label, Line, Rule, chart, key
from demos._ui.html import (
    Figure,
    bars,
    figure,
    group,
    join,
    minus,
    note,
    number,
    per_cent,
    readouts,
    small,
    stranger,
    table,
    verdict,
)
from demos._ui.pictures import picture
from demos.volumes.nets import CLASSES, SICK, Rank, Reading, Sizes, Stop, Verdict
from demos.volumes.shapes import Volume
from signals import image
from signals.volume import ROTATIONS

PROBABILITY = Axis(0, 1, [(0, "0"), (0.5, "0.5"), (1, "1")])
LEAST_FALL = 0.02
"""Of a probability, that counts as one."""
WARNING = "Never for a patient: it sees a shape and nothing else."


# The answer


def answer_text(reading: Reading, whose: str, before: float | None = None) -> Markup:
    """The probability in large figures, what was told of the volume, and whether it is a gland at all.

    `before` is the probability of the shape before it was rubbed.
    """
    shown, p = reading.volume, reading.p
    was = number(before, ".2f") if before is not None else ""
    head = readouts(Figure(number(p, ".2f"), f"probability of {CLASSES[SICK]}, 0 to 1", before=was))
    size = f"{shown.words[:1].upper()}{shown.words[1:]}, {shown.millilitres:.1f} ml"
    size += f", labelled {CLASSES[shown.truth]}." if shown.truth is not None and before is None else "."
    healthy, sick = (100 * share for share in reading.above)
    rank = f"{healthy:.0f} of 100 healthy test glands have less, and {sick:.0f} of 100 diseased ones."
    told = group("wl-volumes-answer", head, note(join([size, rank, shown.said], " ")))
    return _warned(reading, told) + note(small(f"Read by {whose}. {WARNING}"))


def _warned(reading: Reading, told: Markup) -> Markup:
    if not reading.is_stranger:
        return told
    meaning = (
        "It knows adrenal glands cut out of CT, one millimetre a voxel; of any other shape its answer means nothing."
    )
    why = f"It lies {reading.strange:.1f} times as far from them as a gland may. {meaning}"
    return stranger("This is not like the glands it learnt from", why, told)


# Why


def map_verdict(found: Verdict, name: str) -> Markup:
    """Whether the map holds: removing what is hot on the surface against as much elsewhere on it."""
    before, after, elsewhere = (per_cent(p) for p in (found.before, found.after, found.elsewhere))
    facts = (
        f"With the hottest {100 * found.share:.0f} % of the surface worn off, “{name}” goes from {before} to {after}; with as much "
        f"worn off elsewhere on it, to {elsewhere}."
    )
    if found.before < 2 * LEAST_FALL:
        return verdict(
            None, "Too little to lose", f"“{name}” stands at {before}: no map of what speaks for it can be checked."
        )
    if holds(found):
        return verdict(True, "This map holds", f"{facts} What is hot here is what the answer rests on.")
    return verdict(False, "This map does not hold", f"{facts} What is hot here matters no more than the rest.")


def holds(found: Verdict) -> bool:
    """Whether wearing the surface down where it is hot lowers the probability, and by more than elsewhere on it."""
    return found.before - found.after > LEAST_FALL and found.elsewhere - found.after > LEAST_FALL


def empty_map(name: str) -> Markup:
    """Where nothing speaks for a class."""
    return verdict(None, "No map", f"Nothing here speaks for “{name}”: the map is empty, so there is nothing to check.")


# Turning, size, seeing less


def turned_chart(p_N: Sequence[float], rank: Rank, milliseconds: float) -> Markup:
    """The probability in each of the 24 rotations, and their mean with what it costs."""
    mean, low, high = sum(p_N) / len(p_N), min(p_N), max(p_N)
    x = Axis(0.5, len(ROTATIONS) + 0.5, [(2, "as it lies"), (24, "24")], "rotation of the cube")
    words = (
        f"The same gland, turned: from {_ranked(low, rank)} to {_ranked(high, rank)}. The mean of all, {number(mean, '.2f')}, "
        f"is the same however it lies: {milliseconds:.0f} ms on this server instead of {milliseconds / len(p_N):.0f}."
    )
    dots = Dots([(i + 1, p, 4.5) for i, p in enumerate(p_N)])
    own, other = key("wl-dots", "one rotation"), key("wl-other", "their mean")
    return chart(x, PROBABILITY, Rule(y=mean, kind="wl-other"), dots, title="Turned", words=words, legend=own + other)


def _ranked(p: float, rank: Rank) -> str:
    """A probability, and where among healthy glands it stands."""
    return f"{number(p, '.2f')} (more than {100 * rank(p).healthy:.0f} of 100 healthy test glands)"


def size_chart(points: Sequence[tuple[float, float]], own_ml: float, rank: Rank) -> Markup:
    """The probability as the same shape is made smaller and larger."""
    low, high = points[0][0], points[-1][0]
    ticks = [(low, f"{low:.1f}"), (own_ml, f"{own_ml:.1f}"), (high, f"{high:.1f}")]
    words = f"The same shape, scaled from {low:.1f} to {high:.1f} ml: {_ranked(points[0][1], rank)}, then {_ranked(points[-1][1], rank)}."
    return chart(
        Axis(low, high, ticks, "millilitres", log=True), PROBABILITY, Line(points), Dots([(ml, p, 4) for ml, p in points]),
        Rule(x=own_ml, kind="wl-other"), title="Smaller and larger", words=words, legend=key("wl-other", "as it is"),
    )  # fmt: skip


def sizes_text(found: Sizes) -> Markup:
    """Is it just size? AUC before and after all glands are brought to one volume."""
    shares = [found.as_it_is, found.same_size, found.rotated, found.volume_alone]
    names = ["as they are", "all of one volume", "mean of 24 rotations", "volume alone, no net"]
    words = [number(share, ".3f") for share in shares]
    lost = found.as_it_is - found.same_size
    said = (
        f"AUC on {found.n} test glands (bars from .5, which is chance, to 1; higher is better). Brought to one volume the net "
        f"{'loses' if lost > 0 else 'gains'} {abs(lost):.3f}; volume alone has {found.volume_alone:.3f}. The mean over 24 rotations has "
        f"{found.rotated:.3f}: {'how a gland lies tells the net something' if found.rotated < found.as_it_is else 'turning it helps'}."
    )
    drawn = bars([2 * share - 1 for share in shares], names, marked=0, words=words, kind="wl-volumes-areas")
    return figure(drawn, "Is it just size?", said)


def stops_chart(
    stops: Sequence[Stop], chosen: str, peer: tuple[str, float] | None, beyond: str | None = None
) -> Markup:
    """AUC with its interval by how much a net sees, with the gland on the page by each, and the shape regression's.

    `beyond` is what the net that sees all has above that regression, with its interval: “0.02 (-0.01 to 0.05)”.
    """
    known = [(i, stop) for i, stop in enumerate(stops) if stop.auc is not None]
    if not known:
        return note("None of these nets is here yet.")
    x = Axis(-0.5, len(stops) - 0.5, list(enumerate(["1 slice", "3 views", "64 slices"])))
    y = Axis(0.5, 1, [(0.5, "0.5"), (0.75, "0.75"), (1, "1")])
    marks: list[Boxes | Dots | Line | Rule | Label] = []
    for i, stop in known:
        assert stop.auc is not None
        if stop.interval:
            marks.append(Line([(i, stop.interval["low"]), (i, stop.interval["high"])], "wl-volumes-interval"))
        marks.append(Dots([(i, stop.auc, 7 if stop.name == chosen else 4.5)]))
        marks.append(Label((i, stop.auc), f" {stop.auc:.3f}"))
    legend = key("wl-dots", "AUC on test, with its 95 % interval")
    if peer:
        marks.append(Rule(y=peer[1], kind="wl-other"))
        legend += key("wl-other", f"{peer[0]}, {peer[1]:.3f}")
    rows = [(stop.name, ["–" if stop.p is None else number(stop.p, ".2f")]) for stop in stops]
    beside = table(["This gland"], rows, caption="Probability of hyperplasia, by what the net sees")
    words = "Higher is better: at 1 every diseased gland is above every healthy one, .5 is chance."
    if beyond:
        words += f" The net that sees all has {minus(beyond)} more than thirteen measures of shape without a net"
        words += ": chance could make such a difference." if "(-" in beyond else "."
    return chart(x, y, *marks, title="How much a net sees", words=words, legend=legend) + beside


def seen_pictures(x_VHW: Tensor, name: str) -> Markup:
    """What a net sees of the volume on the page."""
    pictures = join(picture(image.from_unit(x_HW), kind="wl-volumes-seen") for x_HW in x_VHW)
    more = " Twelve of its slices stand for all." if len(x_VHW) > 3 else ""
    return figure(group("wl-volumes-row", pictures), name, f"All that this net is shown of it.{more}")


# Small pictures


def relief(x_DHW: Tensor) -> Markup:
    """A mask seen from the front and from above, lit: for a button."""
    return picture(image.from_unit(lit_relief(x_DHW)), kind="wl-volumes-relief")


def lit_relief(x_DHW: Tensor) -> Tensor:
    """A mask `(D, H, W)` from the front, `(W, D)` in [0, 1], row 0 is the highest: how the nearest surface faces the light."""
    soft_WHD = F.avg_pool3d((x_DHW > 0).float()[None, None], 3, 1, 1)[0, 0].permute(2, 1, 0)
    depth_H = torch.arange(soft_WHD.shape[1], dtype=torch.float32)
    front_WD = torch.where(soft_WHD > 0.4, depth_H[:, None], torch.inf).amin(1).flip(0)
    there_WD = front_WD.isfinite()
    smooth_WD = _smoothed(front_WD.nan_to_num(posinf=0.0) * there_WD, there_WD)
    down_WD, right_WD = torch.gradient(smooth_WD)
    normal = torch.stack([-right_WD, -down_WD, torch.ones_like(smooth_WD)])  # towards who looks, as z
    light = F.normalize(torch.tensor([-0.4, -0.6, 0.8]), dim=0)
    lit_WD = (F.normalize(normal, dim=0) * light[:, None, None]).sum(0).clamp(0, 1)
    return torch.where(there_WD, 0.3 + 0.7 * lit_WD, 0.0)


def _smoothed(x_HW: Tensor, there_HW: Tensor) -> Tensor:
    """Means over 3 × 3 of the places that are there."""
    sum_HW, count_HW = (F.avg_pool2d(m[None, None].float(), 3, 1, 1)[0, 0] for m in (x_HW, there_HW))
    return sum_HW / count_HW.clamp(1e-6)


def thumbnail_text(shown: Sequence[Volume]) -> Markup:
    """For the home page."""
    return group("wl-volumes-thumbnail", *(relief(one.x_DHW) for one in shown))
