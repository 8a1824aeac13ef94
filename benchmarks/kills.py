"""Kill and resume: a hundred times `kill -9`, and every training ends where one that was left alone ends, to the bit.

A life is `python -m training fit pneumonia_cnn --replace --steps 60 --snapshot-every 0.2` (dropout, augmentation, batch
norm and the final evidence on real chest X-rays, from `WAVELENS_DATA`), with `--resume` where there is a snapshot. It
is killed at a moment that a seeded generator draws: any time from its start, up to 0.3 s after a new snapshot, while a
snapshot is being written, or while the checkpoint is; up to ten times a training. Then it is left alone, and the
SHA-256 of its weights and of its evidence, its card's figures and what it left on the disk are compared with those of
the uninterrupted one. Where a kill fell is read from what lay there after it. About ten minutes of one quiet core.

    OMP_NUM_THREADS=1 WAVELENS_DATA=... python -m benchmarks.kills
"""

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from benchmarks._report import arguments, claim, machine, report, row
from benchmarks._server import ROOT

RECIPE = "pneumonia_cnn"
FILES = ("model.safetensors", "evidence.safetensors")
FIT = (
    "import sys; from pathlib import Path; from models import _checkpoint;"
    "_checkpoint.CHECKPOINTS = Path('checkpoints').resolve();"  # and its runs/ are below the working directory
    "from training.__main__ import main; sys.exit(main(sys.argv[1:]))"
)
Moment = Literal["any time", "after a snapshot", "in a snapshot's write", "in the save"]
MOMENTS: dict[Moment, int] = {"any time": 3, "after a snapshot": 8, "in a snapshot's write": 5, "in the save": 4}
"""When a life is killed, and in how many of twenty."""
MOST_KILLS = 10
"""Of one training; then it is left alone."""
LONGEST_LIFE_S = 300


class Lost(RuntimeError):
    """A life that ended otherwise than by its kill or in a checkpoint; the message is what it said."""


@dataclass
class Training:
    """A training in a folder of its own, that is killed and goes on."""

    folder: Path
    steps: int
    fell: list[str] = field(default_factory=list)
    """Where each kill fell."""
    seconds: list[float] = field(default_factory=list)
    """How long each life was."""

    @property
    def snapshot(self) -> Path:
        return self.folder / "runs" / f"{RECIPE}.snapshot"

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoints" / RECIPE

    def live(self, moment: Moment | None, draw: random.Random, whole_s: float) -> bool:
        """One life, killed at `moment`; whether it came to its end before. Raises Lost."""
        began, before = time.monotonic(), self._stamp()
        with tempfile.TemporaryFile() as said:
            how = ("--resume",) if self.snapshot.exists() else ("--steps", str(self.steps))
            options = ("fit", RECIPE, "--device", "cpu", "--replace", "--snapshot-every", "0.2", *how)
            environment = os.environ | {"PYTHONPATH": str(ROOT), "WAVELENS_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
            process = subprocess.Popen(
                [sys.executable, "-c", FIT, *options], cwd=self.folder, env=environment, stdout=said, stderr=said
            )
            try:
                self._wait(process, moment, draw, whole_s, before)
            finally:
                process.kill()
                process.wait()
            self.seconds.append(time.monotonic() - began)
            if process.returncode == 0:
                return True
            if process.returncode != -9:
                said.seek(0)
                raise Lost(said.read().decode(errors="replace").strip().rpartition("\n")[2])
        self.fell.append(self._where(before))
        return False

    def _wait(
        self, process: subprocess.Popen, moment: Moment | None, draw: random.Random, whole_s: float, before: int
    ) -> None:
        """Until the moment has come, or the life has ended; Lost where neither does."""
        began = time.monotonic()
        pause = {"any time": draw.uniform(0, whole_s), "after a snapshot": draw.uniform(0, 0.3)}
        delay = pause.get(moment or "", draw.uniform(0, 0.01))
        while process.poll() is None:
            if time.monotonic() - began > LONGEST_LIFE_S:
                raise Lost(f"no end within {LONGEST_LIFE_S} s")
            if moment is not None and self._has_come(moment, before):
                time.sleep(delay)
                return
            time.sleep(0.0002)

    def _has_come(self, moment: Moment, before: int) -> bool:
        if moment == "any time":
            return True
        if moment == "after a snapshot":
            return self._stamp() != before
        return parts(self.snapshot.parent if moment == "in a snapshot's write" else self.checkpoint)

    def _stamp(self) -> int:
        return self.snapshot.stat().st_mtime_ns if self.snapshot.exists() else 0

    def _where(self, before: int) -> str:
        """Where a kill fell, by what lies there."""
        if parts(self.checkpoint) or (self.checkpoint.exists() and not self._is_whole()):
            return "while the checkpoint was written"
        if parts(self.snapshot.parent):
            return "while a snapshot was written"
        if self.checkpoint.exists():
            return "when the checkpoint stood"
        return "between two snapshots" if self._stamp() != before else "before the first snapshot of that life"

    def _is_whole(self) -> bool:
        """Whether the card is there and describes the files beside it."""
        card = self.checkpoint / "card.json"
        if not card.exists():
            return False
        facts = json.loads(card.read_bytes())
        return [facts["weights_sha256"], facts["evidence_sha256"]] == self.hashes()

    def hashes(self) -> list[str]:
        """The SHA-256 of the weights and of the evidence."""
        paths = (self.checkpoint / name for name in FILES)
        return [hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "" for path in paths]

    def end(self) -> tuple[list[str], Any, list[str]]:
        """What must be equal: the hashes, the card's metrics, and every name that is left on the disk."""
        facts = json.loads((self.checkpoint / "card.json").read_bytes())
        names = sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))
        return self.hashes(), (facts["metrics"], facts["validation"], facts["seeds"], facts["budget"]), names


