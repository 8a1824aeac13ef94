"""Voices compared: what a net hears in a recording, how two of them score, why, and who of the enrolled it may be.

Nothing here is written anywhere: a recording lives as long as the request that brought it, an enrolled voice (256
numbers or fewer, from which nobody can play it back) as long as the visitor's session.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from demos._ui.pictures import CIVIDIS, painted
from demos._ui.sound import Picture, pooled
from explanation.attribution import integrated_gradients
from explanation.projection import Plane
from metrics.detection import DetCurve, EqualErrors, det_curve, equal_errors
from models import _checkpoint
from models._checkpoint import CheckpointMissing, shared
from models.denoiser import RecurrentDenoiser, enhance
from models.speaker import LONGEST_SECONDS, SiameseGRU, SpeakerNet, Voice, embedding
from signals import audio, synthetic
from signals.audio import RATE_HZ
from training._run import Run
from training.data import an4, speakers
from training.data._root import DataDamaged, DataMissing
from training.recipes import speaker, speaker_siamese
from training.tasks.voices import evidence

OURS, TWINS = NETS = ("Ours", "The course's twins")
RECIPES: dict[str, Any] = {OURS: speaker.recipe, TWINS: speaker_siamese.recipe}
MODELS: dict[str, Any] = {OURS: SpeakerNet, TWINS: SiameseGRU}
DENOISER = "denoiser_gru"
EXAMPLES = Path(__file__).parent / "examples"
MAX_SECONDS, LEAST_SECONDS = 60.0, 0.3
SILENT_RMS = 10 ** (-70 / 20)
MOST_ENROLLED = 8
CUT_HZ = (0, 500, 1000, 2000, 4000, 8000)
"""Where the words about a picture divide the spectrum."""


@dataclass(frozen=True)
class Net:
    """A net that hears voices and what is known of it: a shipped one, or one that a visitor has just trained."""

    name: str
    model: Voice
    evidence: dict[str, Tensor]
    key: str

    @property
    def own(self) -> bool:
        return self.key.startswith("own")


@dataclass(frozen=True)
class Scores:
    """The similarities of a test set's trials, both error rates at every threshold, and where they are equal."""

    same_P: Tensor
    different_P: Tensor
    det: DetCurve
    equal: EqualErrors

    @property
    def span(self) -> tuple[float, float]:
        """From a little below the least similar trial to a little above the most similar, in tenths."""
        every_P = torch.cat([self.same_P, self.different_P])
        low, high = every_P.min().item(), every_P.max().item()
        margin = 0.04 * (high - low)
        return math.floor(10 * (low - margin)) / 10, math.ceil(10 * (high + margin)) / 10

    def errors(self, threshold: float) -> tuple[float, float]:
        """The shares of different-speaker trials accepted and of same-speaker trials rejected at `threshold`."""
        accepted = (self.different_P >= threshold).double().mean().item()
        return accepted, (self.same_P < threshold).double().mean().item()


@dataclass(frozen=True)
class Heard:
    """One recording as the net takes it: `x_T` at 16 kHz, at most 8 s of it, and what had to be done, in words."""

    x_T: Tensor
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.x_T) / RATE_HZ


def shipped(name: str) -> Net:
    """The checkpoint's net; CheckpointMissing says how to make it."""
    found = shared(MODELS[name], RECIPES[name].name)
    return Net(name, found.model, found.evidence, found.card.weights_sha256)


def trained(run: Run[Any]) -> Net:
    """The best net of a visitor's run, measured on the same test trials."""
    model = run.finished()
    name = TWINS if isinstance(model, SiameseGRU) else OURS
    return Net(name, model, evidence(model, run.splits), f"own {id(run)} {run.step}")


def chosen(name: str, own: Net | None) -> Net:
    """The visitor's own net where there is one, else the shipped net of that name."""
    return own or shipped(name)


def scores(net: Net, corpus: str = "an4") -> Scores:
    """The stored test trials of `an4` or `librispeech`."""
    at_N = net.evidence["corpus"] == speakers.CORPORA[corpus]
    same_P, score_P = speakers.trials(net.evidence["speaker"][at_N]).same_P, net.evidence[f"score_{corpus}"]
    same, different = score_P[same_P], score_P[~same_P]
    return Scores(same, different, det_curve(same, different), equal_errors(same, different))


def heard(source: str | Path | None, which: str) -> Heard:
    """A visitor's recording; ValueError with a sentence where there is none, or nothing in it to hear."""
    if not source:
        raise ValueError(f"{which} is empty: record or upload something, or press an example.")
    wave = audio.read(source, max_seconds=MAX_SECONDS)
    return from_wave(audio.resample(wave.x_T, wave.rate_hz, RATE_HZ), which, wave.notes)


