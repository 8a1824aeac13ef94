"""Pictures and files of sound: what is drawn where, in which colour, with which axes, and that nothing is rescaled."""

import base64
import io
import math

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from demos._ui import sound
from demos._ui.pictures import CIVIDIS, VIRIDIS
from signals import synthetic
from signals.audio import RATE_HZ


def opened(src: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(src.split(",")[1])))


def tone(hz: float, seconds: float = 2.0, loud: float = 1.0) -> torch.Tensor:
    return loud * torch.sin(2 * math.pi * hz * torch.arange(int(seconds * RATE_HZ)) / RATE_HZ)


def test_the_tables_are_what_they_are_called() -> None:
    assert len(VIRIDIS) == len(CIVIDIS) == 3 * 256
    for table in (VIRIDIS, CIVIDIS):
        rgb = np.frombuffer(table, np.uint8).reshape(256, 3).astype(float)
        grey = rgb @ [0.299, 0.587, 0.114]
        assert (np.diff(grey) > -1.01).all() and grey[-1] - grey[0] > 150, "it brightens all the way"


def test_a_tone_is_a_line_at_its_height() -> None:
    picture = sound.spectrogram(tone(2000), RATE_HZ)
    index_FN = np.asarray(opened(picture.src))
    rows, columns = index_FN.shape
    assert rows == 257 and 400 <= columns <= 1200
    middle_F = index_FN[:, columns // 2]
    assert (rows - 1 - middle_F.argmax()) / (rows - 1) * picture.top_khz == pytest.approx(2.0, abs=0.05)
    assert picture.high == pytest.approx(0, abs=0.2), "a sine of full scale is 0 dB"
    assert picture.high - picture.low == sound.RANGE_DB
    assert middle_F[0] == 0, "and nothing where there is nothing"


def test_one_scale_for_several() -> None:
    loud = sound.spectrogram(tone(1000), RATE_HZ)
    quiet = sound.spectrogram(tone(1000, loud=0.1), RATE_HZ, loudest_db=loud.high)
    step = 255 / sound.RANGE_DB
    brightest = [int(np.asarray(opened(p.src)).max()) for p in (loud, quiet)]
    assert brightest[0] - brightest[1] == pytest.approx(20 * step, abs=5)


def test_axes_and_words() -> None:
    picture = sound.spectrogram(tone(1500, 4.2), RATE_HZ, name="Noisy")
    facts = picture.axes()
    assert [text for _, text in facts["x"]] == ["0", "1", "2", "3", "4"]
    assert [text for _, text in facts["y"]] == ["0", "2", "4", "6", "8"] and facts["y"][-1][0] == 1
    assert "Noisy: −3.0 dB of full scale" in facts["words"] and "below 1.5 kHz" in facts["words"]
    assert "silence" in sound.spectrogram(torch.zeros(8000), RATE_HZ, name="It").words
    shown = sound.spectrogram_figure(picture, title="Noisy & more")
    assert "Noisy &amp; more" in shown and shown.count("<span") == len(facts["x"]) + len(facts["y"])


@pytest.mark.parametrize("samples", [1, 300, 40_000, 70 * RATE_HZ])
@pytest.mark.parametrize("rate_hz", [8_000, RATE_HZ, 44_100])
def test_any_length_and_rate_is_drawn(samples: int, rate_hz: int) -> None:
    picture = sound.spectrogram(synthetic.white(samples), rate_hz)
    width, height = opened(picture.src).size
    assert 1 <= width <= 2 * sound.COLUMNS and 128 <= height <= 1025
    assert picture.top_khz == rate_hz / 2000 and len(picture.axes()["x"]) <= 9


def test_a_wav_holds_the_samples_as_they_are() -> None:
    x_T = torch.tensor([0.0, 0.1, -0.1, 1.0, -1.0, 1.7])
    samples, rate_hz = soundfile.read(io.BytesIO(sound.wav(x_T, 44_100)), dtype="int16")
    assert rate_hz == 44_100 and samples.tolist() == [0, 3277, -3277, 32767, -32767, 32767]
    assert soundfile.info(io.BytesIO(sound.wav(x_T, 8_000))).subtype == "PCM_16"
    assert "data:audio/wav;base64," in sound.player(x_T, 8_000, label="A voice") and "A voice" in sound.player(
        x_T, 8_000, label="A voice"
    )
