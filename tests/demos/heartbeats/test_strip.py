"""ECG paper: to scale, every beat with its letters, nothing where there is no beat."""

import numpy as np
import pytest

from demos.heartbeats.strip import TRUTH, Beat, Row, heat_beat, strip
from signals.ecg import RATE_HZ


def test_the_strip_is_to_scale() -> None:
    x_T = np.zeros(4 * RATE_HZ, np.float32)
    x_T[RATE_HZ] = 1
    text = strip(x_T, np.array([RATE_HZ, 2 * RATE_HZ]), [Row(TRUTH, [0, 2]), Row("net", [1, -1])], start=0, seconds=4)
    assert 'width="400"' in text  # 25 mm/s at 4 px/mm
    assert 'aria-label="Beat 1: truth N, net S"' in text and "wl-heartbeats-isS" in text
    ys = [float(p.split(",")[1]) for p in text.split('points="')[1].split('"')[0].split()]
    assert max(ys) - min(ys) == pytest.approx(40, abs=0.2)  # 10 mm/mV
    assert ">1000</text>" in text and "60 beats per minute" in text
    assert strip(x_T, np.array([RATE_HZ]), [Row("net", [0])], start=2, seconds=2).count("data-beat") == 0


def test_a_beat_under_its_heat() -> None:
    t = np.linspace(-0.7, 0.7, 64)
    heats = [("head 1", np.eye(64)[32]), ("<b>", np.zeros(64))]
    text = heat_beat(Beat(np.sin(np.linspace(-1, 1, 360)), t, (-0.3, 0.3)), heats, title="a & b")
    assert "Bars from the top: head 1, &lt;b&gt;" in text and 'aria-label="a &amp; b"' in text
    assert text.count("<rect") == 2  # the one hot place, in the shade and in its bar
    faint, seen = ([float(p.split(",")[0]) for p in part.split('"')[0].split()] for part in text.split('points="')[1:3])
    assert min(faint) == 0 and max(faint) <= 480 and min(seen) >= 96 and max(seen) <= 384, "black is what it sees"


def test_an_error_is_ringed_and_a_gap_hatched() -> None:
    x_T, r_B = np.zeros(4 * RATE_HZ, np.float32), np.array([400, 800, 1200])
    rows = [Row(TRUTH, [0, 2, -1]), Row("net", [0, 1, 2])]
    text = strip(x_T, r_B, rows, start=0, seconds=4, gaps=[(500, 600)])
    assert text.count("wl-heartbeats-wrong") == 1 and text.count("nothing recorded") == 1
    later = strip(np.zeros(12 * RATE_HZ, np.float32), r_B, rows, start=8, seconds=4, gaps=[(500, 600)])
    assert "nothing recorded" not in later
    assert ">54 a minute<" in text and ">64 a minute<" in text, "the axis of the heart rate, ten wide at the least"
