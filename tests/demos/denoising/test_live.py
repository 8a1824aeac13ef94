"""Live listening without a browser: the stream equals the whole, visitors are kept apart, slowness is met politely."""

import base64
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from demos._ui.limits import LIVE_SECONDS
from demos.denoising import live, tab
from demos.denoising.live import Columns, Listening
from demos.denoising.nets import SHIPPED, YOURS
from models.denoiser import RecurrentDenoiser
from signals import audio, synthetic
from signals.audio import RATE_HZ

MICROPHONE_HZ = 48_000


def net(seed: int = 0) -> RecurrentDenoiser:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return RecurrentDenoiser(hidden=32, layers=1).eval()


def chunk(x_T: Tensor, **more: Any) -> dict[str, Any]:
    """What the page sends."""
    pcm = (x_T.clamp(-1, 1) * 32767).round().to(torch.int16).numpy().astype("<i2").tobytes()
    return {"n": 1, "rate": MICROPHONE_HZ, "pcm": base64.b64encode(pcm).decode(), **more}


def heard_in(x_T: Tensor, pieces: int, listening: Listening) -> Tensor:
    parts = x_T.tensor_split(pieces)
    return torch.cat([listening.hear(p, last=i == pieces - 1).y_T for i, p in enumerate(parts)])


@torch.no_grad()
def test_chunks_of_the_microphone_equal_the_whole() -> None:
    x_T, model = synthetic.pink(2 * MICROPHONE_HZ, seed=1), net()
    once, often = heard_in(x_T, 1, Listening(model, MICROPHONE_HZ)), heard_in(x_T, 7, Listening(model, MICROPHONE_HZ))
    assert once.shape == often.shape and abs(len(once) - 2 * RATE_HZ) <= 2
    assert 10 * math.log10((once - often).square().mean() / once.square().mean() + 1e-20) < -80, (
        "one stream, not chunks"
    )
    import soxr

    whole_T = torch.from_numpy(soxr.resample(x_T.numpy(), MICROPHONE_HZ, RATE_HZ, quality="HQ"))
    whole_T = model(whole_T[None])[0][: len(often)]
    assert 10 * math.log10((whole_T - often).square().mean() / whole_T.square().mean()) < -80, (
        "and as if it were a file"
    )


def test_two_visitors_at_once_hear_each_their_own() -> None:
    model, voices = net(), [synthetic.pink(MICROPHONE_HZ, seed=s) for s in (1, 2)]
    alone = [heard_in(x_T, 4, Listening(model, MICROPHONE_HZ)) for x_T in voices]
    visits = [Listening(model, MICROPHONE_HZ) for _ in voices]
    parts: list[list[Tensor]] = [[], []]
    for i in range(4):
        for who in (0, 1):
            parts[who].append(visits[who].hear(voices[who].tensor_split(4)[i], last=i == 3).y_T)
    for who in (0, 1):
        assert torch.equal(torch.cat(parts[who]), alone[who])


