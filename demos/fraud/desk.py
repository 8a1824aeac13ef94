"""The desk in the page: payments as dots under a threshold, its costs, and whatever payment is clicked, explained there.

Everything on it is computed by `desk.js` and `payment.js` from what `as_value` hands over once: the server hears nothing
while the threshold is dragged. Its value is None, or what `as_value` gives.
"""

from pathlib import Path
from typing import Any

import gradio as gr

from demos._ui import forward
from demos._ui.sound import served
from demos.fraud.nets import Judged, as_bytes
from signals.payments import FEATURES

HERE = Path(__file__).parent
SCRIPT = "\n".join(
    [forward.SCRIPT, *((HERE / name).read_text(encoding="utf-8") for name in ("payment.js", "costs.js", "desk.js"))]
)
TEMPLATE = """
<div class="wl-fraud-desk">
  <div class="wl-fraud-dots">
    <canvas role="img" aria-label="Payments over time by how odd they are, with the threshold across"></canvas>
    <input type="range" min="0" max="1000" step="1" value="500" aria-label="Threshold: payments above it raise an alarm">
    <span class="wl-fraud-axis wl-fraud-odd" aria-hidden="true">odder ↑</span>
    <span class="wl-fraud-axis wl-fraud-hours" aria-hidden="true"></span>
    <span class="wl-fraud-tag" aria-hidden="true"></span>
  </div>
  <div class="wl-fraud-side">
    <div class="wl-readouts wl-fraud-readouts"></div>
    <p class="wl-fraud-said" role="status"></p>
    <div class="wl-fraud-buttons">
      <button type="button" data-threshold="valid">Threshold from validation</button>
      <button type="button" data-threshold="test">Threshold from test (peeking)</button>
      <button type="button" data-threshold="cheapest">Cheapest here (peeking)</button>
      <button type="button" data-again>Let them fall again</button>
    </div>
    <label>A look at an alarm costs, € <input type="number" class="wl-fraud-cost" min="0" max="1000" step="1" value="5"></label>
    <label>Frauds among all payments <output class="wl-fraud-rate-said"></output>
      <input type="range" class="wl-fraud-rate" min="0" max="100" step="1" value="0"></label>
  </div>
  <div class="wl-fraud-curves">
    <figure><b>Precision by recall</b><div class="wl-fraud-plot" data-x="recall 0 to 1 →"><svg data-curve="precision" viewBox="0 0 300 150" preserveAspectRatio="none" role="img" aria-label="Precision by recall"></svg></div><figcaption></figcaption></figure>
    <figure><b>Recall by false alarms (ROC)</b><div class="wl-fraud-plot" data-x="normal payments that alarm, 0 to 1 →"><svg data-curve="roc" viewBox="0 0 300 150" preserveAspectRatio="none" role="img" aria-label="Share of frauds caught by share of normal payments that alarm"></svg></div><figcaption></figcaption></figure>
    <figure><b>Euros a day by threshold</b><div class="wl-fraud-plot" data-x="threshold →"><svg data-curve="euros" viewBox="0 0 300 150" preserveAspectRatio="none" role="img" aria-label="Euros a day by threshold"></svg></div><figcaption></figcaption></figure>
  </div>
  <p class="wl-note">Computed on your device: ${value ? value.counts : ''}</p>
  <div class="wl-section"><h2>One payment, explained</h2><p>Click a dot, or choose one here. The net gives a payment back as it would look if it were normal: what it cannot give back is odd.</p></div>
  <div class="wl-fraud-galleries"></div>
  <div class="wl-fraud-payment" aria-live="polite"></div>
</div>
"""


def desk(*, label: str, **options: Any) -> gr.HTML:
    """The desk as a component."""
    return gr.HTML(
        value=None, label=label, html_template=TEMPLATE, js_on_load=SCRIPT, apply_default_css=False, **options
    )


def as_value(judged: Judged, whose: str) -> dict[str, Any]:
    """What the page needs: scores and facts as numbers, the payments and the net as files, fetched once."""
    n, frauds = len(judged.score_B), int(judged.fraud_B.sum())
    net = forward.packed(forward.dense_layers(judged.model.layers))
    rows = as_bytes(judged.z_BD, judged.normal_KD, judged.residual_mean_D, judged.precision_DD)
    return {
        "net": served(net, "net.bin"),
        "rows": served(rows, "rows.bin"),
        "n": n,
        "normal": len(judged.normal_KD),
        "features": list(FEATURES),
        "score": _numbers(judged.score_B, 5),
        "fraud": judged.fraud_B.int().tolist(),
        "hour": _numbers(judged.hour_B, 6),
        "euro": _numbers(judged.euro_B, 7),
        "thresholds": {"valid": judged.valid_threshold, "test": judged.test_threshold},
        "weights": [judged.normal_weight, judged.fraud_weight],
        "days": judged.days,
        "counts": f"{n:,} test payments of the last {24 * judged.days:.1f} hours, {frauds} of them frauds, by {whose}.",
    }


def _numbers(value_B: Any, digits: int) -> list[float]:
    return [float(f"{value:.{digits}g}") for value in value_B.tolist()]
