"""What the Scan translation tab draws: scans with their outlines, error and uncertainty in viridis, and figures in words."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from PIL import Image
from torch import Tensor

from demos._ui import html, pictures
from demos._ui.charts import line_chart
from demos._ui.html import EMPTY, Figure, Text, group, join, note, number, per_cent, readouts, strong, table, verdict
from demos.translation.nets import HALLUCINATED, Cards, Lesion, Scan, Spread, Translation, figures_on_test, scores
from demos.translation.overfit import AS_IT_IS, ENOUGH, NO_STEP, STEPS, Point
from signals import image

WARNING = (
    "Not a medical device. An output shows what was likely among 69 patients, not what is in this one: a tumour can vanish "
    "in it, and one can be painted in. For learning how such nets work, and how they fail."
)
FULL_ERROR = 0.4
"""The absolute error, of full scale, that is drawn in the last colour: one for all pictures, so that they compare."""
HARDLY_DB = 0.05
"""A difference of PSNR that does not show in its last digit."""
SHOWN = 384
"""Pixels of an outline's longer side, at least."""
MEANING = {
    "pre-contrast": "The scan before a contrast agent is given.",
    "FLAIR": "A scan in which fluid is dark and a tumour bright.",
}
"""What the two kinds of scan are, to whoever has never seen one."""
MEASURES = {
    "Mean error (MAE), of full brightness; lower is better": ("mae_head", ".1%"),
    "Closeness (PSNR), dB; higher is better": ("psnr_db_head", ".1f"),
    "The same, aligned, dB; higher is better": ("psnr_db_head_aligned", ".1f"),
    "Likeness of structure (SSIM), at most 1; higher is better": ("ssim_head", ".3f"),
}
ON_CARDS = {
    "PSNR in the head, dB": ("psnr_db_head", ".2f"), "aligned, dB": ("psnr_db_head_aligned", ".2f"),
    "PSNR, dB": ("psnr_db", ".2f"), "SSIM in the head": ("ssim_head", ".3f"), "MAE in the head": ("mae_head", ".4f"),
    "MAE in the tumour": ("mae_tumour", ".4f"),
}  # fmt: skip
UNMEASURED = (
    "Nobody knows the truth for this picture here, so nothing can be measured: a convincing output is no right one. "
    "If you have the same slice as the other kind of scan, add it under “Change the scan, or bring its truth”."
)
MEANS = (
    "A slice without a single wrong pixel would have a PSNR of ∞: it would be left out of that mean, as slices without a "
    "tumour are left out of the last column."
)
STRANGE = (
    "The net was trained on slices across the head of adults, and reads whatever else all the same. What it paints here "
    "means nothing."
)
NO_OUTLINE = note("Without a truth and an outline nobody can say what became of a tumour.")
STRANGER_TOLD = note("This picture is no scan that the net knows: nothing is explained.")
ONE_NET = note(
    "There is no ensemble in this direction: one net was trained for it, by squared error, so there is no map of doubt. "
    "From pre-contrast to FLAIR there are three."
)


# The pictures


def outlines(of: Scan) -> Markup:
    """The lesion's rim and the head's, dotted, as layers that the page can show and hide."""
    layers = {"head": pictures.rim(of.head_HW, side=SHOWN, width=2, dotted=True)}
    if of.lesion_HW is not None and of.lesion_HW.any():
        layers["lesion"] = pictures.rim(of.lesion_HW, side=SHOWN, width=2)
    return join(
        pictures.picture(rim, kind=f"wl-translation-rim wl-translation-rim-{kind}") for kind, rim in layers.items()
    )


def scan_figure(picture: Image.Image, rims: Markup, title: str, words: str) -> Markup:
    """One picture to the pixel, with its outlines over it and its summary below."""
    under = pictures.picture(picture, kind="wl-under")
    layers = pictures.stack(f"{title}: {words}", under, rims, proportions=picture.size)
    return html.figure(layers, title, words)


def scans_text(made: Translation) -> Markup:
    """Input, output and, where it is known, truth and absolute error, side by side."""
    source, target = made.direction.words
    rims, truth_HW, error_HW = outlines(made.scan), made.truth, made.error
    planes = {
        f"Input: {source}": (made.input_HW / 255, MEANING[source]),
        f"Output: {target}": (made.output_HW, "What the net makes of it."),
    }
    if truth_HW is not None:
        planes[f"Truth: {target}"] = (truth_HW, MEANING[target])
    found = [scan_figure(image.from_unit(x_HW), rims, title, words) for title, (x_HW, words) in planes.items()]
    if error_HW is not None:
        words = f"Dark is right, yellow off by {100 * FULL_ERROR:.0f} % or more; {outlined(made.scan)}"
        found.append(scan_figure(pictures.viridis(error_HW / FULL_ERROR), rims, "Error", words))
    return group("wl-translation-pictures", *found)