def test_a_slow_machine_lets_the_picture_rest_first_and_says_so() -> None:
    class Clock:
        now, step = 0.0, 0.05

        def __call__(self) -> float:
            self.now += self.step
            return self.now

    clock, x_T = Clock(), synthetic.white(MICROPHONE_HZ // 4)
    listening = Listening(net(), MICROPHONE_HZ, clock=clock)
    quick = listening.hear(x_T)
    assert quick.real_time_factor == pytest.approx(0.2) and quick.in_RN is not None and "Listening" in quick.words
    clock.step = 1.0
    slow = [listening.hear(x_T) for _ in range(8)][-1]
    assert slow.real_time_factor == pytest.approx(4.0) and "too slow" in slow.words
    assert slow.in_RN is None and slow.out_RN is None and len(slow.y_T) > 0, "the sound goes on"
    clock.step = 0.001
    quick = [listening.hear(x_T) for _ in range(8)][-1]
    assert quick.in_RN is not None and "Listening" in quick.words, "and the picture comes back"


def test_columns_come_as_the_samples_do() -> None:
    x_T = torch.sin(2 * math.pi * 2000 * torch.arange(RATE_HZ) / RATE_HZ)
    columns = Columns()
    found = np.concatenate([columns.push(part) for part in x_T.tensor_split(9)], axis=1)
    whole = Columns().push(x_T)
    assert found.shape == (live.ROWS, RATE_HZ // live.HOP) and (found == whole).all()
    assert abs(int(found[:, 20].argmax()) - live.ROWS // 4) <= 1, "2 kHz is a quarter of the way to 8"
    assert Columns().push(torch.zeros(10)).shape == (live.ROWS, 0)


def test_from_the_first_chunk_to_the_players(untrained: Path) -> None:
    x_T, listening, result = synthetic.pink(MICROPHONE_HZ), None, None
    for i, part in enumerate(x_T.tensor_split(3)):
        sent = chunk(part, first=i == 0, last=i == 2, hear=i == 1)
        listening, result, update = tab.listen(sent, listening, "Recurrent", SHIPPED, None)
        answer = update.constructor_args["heard"] if hasattr(update, "constructor_args") else update["heard"]
        assert answer["n"] == 1 and answer["factor"] > 0 and answer["latency"] == 0.032
        assert bool(answer["pcm"]) == (i == 1), "samples come back only to who listens"
        assert len(base64.b64decode(answer["in"])) % live.ROWS == 0
    assert listening is None and result is not None
    assert result.sound.wave.seconds == pytest.approx(1, abs=0.01)
    found = tab.show_live(result)
    assert set(found.players["files"]) == {"noisy", "denoised"} and found.sound is result.sound
    assert "Your microphone" in found.verdict
    with pytest.raises(ValueError, match="Nothing was heard"):
        tab.show_live(None)


@pytest.mark.parametrize(
    ("sent", "method", "words"),
    [
        (None, "Recurrent", "no sound from a microphone"),
        ({"rate": 48000}, "Recurrent", "no sound from a microphone"),
        ({"rate": 48000, "pcm": "not base64!"}, "Recurrent", "no sound from a microphone"),
        ({"rate": 48000, "pcm": "AAAA"}, "Recurrent", "broken"),
        (chunk(torch.zeros(600_000)), "Recurrent", "too long"),
        (chunk(torch.zeros(100)) | {"rate": 7}, "Recurrent", "claims 7"),
        (chunk(torch.zeros(100)) | {"rate": math.inf}, "Recurrent", "no sound from a microphone"),
        (chunk(torch.zeros(100)) | {"rate": math.nan}, "Recurrent", "no sound from a microphone"),
        (chunk(torch.zeros(100)) | {"rate": 10**400}, "Recurrent", "no sound from a microphone"),
        ([1, 2], "Recurrent", "no sound from a microphone"),
        (chunk(torch.zeros(4)) | {"rate": 1_000}, "Recurrent", "claims 1,000"),
        (chunk(torch.zeros(4800)), "noisereduce", "needs the whole recording"),
        (chunk(torch.zeros(4800)), "Convolutional", "training fit denoiser_cnn"),
    ],
)
def test_trouble_goes_back_to_the_desk_as_a_sentence(untrained: Path, sent: Any, method: str, words: str) -> None:
    listening, result, update = tab.listen(sent, None, method, SHIPPED, None)
    answer = update.constructor_args["heard"] if hasattr(update, "constructor_args") else update["heard"]
    assert listening is None and result is None and words in answer["error"]


def test_a_stream_keeps_to_its_rate_and_to_its_length(untrained: Path) -> None:
    """HOLD.md H: sixty seconds in one chunk, by a rate that the stream does not have; and 160 s where 120 are heard."""
    first = chunk(torch.zeros(4800), first=True)
    listening, _, _ = tab.listen(first, None, "Recurrent", SHIPPED, None)
    assert listening is not None
    longer = chunk(torch.zeros(60 * MICROPHONE_HZ)) | {"rate": 384_000}
    _, _, update = tab.listen(longer, listening, "Recurrent", SHIPPED, None)
    answer = update.constructor_args["heard"] if hasattr(update, "constructor_args") else update["heard"]
    assert "too long" in answer["error"]
    listening = Listening(net(), MICROPHONE_HZ)
    for _ in range(16):
        listening.hear(torch.zeros(10 * MICROPHONE_HZ))
    assert listening.seconds == LIVE_SECONDS and listening.done
    assert listening.finished("x", "Recurrent", SHIPPED).sound.wave.seconds <= LIVE_SECONDS


def test_it_ends_by_itself_and_says_when_nothing_was_heard() -> None:
    listening = Listening(net(), MICROPHONE_HZ)
    with pytest.raises(ValueError, match="Nothing was heard"):
        listening.finished("", "", "")
    listening.seconds = LIVE_SECONDS
    assert listening.done


def test_odd_microphones() -> None:
    for rate_hz in (8_000, 16_000, 44_100, 96_000):
        x_T = synthetic.white(rate_hz)
        x_T[5] = math.nan
        y_T = heard_in(x_T, 5, Listening(net(), rate_hz))
        assert abs(len(y_T) - RATE_HZ) <= 2 and y_T.isfinite().all()
    silence = heard_in(torch.zeros(MICROPHONE_HZ), 3, Listening(net(), MICROPHONE_HZ))
    assert silence.abs().max() == 0
    assert audio.RATE_HZ == RATE_HZ


def test_only_our_net_listens_with_weights_of_ones_own(untrained: Path) -> None:
    sent = chunk(synthetic.white(MICROPHONE_HZ), first=True, last=True)
    heard = tab.listen(sent, None, "Linear", YOURS, None)
    assert heard.result is not None and heard.result.method == "Linear" and heard.result.weights == SHIPPED
    alone = tab.listen(sent, None, "Recurrent", YOURS, None)
    assert "trained nothing yet" in alone.microphone.constructor_args["heard"]["error"]
