"""A decision and what it is worth, the enrolled voices and whose a recording is, and what cleaning did, as markup."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from markupsafe import Markup
from torch import Tensor

from demos._ui.charts import CLASS_COLOURS
from demos._ui.html import bars, figure, group, join, note, number, per_cent, strong, table, title
from demos._ui.sound import player
from demos.voices.nets import MOST_ENROLLED, Enrolled, Recording, TrialScores
from demos.voices.trials import similarity_scale
from signals.audio import RATE_HZ
from training import RESULTS

MEASURED = RESULTS / "voices.json"
NOTHING_HEARD = Markup(
    '<div class="wl-answer wl-none"><div class="wl-digit">–</div><p>Give it two recordings: press an example, record two '
    "sentences, or upload two files. The answer comes by itself.</p></div>"
)
PRIVACY = (
    "Nothing is stored and nothing leaves the machine that serves this page. Recordings lie in Gradio's cache, which is "
    "emptied within hours; enrolled voices live in your session alone, as a row of numbers, and go with it."
)
SECURITY = (
    "Not for security: this is no authentication system. It errs as often as the curve below says, a played recording "
    "fools it, and nobody has tested it against somebody who tries."
)
PROMISE = group("wl-voices-promise", note(PRIVACY), note(SECURITY))
NOBODY = note("Nobody is enrolled. A voice is remembered in your session only.")
MAP_WIDTH, MAP_HEIGHT = 400, 300


class Comparison(NamedTuple):
    """The similarity of two recordings, and the `facts` about them: no samples, so that it can be kept for a session."""

    score: float
    words: str


def facts(a: Recording, b: Recording, seconds: float, whose: str) -> str:
    """How long two recordings are, how long it took to compare them and by what net, and what had to be done to them."""
    words = f"{a.seconds:.1f} s and {b.seconds:.1f} s of sound, {1000 * seconds:.0f} ms on this machine, {whose}."
    told = [f"{which}: {text}." for which, recording in (("A", a), ("B", b)) for text in recording.notes]
    return " ".join([words, *told])


def decision_text(scores: TrialScores, threshold: float, found: Comparison) -> Markup:
    """The decision in large letters, what it is worth, the scale with this pair on it, and the facts in words."""
    accepted, rejected = scores.errors(threshold)
    same = found.score >= threshold
    extreme_P, worth = (
        (scores.different_P >= found.score, "two persons are as similar or more") if same
        else (scores.same_P <= found.score, "one person are as dissimilar or more")
    )  # fmt: skip
    sentence = Markup(
        '<span class="wl-voices-score">{}</span> similarity (cosine), {} the threshold of {}. {} of the trials of {}.'
    ).format(
        number(found.score, ".2f"), "at or above" if same else "below", number(threshold, ".2f"),
        per_cent(extreme_P.double().mean().item()), worth,
    )  # fmt: skip
    facts = (
        f"At this threshold {per_cent(accepted)} of the test trials of two persons are accepted and {per_cent(rejected)} of those "
        f"of one person rejected. {found.words}"
    )
    said = _decision("One person" if same else "Two persons", sentence)
    return join([said, similarity_scale(scores, threshold, found.score), note(facts)])


def _decision(said: str, sentence: str | Markup) -> Markup:
    return Markup('<div class="wl-voices-decision">{}<p>{}</p></div>').format(strong(said), sentence)


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
    return _decision(who or "Unknown", why) + bars(
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
    named = join(
        Markup(
            '<g class="wl-voices-known" transform="translate({:.1f} {:.1f})"><rect x="-5" y="-5" width="10" height="10"/>'
            '<text x="9" y="4">{}</text></g>'
        ).format(*at(xy), name)
        for name, xy in enrolled.items()
    )
    ring = Markup('<circle class="wl-voices-asked" cx="{:.1f}" cy="{:.1f}" r="9"/>').format(*at(own)) if own else ""
    words = f"{len(xy_N2)} recordings of AN4's {len(speakers)} test speakers, a colour for each"
    words += f"; squares are the {len(enrolled)} enrolled" if enrolled else ""
    words += "; the ring is the recording asked about" if own else ""
    svg = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>').format(
        MAP_WIDTH, MAP_HEIGHT, words, dots, named, ring
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
    plain, noisy = (number(version.score, ".2f") for version in versions[:2])
    words = f"The noise moved the similarity from {plain} to {noisy}"
    if missing:
        words = f"{words}. {missing}"
    else:
        before, after = versions[1].score, versions[2].score
        verb = "helped" if abs(after - versions[0].score) < abs(before - versions[0].score) else "did not help"
        words = (
            f"{words}, the cleaning by {number(after - before, '+.2f')} to {number(after, '.2f')}: here it {verb}. One pair "
            "proves nothing; the table below counts all trials."
        )
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
