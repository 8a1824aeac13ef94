"""Whether the tests would notice: the house with one fault in it, again and again, and the tests nearest to the fault.

`make mutants`, or `python -m tests.mutants WORD ...` for the mutants with one of these words in their names. Each fault
of `tests/faults.py` is planted in a copy of the tree and must make a test fail. First everything passes without any.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from tests.faults import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent
LINKED = ("checkpoints", "samples")
"""Folders whose files a copy of the tree only links to: no fault is planted there."""
LONGEST_SECONDS = 180
"""Tests that take longer than this on a mutant have noticed it: they wait for something that does not come."""
FAST = ("-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-m", "not (slow or browser or data)")


class Outcome(NamedTuple):
    """One run of some tests: which of them failed first (none: all passed), and what it took."""

    failed: str | None
    seconds: float


class Stale(RuntimeError):
    """The text that a mutant changes is not there, or there more than once."""


def main(arguments: list[str] | None = None) -> int:
    """Plant every fault; 0 where a test noticed each, 1 where one lived, 2 where nothing could be said."""
    options = _parser().parse_args(arguments)
    chosen = [m for m in MUTANTS if not options.words or any(word in m.name for word in options.words)]
    if troubles := [*map(str, stale(chosen)), *([] if chosen else ["There is no such mutant"])]:
        print("\n".join(troubles), file=sys.stderr)
        return 2
    started = time.monotonic()
    with trees(options.jobs) as free, ThreadPoolExecutor(options.jobs) as workers:
        files = sorted({file for mutant in chosen for file in mutant.tests})
        print(f"Without any fault: {len(files)} files of tests ...", flush=True)
        shares = [files[i :: options.jobs] for i in range(options.jobs)]
        whole = workers.map(lambda share: _in_a_tree(free, None, share), filter(None, shares))
        if failed := [outcome.failed for outcome in whole if outcome.failed]:
            print(f"{failed[0]} fails without any fault: mend that first", file=sys.stderr)
            return 2
        outcomes = list(workers.map(lambda mutant: _told(mutant, _in_a_tree(free, mutant, mutant.tests)), chosen))
    print(f"\n{table(chosen, outcomes)}\n")
    noticed = sum(outcome.failed is not None for outcome in outcomes)
    print(f"planted {len(chosen)}, noticed {noticed}, in {time.monotonic() - started:.0f} s")
    return int(noticed < len(chosen))


def stale(mutants: Sequence[Mutant], tree: Path = ROOT) -> list[Stale]:
    """What is wrong with each mutant that no longer fits the tree."""
    found = []
    for name, file, text, instead, tests in mutants:
        path = tree / file
        times = path.read_text(encoding="utf-8").count(text) if path.exists() else 0
        if times != 1:
            found.append(
                Stale(f"this mutant has gone stale: “{name}” wants to find, once and not {times} times,\n{text}")
            )
        if text == instead:
            found.append(Stale(f"“{name}” changes nothing"))
        found += [Stale(f"“{name}” asks {test}, which is not there") for test in tests if not (tree / test).exists()]
    return found


@contextmanager
def trees(count: int) -> Iterator[SimpleQueue[Path]]:
    """So many copies of the working tree, in a folder that goes away again."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        free: SimpleQueue[Path] = SimpleQueue()
        for i in range(count):
            free.put(copied(Path(folder) / str(i)))
        yield free


def copied(tree: Path) -> Path:
    """The working tree's own files, those that git does not know yet included; what is `LINKED` is only linked to."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, tree / name
        if not source.is_file():  # deleted, and not yet committed so
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.startswith(LINKED):
            target.symlink_to(source)
        else:
            shutil.copy2(source, target)
    return tree


@contextmanager
def planted(mutant: Mutant, tree: Path) -> Iterator[None]:
    """The tree with this one fault in it; Stale where the text that it changes is not there exactly once."""
    for trouble in stale([mutant], tree):
        raise trouble
    path = tree / mutant.file
    whole = path.read_text(encoding="utf-8")
    try:
        path.write_text(whole.replace(mutant.text, mutant.instead), encoding="utf-8")
        yield
    finally:
        path.write_text(whole, encoding="utf-8")


def run_tests(tree: Path, tests: Sequence[str], longest_seconds: float | None = None) -> Outcome:
    """The fast tests of these files, up to the first that fails, or that has not ended by then.

    Raises RuntimeError where they did not run at all: a mutant that cannot even be imported says nothing of the tests.
    """
    started = time.monotonic()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    environment |= {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", *FAST, *tests]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=longest_seconds
        )
    except subprocess.TimeoutExpired:
        return Outcome(f"no end within {longest_seconds} s", time.monotonic() - started)
    failed = [line.split(" ")[1] for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if done.returncode not in (0, 1) or len(failed) != done.returncode:
        raise RuntimeError(f"{', '.join(tests)} could not be run:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    return Outcome(failed[0] if failed else None, time.monotonic() - started)


def table(mutants: Sequence[Mutant], outcomes: Sequence[Outcome]) -> str:
    """What was planted, which test noticed it, and after how long."""
    rows = [(m.name, _short(o.failed), f"{o.seconds:.1f} s") for m, o in zip(mutants, outcomes, strict=True)]
    widest = max(len(name) for name, *_ in rows)
    return "\n".join(f"{name:{widest}}  {seconds:>7}  {test}" for name, test, seconds in rows)


def _in_a_tree(free: SimpleQueue[Path], mutant: Mutant | None, tests: Sequence[str]) -> Outcome:
    tree = free.get()
    try:
        if mutant is None:
            return run_tests(tree, tests)
        with planted(mutant, tree):
            return run_tests(tree, tests, LONGEST_SECONDS)
    finally:
        free.put(tree)


def _told(mutant: Mutant, outcome: Outcome) -> Outcome:
    print(f"{'noticed' if outcome.failed else 'LIVED  '}  {outcome.seconds:5.1f} s  {mutant.name}", flush=True)
    return outcome


def _short(failed: str | None) -> str:
    return failed.removeprefix("tests/") if failed else "LIVED: no test noticed"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="only the mutants with one of these words in their names")
    parser.add_argument("--jobs", type=int, default=2, help="so many at a time")
    return parser


if __name__ == "__main__":
    sys.exit(main())