def from_wave(x_T: Tensor, which: str, notes: Sequence[str] = ()) -> Heard:
    """Samples at 16 kHz as the nets take them."""
    seconds = len(x_T) / RATE_HZ
    if seconds < LEAST_SECONDS:
        raise ValueError(
            f"{which} lasts {seconds:.2f} s. A voice needs {LEAST_SECONDS:g} s at the least, 2 s are good."
        )
    if x_T.square().mean().sqrt() < SILENT_RMS:
        raise ValueError(f"{which} is silent. Check the microphone, or choose another recording.")
    if seconds < 1:
        notes = (*notes, f"{seconds:.1f} s is very short: expect more errors than the trials below show")
    if seconds > LONGEST_SECONDS:
        notes = (*notes, f"only the first {LONGEST_SECONDS:g} s of {seconds:.0f} s are compared")
    return Heard(x_T[: int(LONGEST_SECONDS * RATE_HZ)], tuple(notes))


def similarity(net: Net, a: Heard, b: Heard) -> float:
    """The net's score of the two voices, a cosine."""
    with torch.no_grad():
        return net.model.score(embedding(net.model, a.x_T)[None], embedding(net.model, b.x_T)[None]).item()


def reasons(net: Net, x_T: Tensor, other_E: Tensor, *, steps: int = 24) -> Tensor:
    """How much each band at each moment moved the cosine to `other_E`, `(F, N)`, from silence to this recording.

    Integrated gradients over the spectrum that the net hears: the sum is the cosine less what silence scores.
    """
    model = net.model
    with torch.no_grad():
        m_BFN, silence_BFN = model.spectrum(x_T.unsqueeze(0)), model.spectrum(torch.zeros(1, len(x_T)))

    def cosine(m_BFN: Tensor) -> Tensor:
        return (model.embed(m_BFN) @ other_E).unsqueeze(1)

    return integrated_gradients(cosine, m_BFN, 0, baseline_BX=silence_BFN, steps=steps)[0].detach()


def reason_picture(net: Net, z_FN: Tensor, *, seconds: float, name: str) -> Picture:
    """What spoke for likeness, on the axes of a spectrogram (0 to 8 kHz, linear), and in words."""
    linear_KN = _on_linear_hz(z_FN, mel=isinstance(net.model, SpeakerNet))
    smooth_KN = F.avg_pool2d(linear_KN[None], (5, 7), stride=1, padding=(2, 3))[0]
    high = smooth_KN.clamp(min=0).flatten().quantile(0.995).item() or 1e-9
    return Picture(
        src=painted(pooled(smooth_KN), low=0.0, high=high, colours=CIVIDIS), seconds=seconds, top_khz=RATE_HZ / 2000,
        low=0.0, high=high, unit="share of the cosine", words=_told(linear_KN, seconds, name),
    )  # fmt: skip


def _on_linear_hz(z_FN: Tensor, *, mel: bool, rows: int = 257) -> Tensor:
    """Bands as rows evenly spaced in Hz, each band's sum shared out evenly among its rows."""
    if not mel:
        return z_FN
    hz_K = torch.linspace(0, RATE_HZ / 2, rows)
    pitch_K = 2595 * torch.log10(1 + hz_K / 700)
    low, high = 2595 * math.log10(1 + 20 / 700), pitch_K[-1].item()
    band_K = ((pitch_K - low) / (high - low) * len(z_FN)).long().clamp(0, len(z_FN) - 1)
    return z_FN[band_K] / band_K.bincount(minlength=len(z_FN)).clamp(min=1)[band_K, None]


def _told(z_KN: Tensor, seconds: float, name: str) -> str:
    """Where the weight lies: the band and the half second that spoke most for likeness, and what spoke against it."""
    toward_KN, total = z_KN.clamp(min=0), z_KN.clamp(min=0).sum().item()
    if total <= 0:
        return f"{name}: nothing in it spoke for likeness."
    hz_K = torch.linspace(0, RATE_HZ / 2, len(z_KN))
    shares = [
        toward_KN[(hz_K >= low) & (hz_K < high if high < 8000 else hz_K <= high)].sum().item() / total
        for low, high in pairwise(CUT_HZ)
    ]
    best = max(range(len(shares)), key=shares.__getitem__)
    step = max(1, round(z_KN.shape[1] * 0.5 / seconds))
    moment_N = F.avg_pool1d(toward_KN.sum(0)[None, None], min(step, z_KN.shape[1]), 1)[0, 0]
    at = (moment_N.argmax().item() + step / 2) * seconds / z_KN.shape[1]
    against = -z_KN.clamp(max=0).sum().item() / (total - z_KN.clamp(max=0).sum().item())
    return (
        f"{name}: {100 * shares[best]:.0f} % of what spoke for likeness lies between {CUT_HZ[best]:,} and "
        f"{CUT_HZ[best + 1]:,} Hz, most of all around {at:.1f} s; {100 * against:.0f} % of all weight spoke against it."
    )


# Enrolled voices


