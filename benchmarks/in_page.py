"""What nets that answer in the page cost there: milliseconds an answer, frames a second under the pointer, requests.

The real application, with an empty folder for its data, in Chromium without a graphics card. An answer is one garment
decoded (Latent space), one payment scored with its parts (Fraud), one threshold with all its figures (Fraud); what a
click asks is the smallest change that hides a payment; one volume drawn at either size, its surface found again after
a bite, and the way from that click to the net's answer (Volumes). Then the pointer goes across the plane, drags the
threshold up and down, and turns the volume, for some seconds, while the time from frame to frame and every request are
taken.

    OMP_NUM_THREADS=1 python -m benchmarks.in_page
"""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks._browser import browsing
from benchmarks._report import Row, arguments, claim, machine, p95, report, row
from benchmarks.first_answer import served
from demos._ui.forward import SCRIPT as FORWARD

ROOT = Path(__file__).resolve().parent
MEASURE = ROOT / "in_page.js"
PAYMENT = (ROOT.parent / "demos" / "fraud" / "payment.js").read_text(encoding="utf-8")
RAYCASTER = (ROOT.parent / "demos" / "volumes" / "raycaster.js").read_text(encoding="utf-8")
ANSWER_MS, FRAMES_S = 16.0, 50.0
LAID, READY = ".wl-latent-board[data-laid]", "[data-ready]"
DECODING = "(times) => measure_garments(times)"
SCORING = (
    f"async ([url, times]) => {{ {FORWARD}\n{PAYMENT}\n"
    "return measure_payments({ fetch_net, score_of, smallest_change }, url, times); }"
)
DRAWING = f"(times) => {{ {RAYCASTER}\nreturn measure_volumes({{ shape_of, camera_of, draw }}, times); }}"
NET = "() => performance.getEntriesByType('resource').map((e) => e.name).find((name) => name.endsWith('net.bin'))"


def frames_while(page: Page, move: Callable[[int], None], steps: int) -> tuple[list[float], int]:
    """Milliseconds from frame to frame while `move` is called so often, and the requests that went out meanwhile."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("() => { window.stop_frames = frames(); }")
    for i in range(steps):
        move(i)
    spans: list[float] = page.evaluate("() => window.stop_frames()")
    return spans, len([url for url in asked if not url.startswith(("data:", "blob:"))])


def opened(page: Page, url: str, tab: str, ready: str) -> None:
    page.goto(f"{url}?tab={tab}")
    page.wait_for_selector(ready, state="attached", timeout=60_000)
    page.wait_for_timeout(2_000)


def box_of(page: Page, where: str) -> Any:
    box = page.locator(where).bounding_box()
    assert box
    return box


def plane(page: Page, url: str, n: int) -> tuple[list[Row], float, int]:
    """Latent space: a garment, and frames while the pointer crosses the plane."""
    opened(page, url, "latent", LAID)
    answers = page.evaluate(DECODING, n)
    box = box_of(page, ".wl-latent-board")

    def move(i: int) -> None:
        page.mouse.move(
            box["x"] + box["width"] * (0.1 + 0.8 * (i % 97) / 97),
            box["y"] + box["height"] * (0.1 + 0.8 * (i % 61) / 61),
        )

    spans, asked = frames_while(page, move, 3 * n)
    rows = [row("a garment decoded", answers, unit="ms"), row("from frame to frame on the plane", spans, unit="ms")]
    return rows, p95(answers), asked


def desk(page: Page, url: str, n: int) -> tuple[list[Row], float, int]:
    """Fraud: a payment scored, one hidden, and frames while the threshold is dragged."""
    opened(page, url, "fraud", READY)
    scored, hidden = page.evaluate(SCORING, [page.evaluate(NET), n])
    box = box_of(page, ".wl-fraud-desk canvas")
    across = box["x"] + box["width"] / 2
    page.mouse.move(across, box["y"] + 20)
    page.mouse.down()
    spans, asked = frames_while(page, lambda i: page.mouse.move(across, box["y"] + 20 + (7 * i) % 340), 3 * n)
    page.mouse.up()
    rows = [
        row("a payment scored", scored, unit="ms"),
        row("the smallest change of an odd payment, after a click", hidden, unit="ms"),
        row("from frame to frame while the threshold is dragged", spans, unit="ms"),
    ]
    return rows, p95(scored), asked


def volume(page: Page, url: str, n: int) -> tuple[list[Row], float, int]:
    """Volumes: one drawn, one rubbed at until the net has answered, and frames while it is turned."""
    opened(page, url, "volumes", ".wl-volumes-stage[data-ready]")
    small, large, again = page.evaluate(DRAWING, n)
    box = box_of(page, ".wl-volumes-stage")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    spans, asked = frames_while(page, lambda i: page.mouse.move(x + 150 * math.sin(i / 15), y), 3 * n)
    page.mouse.up()
    page.get_by_role("button", name="Bite off").click()
    rows = [
        row("a volume drawn at 160 × 160", small, unit="ms"),
        row("a volume drawn at 256 × 256", large, unit="ms"),
        row("its surface found again after a bite", again, unit="ms"),
        row("a bite, until the net has answered", [bitten(page) for _ in range(min(n, 20))], unit="ms"),
        row("from frame to frame while a volume is turned", spans, unit="ms"),
    ]
    return rows, p95(large), asked


def bitten(page: Page) -> float:
    """Milliseconds from a bite at the crosshair until the answer is another; then it is taken back."""
    answer = ".wl-volumes-answer"
    page.evaluate(f"() => {{ window.answer_before = document.querySelector('{answer}').textContent; }}")
    began = time.perf_counter()
    page.get_by_role("button", name="At the crosshair").click()
    changed = f"() => document.querySelector('{answer}')?.textContent !== window.answer_before"
    page.wait_for_function(changed, polling="raf")
    took = 1000 * (time.perf_counter() - began)
    page.get_by_role("button", name="As it was").click()
    page.wait_for_function(f"() => !document.querySelector('{answer} .wl-to')", polling="raf")
    page.wait_for_timeout(1_500)
    return took


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on, n = machine(), 20 if options.quick else 200
    with served() as url, browsing() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(path=MEASURE)
        (garments, decoded, asked), (payments, scored, too) = plane(page, url, n), desk(page, url, n)
        volumes, drawn, also = volume(page, url, n)
    rows = [*garments, *payments, *volumes]
    frames = {each["name"]: 1000 / each["median"] for each in rows if each["name"].startswith("from frame")}
    claims = [
        claim("a garment decoded, 95th percentile, ms", decoded, "≤", ANSWER_MS),
        claim("a payment scored, 95th percentile, ms", scored, "≤", ANSWER_MS),
        claim("a volume drawn at 256 × 256, 95th percentile, ms", drawn, "≤", ANSWER_MS),
        claim("requests while the pointer moves", asked + too + also, "≤", 0),
        *(claim(f"frames a second, {name[20:]}", found, "≥", FRAMES_S) for name, found in frames.items()),
    ]
    report("in_page", measured_on, rows, claims=claims, keep=not options.quick)


if __name__ == "__main__":
    main()
