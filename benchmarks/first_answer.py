"""Seconds from opening a tab's link, and from a click on its home card, to its first answer; a page's weight; a click.

The real application, with an empty folder for its data, is driven in Chromium as a visitor would: every visit is a new
browser context, so that nothing is cached. An answer is there when a live place of the tab that can be seen holds more
than a note. In each round the home page is opened first, until its cards are there: the *empty page*, since none of its
numbers waits for a net; a tab's ratio is taken within the round. The first round meets a server that has loaded
nothing yet; it is told in a column of its own and counts nowhere else. Bytes are what came over the wire until two
seconds after the answer.

A click's round trip is a key pressed on the alarm slider of Heartbeats, whose handler only counts, until the readout
has changed. It passes the page (before it is sent), the way to the queue, the wait in it until the answer is back, of
which the handler's own part is told, and the page again (until it is shown).

    OMP_NUM_THREADS=1 python -m benchmarks.first_answer
"""

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, TimeoutError

from benchmarks._browser import browsing
from benchmarks._report import Row, arguments, claim, machine, p95, report, row
from benchmarks._server import APP, serving
from demos import catalogue

SCRIPT = Path(__file__).with_name("first_answer.js")
LINK_SECONDS, CARD_SECONDS, CLICK_MS = 2.0, 1.0, 100.0
PATIENCE_MS = 60_000
SETTLING_MS = 2000
CARDS = "() => document.querySelector('.wl-home .wl-card')?.checkVisibility()"
ANSWERED = "() => window.answered()"
LIGHT, READOUT = "Normal or not", "false alarms an hour"
"""The slider whose handler only counts, and words of what it changes."""
STAGES = ("in the page", "to the queue", "in the queue and answered", "shown")


class Visit(NamedTuple):
    """A page that was opened: after how many seconds it was there, what it transferred and in how many requests."""

    seconds: float
    kilobytes: float
    requests: int


@contextmanager
def served() -> Iterator[str]:
    """The address of the application in a process of its own, with no data but what ships."""
    with tempfile.TemporaryDirectory() as nothing, serving(*APP, WAVELENS_DATA=nothing) as server:
        yield f"{server.url}/"


@contextmanager
def visited(browser: Browser) -> Iterator[Page]:
    """A page of a visitor who was never here."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(path=SCRIPT)
    try:
        yield context.new_page()
    finally:
        context.close()


def by_link(browser: Browser, address: str, there: str) -> Visit:
    """Open an address until `there` holds."""
    with visited(browser) as page:
        bytes_of: list[float] = []
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: bytes_of.append(event["encodedDataLength"]))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        _wait(page, there, address)
        seconds = time.perf_counter() - began
        page.wait_for_timeout(SETTLING_MS)
        sent = [url for url in asked if not url.startswith(("data:", "blob:"))]
        return Visit(seconds, sum(bytes_of) / 1000, len(sent))


def _wait(page: Page, there: str, what: str) -> None:
    """Until `there` holds; RuntimeError where it never does."""
    try:
        page.wait_for_function(there, polling="raf", timeout=PATIENCE_MS)
    except TimeoutError as error:
        raise RuntimeError(f"{what}: no answer in {PATIENCE_MS / 1000:.0f} s") from error


def by_card(browser: Browser, url: str, name: str) -> float:
    """Open the home page, let it settle, press the tab's card: seconds from there to its first answer."""
    with visited(browser) as page:
        page.goto(url)
        page.wait_for_function(CARDS, timeout=PATIENCE_MS)
        page.wait_for_timeout(SETTLING_MS)
        card = page.locator(f'.wl-card[href="?tab={name}"]')
        card.scroll_into_view_if_needed()
        if page.evaluate(ANSWERED):
            raise RuntimeError("the home page itself looks like an answer")
        began = time.perf_counter()
        card.click(no_wait_after=True)
        _wait(page, ANSWERED, f"the card of {name}")
        return time.perf_counter() - began


def clicks(browser: Browser, url: str, n: int) -> list[dict[str, float]]:
    """The milliseconds that each of `n` keys pressed on the light slider took, by stage, `all` together, `handler`."""
    with visited(browser) as page:
        page.goto(f"{url}?tab=heartbeats")
        slider = page.get_by_role("slider", name=LIGHT)
        slider.wait_for(timeout=PATIENCE_MS)
        page.get_by_text(READOUT).wait_for(timeout=PATIENCE_MS)
        page.wait_for_timeout(2 * SETTLING_MS)
        slider.focus()
        page.evaluate("words => window.watch(words)", READOUT)
        return [_click(page, "ArrowRight" if i % 2 else "ArrowLeft") for i in range(n + 3)][3:]


