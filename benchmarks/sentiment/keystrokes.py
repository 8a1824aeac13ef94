"""From a pause in typing to four lines over fifty words: milliseconds in the real application, in Chromium.

A text of fifty words, of which the last is another each time, is typed by the page's own event. The page waits for a
pause before it asks, which is told apart; from its question to the painted answer counts. *At rest*, nothing else is
on its way; *going on*, the next word comes before the reasons for the last one are all there.

    OMP_NUM_THREADS=1 python -m benchmarks.sentiment.keystrokes
"""

from pathlib import Path

from playwright.sync_api import Page

from benchmarks._browser import browsing
from benchmarks._report import arguments, claim, machine, p95, report, row
from benchmarks.first_answer import served
from signals.grammar import BLAME, PRAISE

SCRIPT = Path(__file__).with_suffix(".js")
ANSWER_MS = 150.0
FIFTY = (
    "We went to see it on a rainy evening and did not expect much. The first half is slow, and the dialogue could have "
    "been shorter, but the two leads are honest, the music is never loud, and by the end I found the whole film really "
    "rather"
)
RESTS_MS = {"at rest": 2500, "going on": 250}


def texts(n: int) -> list[str]:
    """Fifty words, the last of them another each time."""
    last = [word for pair in zip(PRAISE, BLAME, strict=True) for word in pair]
    return [f"{FIFTY} {last[i % len(last)]}" for i in range(n)]


def typed(page: Page, n: int, rest_ms: int) -> list[tuple[float, float]]:
    """For each text, milliseconds until the page asked and from there to the painted answer."""
    found = page.evaluate("([texts, rest]) => measure_typing(texts, rest)", [texts(n), rest_ms])
    return [(pause, answer) for pause, answer in found]


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on, n = machine(), 5 if options.quick else 56
    rows, slowest, pauses = [], {}, []
    with served() as url, browsing() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(path=SCRIPT)
        page.goto(f"{url}?tab=sentiment")
        page.locator(".wl-sentiment-trials").wait_for(timeout=120_000)
        typed(page, 2, 3000)  # the first answers of a fresh server are off the clock
        for name, rest_ms in RESTS_MS.items():
            found = typed(page, n, rest_ms)
            rows.append(row(f"from the question to the painted answer, {name}", [a for _, a in found], unit="ms"))
            pauses += [pause for pause, _ in found]
            slowest[name] = p95([answer for _, answer in found])
        rows.append(row("the pause before it asks", pauses, unit="ms"))
    report(
        "sentiment_typing",
        measured_on,
        rows,
        claims=[claim(f"50 words, {name}, 95th percentile, ms", ms, "≤", ANSWER_MS) for name, ms in slowest.items()],
        keep=not options.quick,
    )


if __name__ == "__main__":
    main()
