"""A decision and what it is worth, the enrolled voices and whose a recording is, and what cleaning did, as markup."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import torch
from markupsafe import Markup
from torch import Tensor

from demos._ui.charts import CLASS_COLOURS
from demos._ui.html import Text, bars, figure, group, join, note, number, per_cent, stranger, strong, table, title
from demos._ui.sound import player
from demos.voices.nets import MOST_ENROLLED, Enrolled, Recording, TrialScores
from demos.voices.pairs import Pair
from demos.voices.strangers import SHORT_SECONDS, TOO_SHORT
from demos.voices.trials import similarity_scale
from signals.audio import RATE_HZ
from training import RESULTS

MEASURED = RESULTS / "voices.json"
PRIVACY = (
    "Nothing is stored and nothing leaves the machine that serves this page. Recordings lie in a cache that is "
    "emptied within hours; enrolled voices live in your session alone, as a row of numbers, and go with it."
)
SECURITY = (
    "Not for security: this is no authentication system. It errs as often as the page says, a played recording "
    "fools it, and nobody has tested it against somebody who tries."
)
PROMISE = group("wl-voices-promise", note(PRIVACY), note(SECURITY))
NOBODY = note("Nobody is enrolled. A voice is remembered in your session only.")
MAP_WIDTH, MAP_HEIGHT = 400, 300


NOT_STRANGE: Mapping[str, str] = MappingProxyType({})


class Comparison(NamedTuple):
    """What two recordings came to; no samples, so that it can be kept for a session.

    Their similarity, the `facts` about them, which of them are strange and why, and the share of real test voices that
    are `mistaken` for strangers. `beside`: the shipped net's similarity and its threshold, where a visitor's own answers.
    `truth` in words and `same`, where the truth is known; `same` is None where nobody speaks.
    """

    score: float
    words: str
    strange: Mapping[str, str] = NOT_STRANGE
    mistaken: float | None = None
    beside: tuple[float, float] | None = None
    truth: str = ""
    same: bool | None = None


def facts(a: Recording, b: Recording, seconds: float, whose: str) -> str:
    """How long two recordings are, how long it took to compare them and by what net, and what had to be done to them."""
    words = f"{a.seconds:.1f} s and {b.seconds:.1f} s of sound, {1000 * seconds:.0f} ms on this machine, {whose}."
    told = [f"{which}: {text}." for which, recording in (("A", a), ("B", b)) for text in recording.notes]
    return " ".join([words, *told])


def pair_text(pair: Pair) -> str:
    """What two recordings are, before the answer: of whom, but not who."""
    if pair.same is None:
        return "No person speaks here: see how the net takes it."
    return "Test speakers (AN4), whom no net here has heard. The truth is told behind the answer."


def decision_text(scores: TrialScores, threshold: float, found: Comparison) -> Markup:
    """The decision in large letters, the truth where it is known, the scale with this pair on it, and what it is worth.

    Where a recording is strange, that comes first, and the decision is small.
    """
    said, scale = decided(found.score, threshold), similarity_scale(scores, threshold, found.score)
    beside = ""
    if found.beside:
        beside = f" The shipped net: {decided(*found.beside).lower()}, {number(found.beside[0], '.2f')}."
    if found.strange:
        answer = Markup("<p>{} {}{}</p>").format(strong(said), _similar(found, threshold, scores.scale), beside)
        return stranger(_strange_title(found), _strange_words(found), join([answer, _truth(found, said), scale]))
    what = Markup("{}. {}{}").format(_similar(found, threshold, scores.scale), _worth(scores, threshold, found), beside)
    told = join([_truth(found, said), Markup("<p>{}</p>").format(what)])
    return join([_decision(said, told), scale, note(found.words)])


def decided(score: float, threshold: float) -> str:
    """What a similarity says at a threshold."""
    return "One person" if score >= threshold else "Two persons"


def _similar(found: Comparison, threshold: float, scale: str) -> Markup:
    side = "at or above" if found.score >= threshold else "below"
    return Markup('<span class="wl-voices-score">{}</span> similarity ({}), {} the threshold of {}').format(
        number(found.score, ".2f"), scale, side, number(threshold, ".2f")
    )


def _worth(scores: TrialScores, threshold: float, found: Comparison) -> str:
    """How many test pairs of the other kind are as extreme."""
    if found.score >= threshold:
        score_P, extreme_P, worth = scores.different_P, scores.different_P >= found.score, "two persons are as similar"
    else:
        score_P, extreme_P, worth = scores.same_P, scores.same_P <= found.score, "one person are as dissimilar"
    count = f"{int(extreme_P.sum()):,}" if extreme_P.any() else "None"
    return f"{count} of {len(score_P):,} test pairs of {worth} or more."


def _truth(found: Comparison, said: str) -> Markup:
    """The truth, and whether the net found it; nothing where nobody knows."""
    if not found.truth:
        return Markup("")
    if found.same is None:
        return Markup('<p class="wl-voices-truth">In truth: {}.</p>').format(found.truth)
    right = said == decided(float(found.same), 0.5)
    return Markup('<p class="wl-voices-truth">In truth: {}. <b class="{}">The net is {}.</b></p>').format(
        found.truth, "wl-voices-right" if right else "wl-voices-wrong", "right" if right else "wrong"
    )


def _strange_title(found: Comparison) -> str:
    return "Too short to tell" if _all_short(found) else "Not like any voice that the net knows"


def _strange_words(found: Comparison) -> str:
    which = "Both recordings" if len(found.strange) == 2 else next(iter(found.strange))
    if _all_short(found):
        verb = "last" if len(found.strange) == 2 else "lasts"
        return f"{which} {verb} less than {SHORT_SECONDS:g} s; two are good. The answer below means little."
    words = f"{which} may be noise, music, a synthetic voice or an unusual microphone. The answer below means little."
    return (
        words if found.mistaken is None else f"{words} (Of real test voices {per_cent(found.mistaken)} are called so.)"
    )


def _all_short(found: Comparison) -> bool:
    return all(why == TOO_SHORT for why in found.strange.values())


def _decision(said: str, told: Text) -> Markup:
    return Markup('<div class="wl-voices-decision">{}{}</div>').format(strong(said), told)


def strangers_table(share: float | None) -> Markup:
    """How many strangers are noticed, as `benchmarks/voices.py` measured it, and how many real voices are mistaken."""
    if share is None:
        return note("Nobody has measured yet what this net knows: python -m training evidence speaker")
    words = f"Of people's test recordings {per_cent(share)} are taken for strangers by mistake."
    kept = json.loads(MEASURED.read_text(encoding="utf-8")).get("strangers") if MEASURED.exists() else None
    if not kept:
        return note(words)
    rows = [(first, rest) for first, *rest in kept["rows"]]
    return table(kept["columns"], rows, caption=kept["caption"]) + note(f"{words} {kept['words']}")


# Enrolled voices


def enrolled_text(enrolled: Enrolled) -> Markup:
    """Whom the session remembers, and by how many recordings."""
    voices = join(
        Markup("<li>{} {} recording{}</li>").format(strong(name), n, "s" * (n != 1)) for name, _, n in enrolled.voices
    )
    return Markup('<ul class="wl-voices-enrolled" aria-label="Enrolled voices">{}</ul>{}').format(
        voices, note(f"{len(enrolled.voices)} of at most {MOST_ENROLLED}, in your session only.")
    )


def identity_text(
    who: str | None, names: Sequence[str], score_V: Tensor, threshold: float, span: tuple[float, float]
) -> Markup:
    """The name or “unknown” in large letters, and every enrolled voice's score on the axis `span`."""
    best, (low, high) = int(score_V.argmax()), span
    at, least = number(score_V[best].item(), ".2f"), number(threshold, ".2f")
    why = (
        f"{names[best]} is nearest, at {at}; the threshold is {least}."
        if who
        else f"Nobody reaches the threshold of {least}; {names[best]} comes nearest, at {at}."
    )
    shares = [(score - low) / (high - low) for score in score_V.tolist()]
    words = [number(score, ".2f") for score in score_V.tolist()]
    return _decision(who or "Unknown", Markup("<p>{}</p>").format(why)) + bars(
        shares, names, marked=best if who else None, words=words, kind="wl-voices-identity"
    )


