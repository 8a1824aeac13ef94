"""Whether the tests would notice: the house with one fault in it, again and again, and the tests nearest to the fault.

`make mutants`, or `python -m tests.mutants WORD ...` for the mutants with one of these words in their names. Each fault
of `tests/faults.py` is planted in a copy of the tree and must make a test fail. First everything passes without any.

Tests run in forks of this process, which has imported what is slow to import and nothing of ours. Needs a system that
forks (Linux).
"""

import argparse
import importlib
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent
LINKED = ("checkpoints/", "samples/")
"""Folders whose files a copy of the tree only links to: no fault is planted there."""
LONGEST_SECONDS = 180
"""Tests that take longer than this on a mutant have noticed it: they wait for something that does not come."""
FAST = (
    "-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-m", "not (slow or browser or data)",
    "-W", "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning",
)  # fmt: skip
SLOW_TO_IMPORT = (
    "torch", "torchaudio.functional", "gradio", "sklearn.metrics", "scipy.signal", "scipy.stats", "captum.attr",
    "pyarrow.parquet", "soundfile",
)  # fmt: skip


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
    with workers(options.jobs) as pool:
        files = sorted({file for mutant in chosen for file in mutant.tests})
        print(f"Without any fault: {len(files)} files of tests ...", flush=True)
        shares = filter(None, (files[i :: options.jobs] for i in range(options.jobs)))
        if failed := [outcome.failed for outcome in pool.map(partial(examine, None), shares) if outcome.failed]:
            print(f"{failed[0]} fails without any fault: mend that first", file=sys.stderr)
            return 2
        found = []
        for mutant, outcome in zip(chosen, pool.map(examine, chosen, [m.tests for m in chosen]), strict=True):
            found.append(outcome)
            print(row(mutant, outcome, max(len(m.name) for m in chosen)), flush=True)
    noticed = sum(outcome.failed is not None for outcome in found)
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
                Stale(f"this mutant has gone stale: “{name}” finds, {times} times and not once in {file},\n{text}")
            )
        if text == instead:
            found.append(Stale(f"“{name}” changes nothing"))
        found += [Stale(f"“{name}” asks {test}, which is not there") for test in tests if not (tree / test).exists()]
    return found


def row(mutant: Mutant, outcome: Outcome, widest: int) -> str:
    """What was planted, after how long it was noticed, and by which test."""
    return f"{mutant.name:{widest}}  {outcome.seconds:5.1f} s  {outcome.failed or 'LIVED: no test noticed'}"


# Copies of the tree


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
    path.write_text(whole.replace(mutant.text, mutant.instead), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(whole, encoding="utf-8")


# Running tests

FORK = multiprocessing.get_context("fork")
_own_tree: Path
"""The copy of the tree in which this worker plants."""


@contextmanager
def workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """So many processes that know already what is slow to import, each with a copy of the tree of its own."""
    os.environ |= {"OMP_NUM_THREADS": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
    for name in SLOW_TO_IMPORT:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        free = FORK.SimpleQueue()
        for i in range(count):
            free.put(copied(Path(folder) / str(i)))
        with ProcessPoolExecutor(count, FORK, _settle, (free,)) as pool:
            yield pool


def _settle(free: "multiprocessing.SimpleQueue[Path]") -> None:
    global _own_tree
    _own_tree = free.get()


def examine(mutant: Mutant | None, tests: Sequence[str]) -> Outcome:
    """What these tests say of the tree with this one fault in it; of the tree as it is without one."""
    if mutant is None:
        return run_tests(_own_tree, tests)
    with planted(mutant, _own_tree):
        return run_tests(_own_tree, tests, LONGEST_SECONDS)


def run_tests(tree: Path, tests: Sequence[str], longest_seconds: float | None = None) -> Outcome:
    """The fast tests of these files, up to the first that fails, or that has not ended by then.

    Raises RuntimeError where they did not run at all: a mutant that cannot even be imported says nothing of the tests.
    """
    started, log = time.monotonic(), tree.with_suffix(".log")
    process = FORK.Process(target=_pytest, args=(tree, tests, log))
    process.start()
    process.join(longest_seconds)
    if process.is_alive():
        process.kill()
        return Outcome(f"no end within {longest_seconds} s", time.monotonic() - started)
    said = log.read_text(encoding="utf-8")
    told = [line.partition(" ")[2] for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    failed = [line.partition(" - ")[0] for line in told]
    if process.exitcode not in (0, 1) or len(failed) != process.exitcode:
        raise RuntimeError(f"{', '.join(tests)} could not be run ({process.exitcode}):\n{said[-3000:]}")
    return Outcome(failed[0] if failed else None, time.monotonic() - started)


def _pytest(tree: Path, tests: Sequence[str], log: Path) -> None:
    """Run them in this fork, which forgets the few modules of ours that it knows and finds the tree's instead."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    with log.open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        code = int(pytest.main([*FAST, *tests]))
        sys.stdout.flush()
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="only the mutants with one of these words in their names")
    parser.add_argument("--jobs", type=int, default=2, help="so many at a time")
    return parser


if __name__ == "__main__":
    sys.exit(main())