def parts(folder: Path) -> bool:
    """Whether something half written lies in `folder`."""
    return folder.is_dir() and any(path.suffix == ".part" for path in folder.iterdir())


def moments(draw: random.Random) -> Iterator[Moment]:
    """When to kill, without end."""
    while True:
        yield from draw.choices(list(MOMENTS), list(MOMENTS.values()))


@dataclass
class Trial:
    """What came of it: where the kills fell, how long the lives were, and how many trainings ended as they should."""

    fell: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    trainings: int = 0
    equal: int = 0


def trial(kills: int, steps: int, seed: int, folder: Path, *, most_seconds: float = 1e9) -> Trial:
    """Trainings that are killed `kills` times in all, or for `most_seconds`, each compared with one that was not.

    Raises Lost where the uninterrupted one, or any life, ends in an error.
    """
    draw, began, found = random.Random(seed), time.monotonic(), Trial()
    (folder / "whole").mkdir()
    whole = Training(folder / "whole", steps)
    whole.live(None, draw, 0)
    when = moments(draw)
    while found.fell.total() < kills and time.monotonic() - began < most_seconds:
        (folder / str(found.trainings)).mkdir()
        training, ended = Training(folder / str(found.trainings), steps), False
        for _ in range(min(MOST_KILLS, kills - found.fell.total())):
            ended = training.live(next(when), draw, whole.seconds[0])
            if ended:
                break
        if not ended:
            training.live(None, draw, 0)
        found.fell.update(training.fell)
        found.seconds += training.seconds
        found.trainings += 1
        found.equal += training.end() == whole.end()
        print(f"{found.fell.total()} kills, {found.equal} of {found.trainings} trainings equal", flush=True)
    return found


def table(found: Trial) -> dict[str, Any]:
    """Where the kills fell, as RESULTS.md shows it."""
    n, lives = found.fell.total(), len(found.seconds)
    return {
        "caption": f"Where {n} kills fell, in {found.trainings} trainings of {lives} lives in all",
        "columns": ["the kill fell", "kills"],
        "rows": [[where, n] for where, n in found.fell.most_common()],
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--steps", type=int, default=60, help="of each training")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--minutes", type=float, default=60, help="no new training after these")
    options = parser.parse_args()
    measured_on = machine()
    kills = 4 if options.quick else options.kills
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = trial(kills, options.steps, options.seed, Path(folder), most_seconds=60 * options.minutes)
        except Lost as error:
            sys.exit(f"A training was lost, or there was nothing to train on: {error}")
    claims = [
        claim("kills", found.fell.total(), "≥", kills),
        claim("share of the killed trainings that ended equal", found.equal / found.trainings, "≥", 1),
    ]
    report(
        "kills",
        measured_on,
        [row("length of a life", found.seconds, unit="s")],
        claims=claims,
        notes=[
            f"{RECIPE}, {options.steps} steps, seed of the moments {options.seed}: {found.equal} of {found.trainings} "
            f"trainings equal after {found.fell.total()} kills, by SHA-256 of weights and evidence, by the card's "
            "figures and by what lies on the disk.",
        ],
        tables={"fell": table(found)},
        keep=not options.quick,
    )


if __name__ == "__main__":
    main()