def strange_text(made: Translation) -> Markup:
    """What came in and what the net paints, small, where neither is a scan."""
    planes = {"What came in": made.input_HW / 255, "What the net paints": made.output_HW}
    found = [scan_figure(image.from_unit(x_HW), EMPTY, title, "") for title, x_HW in planes.items()]
    return group("wl-translation-pictures", *found)


def outlined(of: Scan) -> str:
    """What the outline is."""
    return "the line is the tumour." if of.lesion_HW is not None and of.lesion_HW.any() else "no tumour is marked here."


# The answer


def answer_text(made: Translation) -> Markup:
    """The pictures, one verdict in words, one table; or the warning first where this is no scan that the net knows."""
    if made.is_stranger:
        answer = group("wl-translation-strange", strange_text(made), note(origin_text(made)))
        return html.stranger("This is no brain scan as the net knows them", STRANGE, answer)
    return group(
        "wl-translation-answer", scans_text(made), closeness_verdict(made), scores_table(made), note(origin_text(made))
    )


def closeness_verdict(made: Translation) -> Markup:
    """Whether the output is closer to the truth than the input itself, which is what doing nothing gives."""
    if made.truth is None:
        return verdict(None, "Nobody knows", UNMEASURED)
    found = {
        name: scores(y_HW, made.truth, made.scan.head_HW)["psnr_db_head"]
        for name, y_HW in compared(made).items()
    }  # fmt: skip
    net, nothing = found.pop("Net"), found.pop("Input itself")
    gain = net - nothing if net != nothing else 0.0  # two without any error differ by no number
    how = (
        "as close to the truth as"
        if abs(gain) < HARDLY_DB
        else f"{'closer to' if gain > 0 else 'further from'} the truth than"
    )
    sentences = [f"{number(net, '.1f')} against {number(nothing, '.1f')} dB; higher is better."]
    sentences += [f"{name}: {number(value, '.1f')} dB." for name, value in found.items()]
    if made.scan.origin == "test" and not made.net.own and made.clean_HW is None:
        sentences.append(rank_words(net, figures_on_test(made.direction)))
    whose = "Your model is" if made.net.own else "The net is"
    holds = None if abs(gain) < HARDLY_DB else gain > 0
    return verdict(holds, f"{whose} {how} the input itself", " ".join(filter(None, sentences)))


def rank_words(psnr_db: float, test_B: Tensor) -> str:
    """How a slice stands among those of the test set; nothing where they are not known."""
    if not len(test_B):
        return ""
    worse = (test_B < psnr_db).double().mean().item()
    return f"Of {len(test_B)} test slices {100 * worse:.0f} % come out worse."


def compared(made: Translation) -> dict[str, Tensor]:
    """What is held against the truth, each `(H, W)`."""
    found = {"Net": made.output_HW, "Input itself": made.baseline_HW}
    if made.clean_HW is not None:
        found["Net, before the sliders"] = made.clean_HW
    if made.shipped_HW is not None:
        found["The shipped model"] = made.shipped_HW
    return found


def scores_table(made: Translation) -> Markup:
    """Error, PSNR and SSIM in the head: the net, what it is held against, and the input itself; nothing without a truth."""
    if made.truth is None:
        return EMPTY
    columns = {name: scores(y_HW, made.truth, made.scan.head_HW) for name, y_HW in compared(made).items()}
    rows = [
        (label, [shown(column[key], form) for column in columns.values()]) for label, (key, form) in MEASURES.items()
    ]
    caption = (
        "Inside the head of this slice. The input itself, stretched as the net sees it, is the answer of doing nothing. "
        "Aligned: brightness and contrast, which the scanner chose, are given away first."
    )
    return table(list(columns), rows, caption=caption, kind="wl-translation-scores")


def shown(value: float, form: str) -> str:
    """A figure of the table, in per cent with its sign set apart."""
    return number(value, form).replace("%", " %")


def missing_text(sentence: str) -> Markup:
    """Why nothing answers."""
    return group("wl-translation-answer", note(sentence))