def _click(page: Page, key: str) -> dict[str, float]:
    page.keyboard.press(key)
    page.wait_for_function("() => window.passed.some((p) => p.what === 'shown')", polling="raf", timeout=PATIENCE_MS)
    page.wait_for_timeout(200)
    passed: dict[str, Any] = {p["what"]: p for p in reversed(page.evaluate("() => window.passed"))}  # the first of each
    at = [passed[what]["at"] for what in ("pressed", "sent", "waiting", "done", "shown")]
    spans = {stage: after - before for stage, before, after in zip(STAGES, at, at[1:], strict=False)}
    return spans | {"all": at[-1] - at[0], "handler": passed["done"]["handler"]}


def rounds(
    browser: Browser, url: str, tabs: list[str], n: int
) -> tuple[dict[str, list[Visit]], dict[str, list[float]]]:
    """`1 + n` rounds of every page by its link, the home page first, and `n` of every tab from its card."""
    links, cards = defaultdict(list), defaultdict(list)
    for i in range(1 + n):
        links["home"].append(by_link(browser, url, CARDS))
        for name in tabs:
            links[name].append(by_link(browser, f"{url}?tab={name}", ANSWERED))
            if i:
                cards[name].append(by_card(browser, url, name))
        told = ", ".join(f"{name} {visits[-1].seconds:.2f}" for name, visits in links.items())
        print(f"round {i} (load {os.getloadavg()[0]:.1f}): {told}", flush=True)
    return links, cards


def timings(links: dict[str, list[Visit]], cards: dict[str, list[float]]) -> list[Row]:
    """Every tab by its link, as a ratio to the empty page of the same round, and from its card."""
    empty = [visit.seconds for visit in links["home"][1:]]
    rows = [row("home, its cards, by its link", empty, unit="s")]
    for name, seconds in cards.items():
        linked = [visit.seconds for visit in links[name][1:]]
        rows.append(row(f"{name}, by its link", linked, unit="s"))
        rows.append(row(f"{name} / home", [a / b for a, b in zip(linked, empty, strict=True)], unit="×"))
        rows.append(row(f"{name}, from its card", seconds, unit="s"))
    return rows


def round_trip(trips: list[dict[str, float]]) -> list[Row]:
    """A click's round trip, stage by stage."""
    rows = [row("a click, all of it", [trip["all"] for trip in trips], unit="ms")]
    rows += [row(f"a click, {stage}", [trip[stage] for trip in trips], unit="ms") for stage in STAGES]
    return [*rows, row("a click, the handler alone", [trip["handler"] for trip in trips], unit="ms")]


def weights(links: dict[str, list[Visit]]) -> dict[str, Any]:
    """What each page transfers, and how long it took of a server that had loaded nothing."""
    cells = []
    for name, (first, *others) in links.items():
        size, asked = median(v.kilobytes for v in others), median(v.requests for v in others)
        cells.append([name, f"{size:,.0f}", f"{asked:.0f}", f"{first.seconds:.1f}"])
    columns = ["page", "kB", "requests", "s, the first visitor of a fresh server"]
    return {"caption": "What a page weighs, by its link", "columns": columns, "rows": cells}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tabs", nargs="+", default=list(catalogue()), help="these alone; keeps no results")
    options = parser.parse_args()
    measured_on = machine()
    n = 1 if options.quick else options.rounds
    whole = not options.quick and options.tabs == list(catalogue())
    with served() as url, browsing() as browser:
        links, cards = rounds(browser, url, options.tabs, n)
        trips = clicks(browser, url, 5 if options.quick else 50)
    rows = [*timings(links, cards), *round_trip(trips)]
    slowest = max(median(v.seconds for v in visits[1:]) for name, visits in links.items() if name != "home")
    claims = [
        claim("the slowest tab by its link, s", slowest, "≤", LINK_SECONDS),
        claim("the slowest tab from its card, s", max(map(median, cards.values())), "≤", CARD_SECONDS),
        claim("a click's round trip, 95th percentile, ms", p95([trip["all"] for trip in trips]), "≤", CLICK_MS),
    ]
    tables = {"weights": weights(links)}
    for cells in tables["weights"]["rows"]:
        print(*cells, sep="\t")
    ended = f"The load average was {os.getloadavg()[0]:.1f} at the end, of {os.cpu_count()} cores."
    report("first_answer", measured_on, rows, claims=claims, notes=[ended], tables=tables, keep=whole)


if __name__ == "__main__":
    main()