def speaker_map(
    evidence: Mapping[str, Tensor], enrolled: Mapping[str, Sequence[float]], own: Sequence[float] | None = None
) -> Markup:
    """The test speakers' recordings on their two widest directions, with the enrolled voices and the one asked about."""
    at_N = evidence["corpus"] == 0
    xy_N2, speaker_N = evidence["map"][at_N], evidence["speaker"][at_N]
    everything = torch.cat([xy_N2, torch.tensor([*enrolled.values(), *([own] if own else [])]).reshape(-1, 2)])
    low_2, high_2 = everything.amin(0), everything.amax(0)
    middle_2, half = (low_2 + high_2) / 2, 0.56 * (high_2 - low_2).max()

    def at(xy: Sequence[float]) -> tuple[float, float]:
        x, y = ((torch.tensor(xy) - middle_2) / (2 * half) + 0.5).tolist()
        return MAP_WIDTH * x, MAP_HEIGHT * (1 - y)

    speakers, which_N = speaker_N.unique(return_inverse=True)
    dots = join(
        Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.6" style="fill:{}"/>').format(
            *at(xy), CLASS_COLOURS[s % len(CLASS_COLOURS)]
        )
        for xy, s in zip(xy_N2.tolist(), which_N.tolist(), strict=True)
    )
    named, taken = [], []
    for name, xy in enrolled.items():
        x, y = at(xy)
        below = y + 4
        while any(abs(x - x0) < 70 and abs(below - y0) < 14 for x0, y0 in taken):
            below += 14  # a name that would lie upon another
        taken.append((x, below))
        named.append(
            Markup(
                '<g class="wl-voices-known" transform="translate({:.1f} {:.1f})"><rect x="-5" y="-5" width="10" height="10"/>'
                '<text x="9" y="{:.1f}">{}</text></g>'
            ).format(x, y, below - y, name)
        )
    ring = Markup('<circle class="wl-voices-asked" cx="{:.1f}" cy="{:.1f}" r="9"/>').format(*at(own)) if own else ""
    words = f"{len(xy_N2)} recordings of AN4's {len(speakers)} test speakers, a colour for each"
    words += f"; squares are the {len(enrolled)} enrolled" if enrolled else ""
    words += "; the ring is the recording asked about" if own else ""
    svg = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>').format(
        MAP_WIDTH, MAP_HEIGHT, words, dots, join(named), ring
    )
    directions = len(evidence["plane_mean"])
    told = f"{words}. Two of {directions} directions: near here need not be near there."
    return figure(svg, words=told, kind="wl-voices-map")


