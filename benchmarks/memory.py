"""Resident memory of the app: at its first page, and after every tab was opened once, against its imports alone.

Chromium opens each tab by its link in a fresh page. The number is the resident set of the app's one process (it has no
children), read once it has stopped growing. The peer is a Python that has run `import torch, gradio` and waits. Nothing
was promised here but the figure. They take turns, a new process each time.

    OMP_NUM_THREADS=1 python -m benchmarks.memory
"""

import shutil
import subprocess
import sys
import time

import psutil
from playwright.sync_api import sync_playwright

from benchmarks._report import arguments, machine, report, row
from benchmarks._server import APP, ROOT, serving
from demos import catalogue

MEBI = 2**20
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def resident(pid: int, *, pause: float = 1.0, patience: int = 60) -> float:
    """MiB of process `pid`, once three looks in a row, `pause` seconds apart, differ by less than 1 MiB."""
    process = psutil.Process(pid)
    seen: list[float] = []
    for _ in range(patience):
        seen.append(process.memory_info().rss / MEBI)
        if len(seen) > 2 and max(seen[-3:]) - min(seen[-3:]) < 1:
            break
        time.sleep(pause)
    return seen[-1]


def open_tabs(url: str, names: list[str], *, seconds: float) -> None:
    """Open every tab by its link, and stay for `seconds` once its answers are there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))
        for name in names:
            page = browser.new_page()
            page.goto(f"{url}/?tab={name}", timeout=120_000)
            page.locator(".wl-heading:visible").wait_for(timeout=120_000)
            page.wait_for_timeout(1000 * seconds)
            page.close()
        browser.close()


def app(names: list[str], *, seconds: float) -> tuple[float, float]:
    """MiB after the start, and after every tab."""
    with serving(*APP) as server:
        before = resident(server.pid)
        open_tabs(server.url, names, seconds=seconds)
        return before, resident(server.pid)


def imports(statement: str) -> float:
    """MiB of a Python that has run `statement`."""
    command = [sys.executable, "-c", f"{statement}; print('ready', flush=True); input()"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        megabytes = resident(process.pid)
        process.communicate(b"\n")
    return megabytes


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="spent in each tab")
    options = parser.parse_args()
    if shutil.which("chromium") is None:
        sys.exit("This benchmark opens the tabs in Chromium, and there is none: apt-get install chromium")
    measured_on, names = machine(), list(catalogue())
    rounds = [
        (*app(names, seconds=options.seconds), imports("import torch, gradio"))
        for _ in range(1 if options.quick else options.rounds)
    ]
    start, tabs, peer = zip(*rounds, strict=True)
    rows = [
        row("app.py, first page", start, unit="MiB"),
        row(f"app.py, after {len(names)} tab{'s' * (len(names) != 1)}: {', '.join(names)}", tabs, unit="MiB"),
        row("python -c “import torch, gradio”", peer, unit="MiB"),
        row("after every tab / peer", [ours / other for _, ours, other in rounds], unit="×"),
    ]
    report("memory", measured_on, rows, keep=not options.quick)


if __name__ == "__main__":
    main()
