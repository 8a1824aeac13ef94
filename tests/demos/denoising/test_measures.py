"""Figures on closed forms, the comparison of all methods, and the evidence of the shipped net in tables."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from torch import Tensor

from demos._ui.nets import Net
from demos.denoising import measures, nets, tab
from demos.denoising.measures import Row
from demos.denoising.nets import OURS, SHIPPED, Denoised, Sound
from signals import audio, synthetic
from signals.audio import RATE_HZ, Wave


def test_the_comparison_grows_by_a_row_and_marks_the_best(untrained: Path, voice: Tensor) -> None:
    sound = Sound(Wave(audio.mix(voice, synthetic.white(len(voice)), 0)[0], RATE_HZ), "A voice", voice)
    tables = list(tab.compare(sound))[1:]
    assert [t.count("<tr>") for t in tables] == [3 + i for i in range(len(nets.available()))]
    assert all(title in tables[-1] for title in ("Noisy", *nets.available()))
    assert tables[-1].count("<b>") >= 4 and "averages over a test set" in tables[-1]
    unknown = list(tab.compare(Sound(sound.wave, "A voice")))[-1]
    assert "not known" in unknown and "PESQ" not in unknown
    with pytest.raises(ValueError, match="choose an example first"):
        list(tab.compare(None))


def test_the_best_of_a_column_is_the_highest_value(voice: Tensor) -> None:
    sound = Sound(Wave(voice, RATE_HZ), "A voice", voice)
    rows = [Row("one", [1.0, 2.0, None, 0.5], 0.1), Row("two", [3.0, -2.0, None, 0.25], 0.1, 7)]
    shown = measures.comparison(rows, sound, left=0)
    assert re.findall(r"<b>([^<]+)</b>", shown) == ["2.0", "0.500", "3.0"] and "−2.0" in shown and "–" in shown


def test_estimates_and_floors_on_closed_forms() -> None:
    x_T = synthetic.white(RATE_HZ)
    result = Denoised(Sound(Wave(x_T, RATE_HZ), ""), OURS, SHIPPED, 0.5 * x_T, 1.0)
    readings = measures.read(result)
    assert readings.estimated_snr_db == pytest.approx(0, abs=1e-3), "half kept, half removed"
    assert readings.floor_db is not None
    assert readings.floor_db[1] - readings.floor_db[0] == pytest.approx(-6.02, abs=0.01)
    exact = measures.read(replace(result, sound=Sound(Wave(x_T, RATE_HZ), "", 0.5 * x_T)))
    assert exact.snr_db is not None and exact.snr_db[0] == pytest.approx(0, abs=1e-3) and exact.snr_db[1] > 100
    assert result.real_time_factor == pytest.approx(1.0)


def test_the_shipped_evidence_is_told_by_ratio_and_by_noise() -> None:
    evidence = Net.pretrained(nets.RECIPES[OURS]).evidence
    tables = measures.means_tables(evidence)
    assert tab.test_set() == tables
    for words in ("−5 dB", "10 dB", "helicopter", "SI-SDR, dB", "<td>30</td>"):
        assert words in tables
