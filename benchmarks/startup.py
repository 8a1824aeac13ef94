"""Seconds from starting the process to the first page, against `import torch, gradio` alone. Target: at most 1.5 times.

Ours is `python app.py` until / has come whole with status 200. The peer is `python -c "import torch, gradio"` from
start to end, in the same environment. They take turns after one round that only warms the disk's cache; a ratio is
taken within each round.

    OMP_NUM_THREADS=1 python -m benchmarks.startup
"""

import subprocess
import sys
import time

from benchmarks._report import arguments, claim, machine, report, row
from benchmarks._server import APP, ROOT, serving

IMPORTS = "import torch, gradio"
TARGET = 1.5


def first_page(*command: str) -> float:
    with serving(*command) as server:
        return server.seconds


def imports(statement: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)
    return time.perf_counter() - began


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    measured_on = machine()
    _, *rounds = [(first_page(*APP), imports(IMPORTS)) for _ in range(1 + (1 if options.quick else options.rounds))]
    ratios = row("ours / peer", [ours / peer for ours, peer in rounds], unit="×")
    rows = [
        row("app.py to its first page", [ours for ours, _ in rounds], unit="s"),
        row(f"python -c “{IMPORTS}”", [peer for _, peer in rounds], unit="s"),
        ratios,
    ]
    claims = [claim("seconds to the first page, ratio", ratios["median"], "≤", TARGET)]
    report("startup", measured_on, rows, claims=claims, keep=not options.quick)


if __name__ == "__main__":
    main()
