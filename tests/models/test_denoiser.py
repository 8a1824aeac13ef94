"""The denoisers keep length, level and time's arrow, and a stream gives what the whole gives."""

import math
import random

import pytest
import torch
from torch import Tensor

from metrics.sound import snr_db
from models import _streaming
from models._checkpoint import config
from models._streaming import running_level
from models.denoiser import ConvDenoiser, LinearDenoiser, RecurrentDenoiser, bounded, enhance, interleaved
from signals.audio import COURSE, SPEECH, istft, resample

Denoiser = LinearDenoiser | ConvDenoiser | RecurrentDenoiser
NETS = pytest.mark.parametrize("kind", [LinearDenoiser, ConvDenoiser, RecurrentDenoiser])


def trained(kind: type[Denoiser]) -> Denoiser:
    """A net in evaluation mode whose batch norms have seen something and whose gains are not all alike."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = kind()
        for parameter in net.parameters():
            if parameter.dim() > 1:
                torch.nn.init.normal_(parameter, std=1.5 / math.sqrt(parameter[0].numel()))
    net.train()
    with torch.no_grad():
        net(noise(2, 8000))
    return net.eval()


def noise(rows: int, length: int, seed: int = 0) -> Tensor:
    return 0.1 * torch.randn(rows, length, generator=torch.Generator().manual_seed(seed))


@NETS
@pytest.mark.parametrize("length", [0, 1, 256, 511, 5000])
@torch.no_grad()
def test_as_many_samples_come_out_as_went_in(kind: type[Denoiser], length: int) -> None:
    net, x_BT = trained(kind), noise(2, length)
    y_BT = net(x_BT)
    assert y_BT.shape == x_BT.shape and y_BT.isfinite().all()
    X_BFN, Y_BFN = _streaming.spectra(net, x_BT)
    frames = max(1, -(-length // net.frames.hop)) + 1
    assert X_BFN.shape == Y_BFN.shape == (2, net.frames.bins, frames)
    if length:
        again_BT = istft(Y_BFN, net.frames, length=(frames - 1) * net.frames.hop)[:, :length]
        assert snr_db(y_BT, again_BT).min() > 110


@NETS
@torch.no_grad()
def test_twice_as_loud_in_is_twice_as_loud_out(kind: type[Denoiser]) -> None:
    net, x_BT = trained(kind), noise(1, 5000)
    for factor in (0.01, 2.0, 50.0):
        assert snr_db(net(x_BT), net(factor * x_BT) / factor).item() > 80


def test_the_level_is_a_mean_that_fades() -> None:
    """√(Σ f^(n−k) p_k / Σ f^(n−k)) with f = e^(−hop / 2 s): after two seconds a frame counts for 1 / e."""
    power_N = torch.tensor([4.0, 0.0, 1.0, 9.0])
    X_BFN = power_N.sqrt().expand(1, 5, 4).to(torch.complex64)
    level_B1N, state = running_level(X_BFN, 0.5, None)
    f = math.exp(-0.25)
    weights = [[f ** (n - k) if k <= n else 0.0 for k in range(4)] for n in range(4)]
    expected = [sum(w * p for w, p in zip(row, power_N.tolist(), strict=True)) / sum(row) for row in weights]
    assert level_B1N.flatten().tolist() == pytest.approx([math.sqrt(e) for e in expected], rel=1e-5)
    first, carried = running_level(X_BFN[..., :2], 0.5, None)
    second, _ = running_level(X_BFN[..., 2:], 0.5, carried)
    assert torch.allclose(torch.cat([first, second], -1), level_B1N)
    assert len(state) == 2


@NETS
@torch.no_grad()
def test_silence_stays_silent_and_an_offset_does_no_harm(kind: type[Denoiser]) -> None:
    net = trained(kind)
    assert not net(torch.zeros(1, 3000)).any()
    assert net(torch.full((1, 3000), 0.5)).isfinite().all()
    clipped = noise(1, 3000).sign()
    assert net(clipped).isfinite().all()


@NETS
@torch.no_grad()
def test_nothing_is_known_of_what_comes_later(kind: type[Denoiser]) -> None:
    net, x_BT = trained(kind), noise(1, 6000)
    other_BT = torch.cat([x_BT[:, :4000], 3 * noise(1, 2000, seed=1)], 1)
    until = 4000 - net.frames.size
    assert torch.allclose(net(x_BT)[:, :until], net(other_BT)[:, :until], atol=1e-6)
    assert not torch.allclose(net(x_BT)[:, 4000:], net(other_BT)[:, 4000:], atol=1e-3)


@NETS
@pytest.mark.parametrize("length", [1, 300, 7001])
def test_a_stream_gives_what_the_whole_gives(kind: type[Denoiser], length: int) -> None:
    net, x_T, draw = trained(kind), noise(1, length)[0], random.Random(length)
    stream, parts, position = net.stream(), [], 0
    for _ in range(2):  # after a flush the same stream takes another recording
        parts, position = [], 0
        while position < length:
            size = draw.choice([1, 100, 256, 1000])
            parts.append(stream.push(x_T[position : position + size]))
            position += size
            ready = sum(map(len, parts))
            assert ready >= min(position, length) - stream.latency
        parts.append(stream.flush())
    with torch.no_grad():
        whole_T = net(x_T.unsqueeze(0))[0]
    assert torch.cat(parts).shape == whole_T.shape
    assert snr_db(whole_T, torch.cat(parts)).item() > 80


@NETS
@torch.no_grad()
def test_a_long_recording_goes_through_in_portions(kind: type[Denoiser], monkeypatch: pytest.MonkeyPatch) -> None:
    net, x_BT = trained(kind), noise(2, 9000)
    whole_BT = net(x_BT)
    monkeypatch.setattr(_streaming, "PORTION", 3)
    assert snr_db(whole_BT, net(x_BT)).min() > 80


def test_two_listeners_do_not_hear_each_other() -> None:
    net = trained(RecurrentDenoiser)
    one, two = net.stream(), net.stream()
    first_T, second_T = noise(1, 4000)[0], noise(1, 4000, seed=1)[0]
    alone = net.stream()
    expected = torch.cat([alone.push(first_T[:2000]), alone.push(first_T[2000:]), alone.flush()])
    heard = [one.push(first_T[:2000])]
    two.push(second_T)
    heard += [one.push(first_T[2000:]), one.flush()]
    assert torch.equal(torch.cat(heard), expected)


def test_latency_is_one_frame() -> None:
    assert RecurrentDenoiser().stream().latency == 512
    assert LinearDenoiser().stream().latency == 1024
    assert (LinearDenoiser().frames, ConvDenoiser().frames, RecurrentDenoiser().frames) == (COURSE, COURSE, SPEECH)


@NETS
def test_the_constructor_is_remembered(kind: type[Denoiser]) -> None:
    net = kind()
    assert net.sample_rate == 16_000
    again = kind(**config(net))
    assert {n: p.shape for n, p in again.named_parameters()} == {n: p.shape for n, p in net.named_parameters()}


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_any_rate_comes_out_as_it_went_in(rate_hz: int) -> None:
    net = trained(RecurrentDenoiser)
    for length in (1, 100, rate_hz // 2 + 1):
        y_T = enhance(net, noise(1, length)[0], rate_hz)
        assert y_T.shape == (length,) and y_T.isfinite().all()


class Halving(_streaming.FrameNet):
    """Half of everything."""

    frames = SPEECH

    def denoised(self, X_BFN: Tensor, state: tuple[Tensor, ...] | None = None) -> tuple[Tensor, tuple[Tensor, ...]]:
        return 0.5 * X_BFN, ()


def test_what_lies_above_the_net_follows_its_top_band() -> None:
    x_T = noise(1, 48_000)[0]
    assert snr_db(0.5 * x_T[2000:-2000], enhance(Halving(), x_T, 48_000)[2000:-2000]).item() > 40
    hiss_T = x_T - resample(resample(x_T, 48_000, 16_000), 16_000, 48_000)  # nothing below 8 kHz
    assert enhance(Halving(), hiss_T, 48_000).square().mean() > 0.1 * hiss_T.square().mean()


def test_a_mask_never_makes_louder() -> None:
    m = torch.randn(1000, dtype=torch.complex64, generator=torch.Generator().manual_seed(0)) * 5
    assert bounded(m).abs().max() <= 1 + 1e-6
    assert torch.allclose(bounded(m).angle(), m.angle(), atol=1e-4)
    assert bounded(torch.zeros(3, dtype=torch.complex64)).abs().max() == 0
    net, x_BT = trained(RecurrentDenoiser), noise(1, 5000)
    with torch.no_grad():
        X_BFN, Y_BFN = _streaming.spectra(net, x_BT)
    assert (Y_BFN.abs() <= X_BFN.abs() + 1e-6).all()


def test_interleaving_puts_neighbours_side_by_side() -> None:
    x_BCFN = torch.tensor([[0, 2], [1, 3], [10, 12], [11, 13]]).view(1, 4, 2, 1)
    assert interleaved(x_BCFN, 2).flatten(2).tolist() == [[[0, 1, 2, 3], [10, 11, 12, 13]]]
