"""Sound is read whatever it comes as, or refused in a sentence; transforms give back what went in."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import torchaudio.functional
from torch import Tensor

from metrics.sound import snr_db
from signals import audio
from signals.audio import COURSE, RATE_HZ, SPEECH, Frames

ROOT = Path(audio.__file__).resolve().parents[1]


def tone(seconds: float = 0.5, rate_hz: int = RATE_HZ, pitch_hz: float = 440.0) -> Tensor:
    t = torch.arange(round(seconds * rate_hz), dtype=torch.float64) / rate_hz
    return (0.5 * torch.sin(2 * math.pi * pitch_hz * t)).float()


def written(path: Path, x_T: Tensor, rate_hz: int = RATE_HZ, subtype: str | None = None) -> Path:
    soundfile.write(path, x_T.double().numpy().T, rate_hz, subtype)
    return path


@pytest.mark.parametrize(
    ("name", "subtype", "rate_hz", "least_db"),
    [
        ("a.wav", "PCM_U8", 8_000, 35), ("a.wav", "PCM_16", 44_100, 85), ("a.wav", "PCM_24", 48_000, 110),
        ("a.wav", "PCM_32", 96_000, 110), ("a.wav", "FLOAT", 16_000, 119), ("a.wav", "ULAW", 8_000, 30),
        ("a.flac", "PCM_16", 44_100, 85), ("a.ogg", "VORBIS", 44_100, 20), ("a.mp3", "MPEG_LAYER_III", 44_100, 20),
        ("a.aiff", "PCM_24", 22_050, 110),
    ],
)  # fmt: skip
def test_every_format_depth_and_rate(tmp_path: Path, name: str, subtype: str, rate_hz: int, least_db: float) -> None:
    x_T = tone(1.0, rate_hz)
    wave = audio.read(written(tmp_path / name, x_T, rate_hz, subtype=subtype))
    assert wave.rate_hz == rate_hz and wave.x_T.dtype == torch.float32 and not wave.notes
    assert wave.seconds == pytest.approx(1.0, abs=0.06)  # an MP3 brings its own silence
    if least_db > 20:
        assert snr_db(x_T, wave.x_T).item() > least_db
    else:  # these codecs keep the sound and not the samples
        loudest = torch.fft.rfft(wave.x_T[: rate_hz // 2]).abs().argmax().item() * 2
        assert loudest == pytest.approx(440, abs=3)


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_are_averaged_and_that_is_said(tmp_path: Path, channels: int) -> None:
    x_CT = torch.stack([tone() * i / channels for i in range(channels)])
    wave = audio.read(written(tmp_path / "a.wav", x_CT, subtype="FLOAT"))
    assert torch.allclose(wave.x_T, x_CT.mean(0), atol=1e-6)
    assert wave.notes == (f"{channels} channels averaged to one",)


def test_a_single_sample_silence_and_an_offset_are_sounds(tmp_path: Path) -> None:
    for x_T in (torch.tensor([0.5]), torch.zeros(1600), torch.full((1600,), 0.25)):
        wave = audio.read(written(tmp_path / "a.wav", x_T))
        assert torch.allclose(wave.x_T, x_T, atol=1e-4) and not wave.notes


def test_no_samples_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="empty: it holds no samples"):
        audio.read(written(tmp_path / "a.wav", torch.zeros(0)))
    with pytest.raises(ValueError, match="empty"):
        audio.from_samples(torch.zeros(0, 5), RATE_HZ)


def test_what_is_no_number_becomes_silence(tmp_path: Path) -> None:
    x_T = tone()
    x_T[10], x_T[20], x_T[30] = math.nan, math.inf, -math.inf
    wave = audio.read(written(tmp_path / "a.wav", x_T, subtype="FLOAT"))
    assert wave.x_T.isfinite().all() and wave.x_T[[10, 20, 30]].tolist() == [0, 0, 0]
    assert wave.notes == ("3 samples were no number and became silence",)


def test_clipping_is_noticed(tmp_path: Path) -> None:
    wave = audio.read(written(tmp_path / "a.wav", (4 * tone()).clamp(-1, 1)))
    assert len(wave.notes) == 1 and "the recording is clipped" in wave.notes[0]
    assert not audio.read(written(tmp_path / "a.wav", tone())).notes


def test_clipping_in_one_channel_is_noticed(tmp_path: Path) -> None:
    x_CT = torch.stack([(4 * tone()).clamp(-1, 1), torch.zeros(8000)])
    assert any("clipped" in note for note in audio.from_samples(x_CT, RATE_HZ).notes)


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "a.wav"
    text.write_text("Dear diary, today I was called a wave file.")
    with pytest.raises(ValueError, match="not a sound that can be read"):
        audio.read(text)
    with pytest.raises(ValueError, match=r"not a sound that can be read|cannot be opened"):
        audio.read(tmp_path / "nothing.wav")
    empty = tmp_path / "empty.wav"
    empty.touch()
    with pytest.raises(ValueError, match="not a sound that can be read"):
        audio.read(empty)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3"])
@pytest.mark.parametrize("share", [0.01, 0.5])
def test_a_truncated_file_is_refused_or_read_as_far_as_it_goes(tmp_path: Path, name: str, share: float) -> None:
    noise_T = 0.1 * torch.randn(RATE_HZ, generator=torch.Generator().manual_seed(0))
    path = written(tmp_path / name, noise_T)
    whole = path.read_bytes()
    path.write_bytes(whole[: max(12, int(share * len(whole)))])
    try:
        wave = audio.read(path)
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert 0 < len(wave.x_T) <= 1.1 * RATE_HZ and wave.x_T.isfinite().all()


def test_a_recording_that_is_too_long_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(3.0))
    with pytest.raises(ValueError, match="lasts 3 s; at most 2 s can be read"):
        audio.read(path, max_seconds=2)
    assert audio.read(path, max_seconds=3).seconds == 3
    with pytest.raises(ValueError, match="lasts 11 minutes; at most 10 minutes"):
        audio.read(written(tmp_path / "b.flac", torch.zeros(660 * 4_000), 4_000))


@pytest.mark.parametrize(
    ("rate_hz", "channels", "seconds", "said"),
    [
        (192_000, 1, 76, r"lasts 76 s; at 192 kHz at most 75 s can be read"),
        (96_000, 8, 38, r"lasts 38 s; with 8 channels at 96 kHz at most 38 s can be read"),
        (48_000, 1, 301, r"lasts 301 s; at most 5 minutes can be read"),
    ],
)
def test_many_samples_are_refused_before_one_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate_hz: int, channels: int, seconds: int, said: str
) -> None:
    path = tmp_path / "a.flac"
    with soundfile.SoundFile(path, "w", rate_hz, channels, "PCM_16") as file:
        for _ in range(seconds):
            file.write(np.zeros((rate_hz, channels), np.int16))
    monkeypatch.setattr(audio, "_blocks", lambda *_: pytest.fail("decoded"))
    with pytest.raises(ValueError, match=said):
        audio.read(path, max_seconds=300)


@pytest.mark.parametrize(
    ("name", "subtype"), [("a.wav", "PCM_24"), ("a.flac", "PCM_16"), ("a.ogg", "OPUS"), ("a.mp3", None)]
)
@pytest.mark.parametrize("channels", [1, 2])
def test_blocks_give_the_bits_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, subtype: str | None, channels: int
) -> None:
    """Seeking between blocks, as soundfile does by itself, changes what an MP3 or Opus file decodes to."""
    x_CT = 0.1 * torch.randn(channels, 96_000, generator=torch.Generator().manual_seed(0))
    x_CT[0, 30_000:30_500] = 1
    path = written(tmp_path / name, x_CT, 48_000, subtype=subtype)
    samples = soundfile.read(path, dtype="float32", always_2d=True)[0]
    whole = audio.from_samples(torch.from_numpy(samples).T, 48_000)
    monkeypatch.setattr(audio, "BLOCK", 10_007)
    wave = audio.read(path)
    assert torch.equal(wave.x_T, whole.x_T) and wave.notes == whole.notes


def test_a_file_that_does_not_know_its_length_is_read_as_far_as_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.flac", tone(3.0))
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0  # the total of samples, 36 bits of STREAMINFO: 0 where a stream was written
    content[22:26] = bytes(4)
    path.write_bytes(content)
    assert audio.read(path).seconds == 3
    monkeypatch.setattr(audio, "BLOCK", 1_000)
    with pytest.raises(ValueError, match=r"This recording is too long; at most 2 s can be read"):
        audio.read(path, max_seconds=2)


def test_a_raw_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(bytes(1000))
    with pytest.raises(ValueError, match="neither its rate nor its depth"):
        audio.read(tmp_path / "a.raw")


def test_what_is_far_too_large_is_no_sound(tmp_path: Path) -> None:
    """A float WAV of 1e37 was denoised, and its level read “nan dB”."""
    with pytest.raises(ValueError, match="no sound: no numbers, or far too large"):
        audio.read(written(tmp_path / "a.wav", 1e37 * tone(), subtype="FLOAT"))
    x_T = tone()
    x_T[7] = 1e37
    wave = audio.read(written(tmp_path / "a.wav", x_T, subtype="FLOAT"))
    assert wave.x_T[7] == 0 and wave.notes == ("1 samples were far too large and became silence",)
    wave = audio.read(written(tmp_path / "a.wav", 32_768 * 2 * tone(), subtype="FLOAT"))
    assert wave.notes == ("the samples go up to 32,768 times full scale, and were turned down to it",)
    assert torch.allclose(wave.x_T, 2 * tone(), atol=1e-3)
    loud = audio.read(written(tmp_path / "a.wav", 4 * tone(), subtype="FLOAT"))
    assert torch.equal(loud.x_T, 4 * tone()), "what is a little too loud stays as it is"


def test_a_rate_no_microphone_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="claims 1,000 samples a second"):
        audio.read(written(tmp_path / "a.wav", tone(), 1_000))


def test_load_gives_the_rate_that_is_asked_for(tmp_path: Path) -> None:
    x_T = audio.load(written(tmp_path / "a.wav", tone(1.0, 44_100), 44_100, subtype="FLOAT"))
    assert len(x_T) == RATE_HZ
    assert snr_db(tone(1.0)[500:-500], x_T[500:-500]).item() > 60


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_resampling_keeps_a_tone_and_its_length(rate_hz: int) -> None:
    x_T = audio.resample(tone(1.0, rate_hz), rate_hz, RATE_HZ)
    assert len(x_T) == pytest.approx(RATE_HZ, abs=1)
    assert snr_db(tone(1.0)[1000:15_000], x_T[1000:15_000]).item() > 60


def test_resampling_drops_what_the_new_rate_cannot_hold() -> None:
    x_T = audio.resample(tone(1.0, 48_000, pitch_hz=12_000), 48_000, RATE_HZ)
    assert x_T[1000:-1000].abs().max().item() < 1e-5


@pytest.mark.parametrize("rate_hz", [7_919, 11_003, 22_051, 44_101, 383_997])
def test_an_odd_rate_is_resampled_both_ways_to_the_sample(rate_hz: int) -> None:
    """As long as was promised, and at the same pitch: nearer to the tone itself than 16 bits tell."""
    for old, new in ((rate_hz, RATE_HZ), (RATE_HZ, rate_hz)):
        y_T = audio.resample(tone(1.0, old), old, new)
        edge = new // 8
        assert len(y_T) == math.ceil(len(tone(1.0, old)) * new / old)
        assert snr_db(tone(1.0, new)[edge : new - edge], y_T[edge : new - edge]).item() > 96
    assert audio.resample(torch.zeros(2, 3, 7), rate_hz, RATE_HZ).shape == (2, 3, math.ceil(7 * RATE_HZ / rate_hz))
    assert audio.resample(torch.zeros(1, 0), rate_hz, RATE_HZ).shape == (1, 0)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000, 384_000])
def test_an_ordinary_rate_is_resampled_by_its_bank_to_the_bit(rate_hz: int) -> None:
    x_T = torch.randn(rate_hz // 4, generator=torch.Generator().manual_seed(rate_hz))
    by_bank_T = torchaudio.functional.resample(x_T, rate_hz, RATE_HZ, lowpass_filter_width=64, rolloff=0.9476)
    assert torch.equal(audio.resample(x_T, rate_hz, RATE_HZ), by_bank_T)
    assert audio.bank_size(rate_hz, RATE_HZ) < audio.MAX_BANK / 4


def test_no_rate_builds_a_large_bank(monkeypatch: pytest.MonkeyPatch) -> None:
    """383,997 Hz took 18 GB: whatever is not handed to soxr has few filters."""
    built: list[int] = []
    monkeypatch.setattr(audio.AF, "resample", lambda x_T, old, new, **_: built.append(audio.bank_size(old, new)) or x_T)
    for rate_hz in [*range(4_000, 384_000, 9_973), *range(16_001, 16_040), 44_099, 44_101, 383_997]:
        for old, new in ((rate_hz, RATE_HZ), (RATE_HZ, rate_hz)):
            audio.resample(torch.zeros(10), old, new)
    assert all(size <= audio.MAX_BANK for size in built)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the greatest size of a process is read there")
def test_the_worst_file_takes_little_more_than_its_wave(tmp_path: Path) -> None:
    """Eight channels at an odd rate, read and resampled both ways in a process of its own, by its greatest size."""
    path, seconds = tmp_path / "a.flac", 20
    with soundfile.SoundFile(path, "w", 191_990, 7, "PCM_16") as file:
        for _ in range(seconds):
            file.write(np.zeros((191_990, 7), np.int16))
    script = (
        "import re, sys; from signals.audio import read, resample\n"
        "size = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) / 1024\n"
        "import soxr, torch; resample(torch.zeros(9), 191_990, 16_000); before = size()\n"
        "wave = read(sys.argv[1]); resample(resample(wave.x_T, wave.rate_hz, 16_000), 16_000, wave.rate_hz)\n"
        "print(size() - before)"
    )
    ran = subprocess.run([sys.executable, "-c", script, path], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < 100, "in MiB, where the wave has 15 and all channels 103"


@pytest.mark.parametrize("frames", [COURSE, SPEECH, Frames(400, 100, "hann")])
@pytest.mark.parametrize("length", [1, 255, 1024, 16_000, 16_257])
def test_the_inverse_transform_gives_back_the_samples(frames: Frames, length: int) -> None:
    x_BT = 0.3 * torch.randn(2, length, generator=torch.Generator().manual_seed(length))
    X_BFN = audio.stft(x_BT, frames)
    assert X_BFN.shape == (2, frames.bins, length // frames.hop + 1)
    assert snr_db(x_BT, audio.istft(X_BFN, frames, length=length)).min().item() > 100


def test_a_tone_lies_in_its_bin() -> None:
    assert audio.stft(tone(pitch_hz=1000).unsqueeze(0))[0, :, 10].abs().argmax().item() == 1000 / RATE_HZ * 512


def test_int16_turns_down_only_what_would_clip() -> None:
    quiet, gain = audio.to_int16(torch.tensor([0.0, 0.5, -1.0]))
    assert quiet.tolist() == [0, 16_384, -32_767] and gain == 1
    loud, gain = audio.to_int16(torch.tensor([0.0, 2.0, -4.0]))
    assert loud.tolist() == [0, 16_384, -32_767] and gain == 0.25
    assert audio.to_int16(torch.zeros(0))[0].shape == (0,)


@pytest.mark.parametrize("snr", [-10.0, 0.0, 12.5])
def test_a_mixture_has_the_ratio_that_was_asked_for(snr: float) -> None:
    draw = torch.Generator().manual_seed(0)
    clean_BT, noise_BT = torch.randn(3, 4000, generator=draw), 7 * torch.randn(3, 4000, generator=draw)
    noisy_BT, scaled_BT = audio.mix(clean_BT, noise_BT, snr)
    assert snr_db(clean_BT, noisy_BT).tolist() == pytest.approx([snr] * 3, abs=1e-4)
    assert torch.equal(clean_BT + scaled_BT, noisy_BT)
    each_BT, _ = audio.mix(clean_BT, noise_BT, torch.tensor([-5.0, 0.0, 5.0]))
    assert snr_db(clean_BT, each_BT).tolist() == pytest.approx([-5, 0, 5], abs=1e-4)


def test_silence_mixes_too() -> None:
    clean_BT, silence_BT = torch.ones(1, 10), torch.zeros(1, 10)
    assert torch.equal(audio.mix(clean_BT, silence_BT, 5.0)[0], clean_BT)
    assert torch.equal(audio.mix(silence_BT, clean_BT, 5.0)[0], clean_BT)


@pytest.mark.parametrize(("bins", "bands"), [(257, 32), (257, 128), (513, 64), (257, 257)])
def test_erb_bands_share_out_every_bin(bins: int, bands: int) -> None:
    weights_FE = audio.erb_bands(bins, bands)
    assert weights_FE.shape == (bins, bands)
    assert torch.allclose(weights_FE.sum(1), torch.ones(bins)) and (weights_FE >= 0).all()
    assert (weights_FE.sum(0) > 0.4).all(), "every band hears something"
    centre_E = (weights_FE * torch.arange(bins)[:, None]).sum(0) / weights_FE.sum(0)
    assert (centre_E.diff() > 0).all()


def test_erb_bands_widen_as_the_ears_do() -> None:
    width_E = audio.erb_bands(513, 32).sum(0)
    assert width_E[-2] > 5 * width_E[0]


def test_mel_bands_are_librosas() -> None:
    librosa = pytest.importorskip("librosa")
    theirs = librosa.filters.mel(sr=RATE_HZ, n_fft=512, n_mels=40, fmin=20, htk=True, norm=None)
    assert np.allclose(audio.mel_bands(257, 40).numpy().T, theirs, atol=1e-4)


def test_decibels() -> None:
    assert audio.decibels(torch.tensor([1.0, 100.0, 0.0])).tolist() == pytest.approx([0, 20, -120])


def test_a_band_keeps_what_lies_in_it_and_only_that() -> None:
    t_T = torch.arange(16_000, dtype=torch.float64) / 16_000
    tones_3T = torch.stack([torch.sin(2 * torch.pi * hertz * t_T) for hertz in (100.0, 1_000.0, 6_000.0)]).float()
    kept_3T = audio.band(tones_3T, torch.full((3,), 300.0), torch.full((3,), 3_400.0))
    assert torch.allclose(kept_3T[1], tones_3T[1], atol=1e-4) and kept_3T[[0, 2]].abs().max() < 1e-4
    from_zero_3T = audio.band(tones_3T, torch.zeros(3), torch.full((3,), 3_400.0))
    assert torch.allclose(from_zero_3T[:2], tones_3T[:2], atol=1e-4)