def origin_text(made: Translation) -> str:
    """What kind of picture this is, which decides what its figures are worth, and who answered."""
    of = made.scan
    words = {
        "photograph": f"{of.name}: a photograph, to show the warning.",
        "test": f"{of.name}: a real scan of a patient whom the nets never saw.",
        "uploaded": f"{of.name}.",
    }[of.origin]
    return f"{words} Read by {made.net.whose}, learnt by {made.loss.lower()}. Not a medical device."


# Why


def uncertainty_text(made: Translation, spread: Spread, names: Sequence[str], missing: Sequence[str]) -> Markup:
    """Where the nets disagree beside where this one is wrong, and whether the first tells of the second."""
    top = spread.spread_HW.quantile(0.999).item()
    rims = outlines(made.scan)
    words = (
        f"standard deviation of {len(names)} nets that learnt by {', '.join(names).lower()}; dark 0, yellow {top:.3f} of "
        "full scale or more"
    )
    found = [scan_figure(scaled(spread.spread_HW, top), rims, "Where the nets disagree", words)]
    if made.error is not None:
        worst = made.error.quantile(0.999).item()
        words = f"the same as above on its own scale: dark 0, yellow {worst:.3f} or more"
        found.append(scan_figure(scaled(made.error, worst), rims, "Where this one is wrong", words))
    beside = group("wl-translation-beside", spread_text(made, spread), left_out(missing))
    return group("wl-translation-pictures", *found, beside)


def scaled(x_HW: Tensor, top: float) -> Image.Image:
    """Values from 0 to `top` in viridis, pixel by pixel; what is more stays in its last colour."""
    return pictures.viridis(x_HW / max(top, 1e-9))


def left_out(missing: Sequence[str]) -> Text:
    """Which nets the spread does without, and why."""
    return note("Left out of the spread: " + " ".join(missing)) if missing else EMPTY


def too_few_text(missing: Sequence[str]) -> Markup:
    """Why there is no spread."""
    return note("An ensemble takes two nets or more. " + " ".join(missing))


def spread_text(made: Translation, spread: Spread) -> Markup:
    """Whether the map of doubt tells of the error, in words and numbers."""
    if made.error is None:
        return verdict(
            None, "Not checked", "Without a truth nobody can say whether the nets are wrong where they disagree."
        )
    facts = Markup(
        "Inside the head, disagreement and error correlate by {} in rank (Spearman) and by {} in size (Pearson). In the tenth "
        "where the nets disagree most the mean error is {}, in the tenth where they disagree least {:.4f}. "
    ).format(
        strong(number(spread.spearman, ".2f")), number(spread.pearson, ".2f"), strong(f"{spread.least_sure:.4f}"), spread.surest
    )  # fmt: skip
    if spread.holds:
        return verdict(
            True, "The doubt is in the right places", facts + "What all of them get wrong alike it cannot show."
        )
    return verdict(
        False, "The doubt does not tell of the error", facts + "The nets agree on what is wrong: do not read safety into it."
    )  # fmt: skip


def lesion_text(found: Lesion | None, hallucinated: float | None) -> Markup:
    """Whether the net is right where it matters, and whether it paints in what is not there."""
    if hallucinated is None:
        return NO_OUTLINE
    painted = hallucinated_text("Of the head" if found is None else "Of the rest of the head", hallucinated)
    if found is None:
        return verdict(None, "No tumour is outlined on this slice", painted)
    kept = found.contrast_made / found.contrast if abs(found.contrast) > 0.02 else math.nan
    holds, title, share = contrast_verdict(kept)
    return verdict(holds, title, join([part for part in (lesion_facts(found), share, painted) if part], " "))


def hallucinated_text(where: str, share: float) -> str:
    """How much is brighter than the truth, `where` being the place that was asked about."""
    end = f"brighter than the truth by more than {HALLUCINATED} of full scale"
    if not share:
        return f"{where}, nothing is {end}: nothing is painted in."
    return f"{where}, {per_cent(share)} is {end}: that much is painted in."


def lesion_facts(found: Lesion) -> Markup:
    """The lesion's error and contrast in words."""
    times = f": {found.error / found.error_elsewhere:.1f} times as much" if found.error_elsewhere > 1e-4 else ""
    return Markup(
        "Inside the outline ({} of the head) the mean absolute error is {}, in the rest of the head {:.4f}{}. In truth the "
        "tumour differs from the rest by {} of full scale, in the output by {}."
    ).format(
        per_cent(found.area), strong(f"{found.error:.4f}"), found.error_elsewhere, times,
        number(found.contrast, "+.3f"), strong(number(found.contrast_made, "+.3f")),
    )  # fmt: skip


