"""Whether a recording is of the kind that the nets learnt from: if not, their answer means little."""

from collections.abc import Mapping

from torch import Tensor

from demos._ui.nets import Net
from demos.voices.nets import OURS, RECIPES, Recording
from models import CheckpointDamaged, CheckpointMissing
from models.speaker import distances, log_mel, statistics
from training.data import speakers

SHORT_SECONDS = 1.0
TOO_SHORT, UNLIKE = "too short", "unlike"
"""Why a recording is strange."""


def strange(recordings: Mapping[str, Recording]) -> dict[str, str]:
    """Which recordings are unlike all that the nets learnt from, and why.

    Too short to know a voice by, or a sound further from the training recordings than 98 % of left-out voices are.
    """
    known, found = acquaintance(), {}
    for which, recording in recordings.items():
        if recording.seconds < SHORT_SECONDS:
            found[which] = TOO_SHORT
        elif known and distance(recording, known) > known["known_limit"].item():
            found[which] = UNLIKE
    return found


def distance(recording: Recording, known: Mapping[str, Tensor]) -> float:
    """How far a recording lies from those of the training, as `known_limit` measures it."""
    return distances(statistics(log_mel(recording.x_T[None])), known).item()


def acquaintance() -> Mapping[str, Tensor]:
    """What recordings like those of the training sound like; empty where nobody has kept it."""
    try:
        evidence = Net.pretrained(RECIPES[OURS]).evidence
    except (CheckpointMissing, CheckpointDamaged):
        return {}
    return evidence if "known_limit" in evidence else {}


def mistaken() -> float | None:
    """The share of people's test recordings that are taken for strangers; None where nobody knows."""
    known = acquaintance()
    if not known:
        return None
    people = known["corpus"] != speakers.SYNTHETIC
    return (known["distance"][people] > known["known_limit"]).double().mean().item()
