"""Fifty visitors at once for ten minutes, each of whom checks that every answer is his own.

A client has a session of its own and asks, at most every two seconds, one of four things that nobody else asks: a digit
(its own among ten, turned by its own angle), a mixture (its own voice, noise and ratio), a picture to enlarge (its own,
in two questions, so that what the session holds counts) and an ECG (its own lead under its own name). What must come
back was computed beforehand, by the tabs' own handlers in this process; no two of it are alike. An answer is *right*
where it is that, *wrong* where it is anything else, *refused* where a sentence says why there is none, and *lost* where
nothing came, or no sentence, or too late. The server's memory is read every five seconds; flat means that its mean over
the last quarter is within 5 % of that over the third. How long a wait will be, the server
says when it takes the question.

    OMP_NUM_THREADS=1 python -m benchmarks.load
"""

import asyncio
import sys
import tempfile
from collections import Counter

from benchmarks._report import arguments, machine, report
from benchmarks._server import APP, serving
from benchmarks.load.crowd import PAUSE_SECONDS, crowd
from benchmarks.load.found import claims, counted, remembered, timings, waits
from benchmarks.load.questions import questions


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=600.0)
    options = parser.parse_args()
    clients, seconds = (5, 15.0) if options.quick else (options.clients, options.seconds)
    measured_on = machine()
    own = questions(clients)
    print(f"{clients} clients, four questions each, no two answers alike", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="load") as files,
        serving(*APP, GRADIO_TEMP_DIR=files) as server,
    ):
        asked, curve = asyncio.run(crowd(server.url, server.pid, own, seconds))
    odd = Counter((one.kind, one.outcome, one.words) for one in asked if one.outcome != "right")
    notes = [
        f"{clients} clients for {seconds:.0f} s, a question every {PAUSE_SECONDS:g} s at most by each.",
        waits(asked),
    ]
    notes += [f"{n} × {kind}, {came}: {words}" for (kind, came, words), n in odd.most_common(8)]
    promised = claims(asked, curve)
    tables = {"answers": counted(asked), "memory": remembered(curve), "curve": curve}
    report("load", measured_on, timings(asked), claims=promised, notes=notes, tables=tables, keep=not options.quick)
    print(counted(asked)["rows"])
    return int(any(not one["met"] for one in promised[:2]))


if __name__ == "__main__":
    sys.exit(main())