@dataclass(frozen=True)
class Enrolled:
    """Voices by name, for one net: the sum of the embeddings of each one's recordings, and how many they were."""

    key: str
    voices: tuple[tuple[str, Tensor, int], ...] = ()

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.voices]

    def mean(self) -> Tensor:
        """Every voice `(V, E)`, of length 1."""
        return F.normalize(torch.stack([sum_E for _, sum_E, _ in self.voices]), dim=1)

    def checked(self, net: Net) -> "Enrolled":
        """Itself; ValueError where another net enrolled it, since two nets' numbers mean nothing to one another."""
        if self.voices and self.key != net.key:
            raise ValueError(
                "These voices were enrolled with another net. Press “Forget everyone” and enrol them again."
            )
        return self

    def add(self, name: str, e_E: Tensor, net: Net) -> "Enrolled":
        """With one more recording of `name`; ValueError where the name is empty or eight others are there already."""
        name = " ".join(name.split())[:24]
        if not name:
            raise ValueError("Give the voice a name first.")
        voices = {known: (sum_E, n) for known, sum_E, n in self.checked(net).voices}
        if name not in voices and len(voices) >= MOST_ENROLLED:
            raise ValueError(f"{MOST_ENROLLED} voices are the most. Press “Forget everyone” to begin again.")
        sum_E, n = voices.get(name, (torch.zeros_like(e_E), 0))
        voices[name] = (sum_E + e_E, n + 1)
        return Enrolled(net.key, tuple((known, *rest) for known, rest in voices.items()))


def identified(net: Net, enrolled: Enrolled, e_E: Tensor, threshold: float) -> tuple[str | None, Tensor]:
    """The name of the voice that is nearest, if its score reaches `threshold`, and all scores `(V,)`."""
    if not enrolled.voices:
        raise ValueError("Nobody is enrolled yet: name a voice and press “Enrol” first.")
    with torch.no_grad():
        score_V = net.model.score(e_E[None], enrolled.checked(net).mean())[0]
    best = int(score_V.argmax())
    return (enrolled.names[best] if score_V[best] >= threshold else None), score_V


def place(net: Net, e_VE: Tensor) -> list[list[float]]:
    """Voices on the map of the test set."""
    return Plane(net.evidence["plane_mean"], net.evidence["plane_axes"]).place(e_VE).tolist()


# Together with Denoising


def denoise(x_T: Tensor) -> Tensor:
    """Through the net of the tab “Denoising”; CheckpointMissing says how to make it."""
    return enhance(shared(RecurrentDenoiser, DENOISER).model, x_T, RATE_HZ)


def denoiser_is_here() -> bool:
    try:
        return bool(_checkpoint.card(DENOISER))
    except CheckpointMissing:
        return False


def noisy(x_T: Tensor, kind: str, snr_db: float) -> Tensor:
    """A recording with one of the project's own noises behind it."""
    noise_T = synthetic.NOISES[kind](len(x_T), seed=1)
    mixed_BT, _ = audio.mix(x_T[None], noise_T[None], float(snr_db))
    return mixed_BT[0]


# Recordings that are at hand


def example(name: str) -> tuple[int, Any]:
    """One of the synthetic recordings that ship with the project, as Gradio takes samples unchanged."""
    return _as_int16(audio.load(EXAMPLES / f"{name}.flac"))


def test_pair(same: bool, draw: Callable[[Sequence[Any]], Any]) -> tuple[tuple[int, Any], tuple[int, Any], str]:
    """Two recordings of AN4's test speakers, and whose they are; DataMissing where AN4 is not on this machine."""
    found = an4.speakers("test", download=False)
    first = draw(sorted(found))
    second = first if same else draw([name for name in sorted(found) if name != first])
    a = draw(found[first])
    b = draw([path for path in found[second] if path != a])
    words = f"AN4 test: {a.stem} and {b.stem}, {'one person' if same else 'two persons'} in truth."
    return _as_int16(audio.load(a)), _as_int16(audio.load(b)), words


def an4_is_here() -> bool:
    try:
        return bool(an4.speakers("test", download=False))
    except (DataMissing, DataDamaged):
        return False


def _as_int16(x_T: Tensor) -> tuple[int, Any]:
    return RATE_HZ, audio.to_int16(x_T)[0].numpy()


def names(net: Net) -> list[str]:
    """The test recordings' names, in the order of the evidence."""
    return [bytes(row.tolist()).rstrip(b"\0").decode() for row in net.evidence["name"]]


def trial_table(net: Net) -> str:
    """Every test trial as CSV: corpus, both recordings, whether one person spoke both, and this net's score."""
    lines, called = ["corpus,first,second,same_speaker,score"], names(net)
    for corpus, number in speakers.CORPORA.items():
        at_N = (net.evidence["corpus"] == number).nonzero().flatten()
        a_P, b_P, same_P = (t.tolist() for t in speakers.trials(net.evidence["speaker"][at_N]))
        score_P, at = net.evidence[f"score_{corpus}"].tolist(), at_N.tolist()
        lines += [
            f"{corpus},{called[at[a]]},{called[at[b]]},{int(same)},{score:.4f}"
            for a, b, same, score in zip(a_P, b_P, same_P, score_P, strict=True)
        ]
    return "\n".join(lines) + "\n"
