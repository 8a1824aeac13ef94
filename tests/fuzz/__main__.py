"""Try what no page would send, and say what became of it.

`python -m tests.fuzz URL --cases 1000 --seed 1` tries a server that runs already; without a URL, one of its own, whose
memory is bounded and whose log is read. The table counts the cases by part and verdict (`tests/fuzz/judge.py` says what
they mean); every case that failed is told with how to run it alone (`--only ID`). Exits with 1 where one failed.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext

from benchmarks import _wire
from tests.fuzz.cases import SHARES, only, plan
from tests.fuzz.judge import BAD, GOOD
from tests.fuzz.trial import Done, Trial, Watched


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases; 1 where one of them failed."""
    options = _parser().parse_args(arguments)
    own = nullcontext() if options.url else Watched.started(options.memory)
    with own as watched:
        done = asyncio.run(run(options, watched))
    print(f"\n{table(done)}\n")
    print(*(told(alike, options) for alike in grouped(done)), sep="\n")
    return int(any(one.verdict.fails for one in done))


async def run(options: argparse.Namespace, watched: Watched | None) -> list[Done]:
    """Every case of the plan, or the only one that is asked for."""
    began = time.monotonic()
    async with _wire.client(watched.url if watched else options.url) as http:
        studio = await _wire.read_studio(http)
        cases = [only(studio, options.seed, name) for name in options.only] or plan(studio, options.seed, options.cases)
        trial, done = Trial(http, studio, watched), []
        for case in cases:
            done.append(await trial.run(case))
            if options.tell or options.only:
                print(line(done[-1]), flush=True)
            elif len(done) % 100 == 0:
                print(f"{len(done)} of {len(cases)}, {time.monotonic() - began:.0f} s", flush=True)
            if watched and not watched.alive():
                last = watched.log.read_text(errors="replace").splitlines()[-20:]
                print(f"the server is gone after {len(done)} of {len(cases)} cases; its last words:", *last, sep="\n")
                break
        memory = f", {watched.resident() / 2**20:,.0f} MiB at the end" if watched and watched.alive() else ""
        print(f"{len(done)} cases in {time.monotonic() - began:.0f} s{memory}")
    return done


def table(done: Sequence[Done]) -> str:
    """How many cases of each part came to each verdict."""
    words = [*GOOD, *BAD]
    count = Counter((one.case.part, one.verdict.word) for one in done)
    parts = [part for part in SHARES if any(one.case.part == part for one in done)]
    rows = [[part, sum(count[part, w] for w in words), *(count[part, w] for w in words)] for part in parts]
    rows.append(["all", len(done), *(sum(count[part, w] for part in parts) for w in words)])
    lines = [["part", "tried", *words], *rows]
    return "\n".join("  ".join(f"{cell!s:>9}" for cell in cells) for cells in lines)


def grouped(done: Sequence[Done]) -> list[list[Done]]:
    """The cases that failed, the worst first; those that were seen by the same are together."""
    alike: dict[tuple[int, str], list[Done]] = {}
    for one in done:
        if one.verdict.word in BAD:
            alike.setdefault((BAD.index(one.verdict.word), one.verdict.why), []).append(one)
    return [alike[cause] for cause in sorted(alike)]


def told(alike: Sequence[Done], options: argparse.Namespace) -> str:
    """The first of some cases that failed alike, how to run it alone, and what the others are called."""
    one, others = alike[0], " ".join(other.case.id for other in alike[1:])
    again = " ".join(filter(None, ["python -m tests.fuzz", options.url, f"--seed {options.seed} --only {one.case.id}"]))
    return f"{line(one)}\n    {again}" + (f"\n    and {len(alike) - 1} like it: {others}"[:500] if others else "")


def line(one: Done) -> str:
    where = one.case.event.name if one.case.event else "–"
    return f"{one.case.id} {one.verdict.word} ({one.seconds:.1f} s) at {where}: {one.words[:100]}\n    {one.verdict.why[:240]}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", nargs="?", default="", help="a server that runs; none: one of its own")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="these cases alone")
    parser.add_argument("--memory", type=float, default=12.0, metavar="GIB", help="what a server of its own may take")
    parser.add_argument("--tell", action="store_true", help="a line for every case")
    return parser


if __name__ == "__main__":
    sys.exit(main())