def contrast_verdict(kept: float) -> tuple[bool | None, str, str]:
    """Whether the tumour shows, by the share of its contrast that was `kept` (nan where it has none): title and sentence."""
    if math.isnan(kept):
        return None, "The tumour hardly shows in the truth", ""
    if kept < -0.1:
        return False, "The tumour comes out the wrong way round", ""
    if kept < 0.5:
        return False, "The net paints the tumour over", f"Only {per_cent(max(kept, 0))} of its contrast is left."
    if kept > 1.5:
        return False, "The net exaggerates the tumour", f"That is {kept:.1f} times its contrast."
    return True, "The tumour shows", f"{per_cent(min(kept, 1))} of its contrast is there."


def tumours_text(measured: Mapping[str, Any]) -> Markup:
    """What becomes of tumours on the whole test set, as the benchmark found it; nothing where it has not been run."""
    found = measured.get("tumours")
    if not found:
        return EMPTY
    share = 100 * found["painted_over"] / found["n"]
    return note(
        f"On {found['n']} test slices with a tumour that shows, the net leaves less than half of its contrast on {share:.0f} of 100."
    )


def strangers_table(measured: Mapping[str, Any]) -> Markup:
    """Whom the warning catches, and how often it is raised for nothing; nothing where the benchmark has not been run."""
    found = measured.get("table")
    if not found:
        return EMPTY
    rows = [(row[0], row[1:]) for row in found["rows"]]
    return table(found["columns"], rows, caption=found["caption"])


# One batch


def overfit_text(points: Sequence[Point], what: str) -> Markup:
    """The readout and the curve of the single-batch test so far."""
    last, share = points[-1], points[-1].loss / points[0].loss
    large = readouts(
        Figure(f"{last.step}", "steps"), Figure(f"{last.seconds:.1f}", "seconds"),
        Figure(f"{100 * share:.1f}", "% of the first loss"),
    )  # fmt: skip
    curve = [(p.step, p.loss) for p in points]
    chart = line_chart(curve, title=f"squared error on {what}", x_label="steps", log=True)
    return large + group("wl-charts wl-translation-loss", chart)


def overfit_verdict(points: Sequence[Point], way: str) -> Markup:
    """Whether the batch was learnt by heart, and what that says."""
    last, share = points[-1], points[-1].loss / points[0].loss
    facts = (
        f"After {last.step} steps and {last.seconds:.0f} s the loss stands at {100 * share:.1f} % of its first value"
    )
    if share < ENOUGH:
        return verdict(
            True,
            "Learnt by heart",
            f"{facts}, below {100 * ENOUGH:.0f} %. The net can represent the task and the loop takes steps downhill: that is "
            "all this says. Nothing about a slice that it has not seen.",
        )
    return verdict(False, "Not learnt by heart", f"{facts}, and not below {100 * ENOUGH:.0f} %. {why_not(last, way)}")


def why_not(last: Point, way: str) -> str:
    """What it means that a batch was not learnt by heart."""
    if way == NO_STEP:
        return "As it must be: without a step nothing is learnt, and the test notices."
    if way != AS_IT_IS:
        return "As it must be: with targets that belong to other slices there is only their mean to learn, and the test notices."
    if last.step < STEPS:
        return "The time ran out before the steps did: this machine is busy, try again."
    return "The model or the loop is broken."


# How good it is


def nets_table(cards: Cards, sentences: Sequence[str]) -> Markup:
    """The cards of all nets side by side, and sentences about those that are not there."""
    missing = note(" ".join(sentences)) if sentences else EMPTY
    if not cards.metrics:
        return missing
    counted = " and ".join(f"{n:,}" for n in cards.slices)
    rows = [
        (name, [number(metrics.get(key, math.nan), form) for key, form in ON_CARDS.values()])
        for name, metrics in cards.metrics.items()
    ]
    caption = f"All nets on the test split, means over {counted} slices"
    return table(list(ON_CARDS), rows, caption=caption, kind="wl-translation-scores") + note(MEANS) + missing


def thumbnail_text(addresses: Sequence[str]) -> Markup:
    """Pictures for the home page, in their own greys."""
    return join(pictures.picture(address, kind="wl-translation-thumbnail") for address in addresses)
