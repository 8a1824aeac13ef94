"""Why one may trust a translation or not: what became of the tumour, and where the nets disagree."""

from typing import Any, NamedTuple

from markupsafe import Markup

from demos._ui.events import sentence
from demos._ui.html import EMPTY, group
from demos._ui.page import folded, place, section
from demos.translation import figures, nets
from demos.translation.nets import Translation


class Reasons(NamedTuple):
    """What became of the tumour, and where the nets disagree."""

    lesion: Any
    uncertainty: Any


def explain(made: Translation | None) -> Reasons:
    """What became of the tumour, and where the nets disagree, checked against the error."""
    if made is None:
        return Reasons(EMPTY, EMPTY)
    if made.is_stranger:
        return Reasons(figures.STRANGER_TOLD, figures.STRANGER_TOLD)
    told = figures.lesion_text(nets.assess_lesion(made), nets.hallucinated_share(made))
    told = group("wl-translation-answer", told, figures.tumours_text(nets.benchmark()))
    return Reasons(told, uncertainty(made))


def uncertainty(made: Translation) -> Markup:
    """Where the nets disagree, or why nobody can say."""
    if len(made.direction.recipes) < 2:
        return figures.ONE_NET
    members, why = nets.ensemble(made.direction, made.net)
    missing = [*dict.fromkeys(map(sentence, why))]
    if len(members) < 2:
        return figures.too_few_text(missing)
    spread = nets.disagreement(made, list(members.values()))
    return figures.uncertainty_text(made, spread, list(members), missing)


def show_reasons() -> Reasons:
    """What became of the tumour, and folded, where the nets disagree."""
    section(
        "What became of the tumour",
        "It is what such a scan is made for, and the rarest thing in the training data.",
    )
    lesion = place(live=True)
    with folded("Does it know what it does not know? Three nets, and where they disagree"):
        return Reasons(lesion, place())
