"""Fraud, driven as a person would: the line dragged, clicked and moved by keys, a payment explained, one's own file."""

import json
import re
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from demos._ui.nets import Net
from demos.fraud.nets import NETS, WHITENED, judge
from signals.payments import FEATURES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DESK = ".wl-fraud-desk"
READY = "[data-ready]"
CLOSE = 1e-4
"""Of torch's scores, by which the page's own may differ."""


def at_work(page: Page) -> None:
    """The tab with its net fetched and a payment explained."""
    page.wait_for_selector(READY, state="attached")
    expect(page.locator(".wl-fraud-features tbody tr")).to_have_count(8)


def figures(page: Page) -> list[str]:
    return page.locator(".wl-fraud-readouts b").all_inner_texts()


def test_the_line_is_dragged_clicked_and_moved_by_keys_and_the_server_hears_nothing(
    page: Page, server: str, requests: list[str]
) -> None:
    page.goto(f"{server}?tab=fraud")
    at_work(page)
    page.wait_for_timeout(1500)  # whatever the page asks when it opens
    requests.clear()
    box = page.locator(f"{DESK} canvas").bounding_box()
    assert box
    across = box["x"] + box["width"] / 2
    before = figures(page)
    page.mouse.move(across, box["y"] + 150)
    page.mouse.down()
    seen = set()
    for y in range(150, 320, 10):
        page.mouse.move(across, box["y"] + y)
        seen.add(tuple(figures(page)))
    page.mouse.up()
    assert len(seen) > 5, "the figures follow while the line is dragged"
    low = figures(page)
    assert int(low[0]) > int(before[0]) and int(low[1]) < int(before[1])
    page.mouse.click(across, box["y"] + 14)
    expect(page.locator(".wl-fraud-readouts b").first).not_to_have_text(low[0])
    slider = page.get_by_label("Threshold: payments above it raise an alarm")
    slider.focus()
    high = figures(page)
    for _ in range(60):
        page.keyboard.press("ArrowLeft")
    assert int(figures(page)[0]) > int(high[0]), "down by keys: more frauds are caught"
    expect(slider).to_have_attribute("aria-valuetext", re.compile("frauds caught"))
    assert not [url for url in requests if not url.startswith(("data:", "blob:"))], requests


def test_peeking_and_the_rate_of_frauds(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=fraud")
    at_work(page)
    roc, precision = (page.locator(".wl-fraud-curves figcaption").nth(i) for i in (1, 0))
    held, rare = roc.inner_text(), precision.inner_text()
    page.locator(".wl-fraud-rate").fill("100")
    expect(page.locator(".wl-fraud-rate-said")).to_have_text("5.60 %")
    expect(precision).not_to_have_text(rare)
    assert roc.inner_text() == held, "the ROC stands still"
    page.locator(".wl-fraud-rate").fill("0")
    expect(precision).to_have_text(rare)
    honest = figures(page)
    page.get_by_role("button", name="Cheapest here (peeking)").click()
    expect(page.locator(".wl-fraud-said")).to_contain_text("€ a day more than the honest one")
    assert figures(page) != honest
    page.get_by_role("button", name="Threshold from validation").click()
    assert figures(page) == honest
    page.get_by_label("A look at an alarm costs").fill("50")
    expect(page.locator(".wl-fraud-readouts b").nth(3)).not_to_have_text(honest[3])


def test_the_page_s_scores_are_torch_s(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=fraud")
    at_work(page)
    judged = judge(Net.pretrained(NETS["Denoising"]), WHITENED)
    root = Path(__file__).parents[2] / "demos"
    scripts = "\n".join((root / name).read_text() for name in ("_ui/forward.js", "fraud/payment.js"))
    net = page.evaluate(
        "() => performance.getEntriesByType('resource').map((e) => e.name).find((n) => n.endsWith('net.bin'))"
    )
    chosen = torch.linspace(0, len(judged.score_B) - 1, 50).long()
    given = {
        "url": net,
        "rows": judged.z_BD[chosen].tolist(),
        "mean": judged.residual_mean_D.tolist(),
        "precision": judged.precision_DD.flatten().tolist(),
    }
    found = page.evaluate(
        f"async (given) => {{ {scripts}\n const layers = await fetch_net(given.url);"
        "return given.rows.map((z) => score_of({layers, mean: given.mean, precision: given.precision}, z).score); }",
        given,
    )
    expected = judged.score_B[chosen].tolist()
    assert found == pytest.approx(expected, rel=CLOSE, abs=CLOSE), json.dumps(found)


def test_a_payment_is_explained_by_a_click_and_from_the_galleries(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=fraud")
    at_work(page)
    told = page.locator(".wl-fraud-payment .wl-verdict b")
    expect(told).to_contain_text("a fraud, an alarm")
    expect(page.locator(".wl-fraud-payment")).to_contain_text("The smallest change that was found to look normal")
    page.locator("[data-payment]").first.click()
    expect(told).to_contain_text("a fraud, no alarm")
    page.locator("[data-payment]").nth(6).focus()
    page.keyboard.press("Enter")
    expect(told).to_contain_text("a normal payment, an alarm")
    expect(page.locator("[data-payment][aria-pressed=true]")).to_have_count(1)


def test_nets_lessons_and_ones_own_file(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=fraud")
    at_work(page)
    before = figures(page)
    page.get_by_label("Plain", exact=True).check()
    expect(page.locator(".wl-fraud-readouts b").first).not_to_have_text(before[0])
    page.get_by_label("Plain squared error").check()
    at_work(page)
    expect(page.get_by_text("0 % frauds among the training payments")).to_be_visible()
    page.get_by_role("slider", name=re.compile("Frauds among the training")).fill("5")
    expect(page.get_by_text("5 % frauds among the training payments").last).to_be_visible()
    page.get_by_role("button", name="Split by time, or at random").click()
    expect(page.get_by_text("split at random")).to_be_visible()
    page.get_by_role("button", name="Score the 1,500 payments").click()
    expect(page.get_by_text("raise an alarm")).to_be_visible()
    (tmp_path / "mine.csv").write_text("\n".join([",".join(FEATURES[1:]), "1,2"]))
    page.locator("input[type=file]").first.set_input_files(tmp_path / "mine.csv")
    expect(page.get_by_text("This table lacks the columns V1.")).to_be_visible()


def test_a_visitor_s_own_net_judges_the_payments(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=fraud")
    at_work(page)
    page.get_by_role("button", name="Start training").click()
    expect(page.locator(".wl-chart polyline").first).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Use this model here").click()
    expect(page.get_by_text("by your model")).to_be_visible()


def test_on_a_phone_the_line_stands_in_the_first_screen(chromium: Browser, server: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(f"{server}?tab=fraud")
    at_work(page)
    box = page.locator(f"{DESK} canvas").bounding_box()
    assert box and box["y"] + box["height"] < 844
    caught = figures(page)[0]
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 6)
    expect(page.locator(".wl-fraud-readouts b").first).not_to_have_text(caught)
    page.close()