# Does cleaning help?


class Version(NamedTuple):
    """A recording in one of its versions, `x_T`, and how similar it is to the other recording."""

    title: str
    x_T: Tensor
    score: float


def cleaning_text(versions: Sequence[Version], threshold: float, scores: TrialScores, missing: str = "") -> Markup:
    """Recording B as it is, noisy and cleaned: its score with A on the scale, a player; and what the cleaning did.

    `missing` says why there is no cleaned version.
    """
    plain, noisy, *rest = (version.score for version in versions)
    before, during = decided(plain, threshold), decided(noisy, threshold)
    words = f"The noise moved the similarity from {number(plain, '.2f')} to {number(noisy, '.2f')}, "
    words += "and the answer stays" if before == during else f"and the answer to “{during.lower()}”"
    if missing:
        words = f"{words}. {missing}"
    else:
        after = rest[0]
        back = (
            "is as it was without noise"
            if decided(after, threshold) == before
            else "is still another than without noise"
        )
        words += (
            f"; the cleaning moved it by {number(after - noisy, '+.2f')} to {number(after, '.2f')}: the answer {back}."
        )
        words += " One pair proves nothing; the table below counts all."
    return group("wl-voices-three", *(_version(v, threshold, scores) for v in versions)) + note(words)


def _version(version: Version, threshold: float, scores: TrialScores) -> Markup:
    loudest = version.x_T.abs().max().clamp(min=1)
    return group(
        "wl-voices-version",
        title(f"B {version.title}"),
        similarity_scale(scores, threshold, version.score, small=True),
        player(version.x_T / loudest, RATE_HZ, label=f"Recording B {version.title}"),
    )


def cleaning_table() -> Markup:
    """What `benchmarks/voices.py` measured on AN4's noisy trials, or how to measure it."""
    if not MEASURED.exists():
        return note("Not measured yet: python -m benchmarks.voices")
    kept = json.loads(MEASURED.read_text(encoding="utf-8")).get("cleaning")
    if not kept:
        return note("Not measured yet with a denoiser: python -m benchmarks.voices")
    columns = [column.strip("`") for column in kept["columns"]]
    rows = [(first, rest) for first, *rest in kept["rows"]]
    return table(columns, rows, caption=kept["caption"]) + note(kept["words"].replace("`", ""))
