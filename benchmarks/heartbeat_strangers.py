"""What Heartbeats knows of what it does not know: false alarms on real half minutes, and how many strangers it catches.

The limits are chosen on the 22 records of DS1, training and validation, whose half minutes are measured as the tab
measures them (its own cleaning, its own R peaks): the 1.5 % least alike and the 1.5 % whose QRS stands out least are
below them, and no half minute of DS1 was faster or slower by the annotators' own peaks. Nothing of DS2 and no stranger
was looked at for that. Then DS2's half minutes give the false alarms, and strangers the share that is caught: noise,
speech of AN4's test speakers, rows of scikit-image's photographs one after the other, sounds of ESC-10, read as a
visitor's file of 30 s at 360 Hz would be; and simulated hearts faster than any of DS1. What is refused outright (a flat
line, no beats) counts as caught.

    OMP_NUM_THREADS=1 WAVELENS_DATA=ROOT python -m benchmarks.heartbeat_strangers
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from benchmarks._report import arguments, claim, machine, write
from demos._ui.html import per_cent
from demos.heartbeats.strangers import told
from signals import ecg
from signals.ecg import RATE_HZ
from signals.ecg_files import as_lead
from signals.ecg_likeness import STRETCH_SECONDS, Likeness, likeness, rate
from signals.synthetic_ecg import simulate
from training.data import an4, esc10, mitbih, scikit_image

LENGTH = STRETCH_SECONDS * RATE_HZ
SHARE = 0.015
"""Of DS1's half minutes that each limit leaves outside."""
EACH = 40
"""Strangers of each kind."""
FALSE_ALARMS, CAUGHT = 0.05, 0.9


def half_minutes(names: tuple[str, ...]) -> Iterator[tuple[Likeness, np.ndarray]]:
    """Each half minute of these records as the tab measures it, with the annotators' peaks in it."""
    for name in names:
        it = mitbih.record(name)
        x_T = ecg.clean(it.x_T)
        r_B = ecg.find_peaks(x_T)
        for begin in range(0, len(x_T) - LENGTH + 1, LENGTH):
            inside = [p[(p >= begin) & (p < begin + LENGTH)] - begin for p in (r_B, it.r_B)]
            yield likeness(x_T[begin : begin + LENGTH], inside[0]), inside[1]


def chosen(known: list[tuple[Likeness, np.ndarray]]) -> dict[str, float]:
    """The limits, from half minutes of DS1."""
    rates = [rate(r_B) for _, r_B in known if len(r_B) > 2]
    return {
        "alike": float(np.quantile([it.alike for it, _ in known], SHARE)),
        "height": float(np.quantile([it.height for it, _ in known], SHARE)),
        "slowest": min(rates),
        "fastest": max(rates),
    }


def noise(exponent: float) -> Iterator[np.ndarray]:
    """Noise whose power falls with frequency to this power: 0 white, 1 pink, 2 a random walk."""
    draw = np.random.default_rng(0)
    while True:
        spectrum = np.fft.rfft(draw.standard_normal(LENGTH))
        spectrum[1:] /= np.arange(1, len(spectrum)) ** (exponent / 2)
        yield np.fft.irfft(spectrum, LENGTH)


def sounds(paths: list[Any]) -> Iterator[np.ndarray]:
    """Recordings, one after the other, cut into stretches; their numbers as they stand in the file."""
    import soundfile

    x_T = np.concatenate([soundfile.read(path, always_2d=True)[0][:, 0] for path in paths])
    yield from x_T[: len(x_T) // LENGTH * LENGTH].reshape(-1, LENGTH)


def rows() -> Iterator[np.ndarray]:
    """The rows of photographs, one after the other, from three places on, in grey."""
    for name in scikit_image.TRAIN + scikit_image.VALID + scikit_image.TEST:
        grey_HW = np.asarray(scikit_image.photograph(name).convert("L"), np.float64)
        for start in (0.2, 0.4, 0.6):
            row_T = grey_HW[int(start * len(grey_HW)) :].ravel()
            if len(row_T) >= LENGTH:
                yield row_T[:LENGTH]


def racing(fastest: float) -> Iterator[np.ndarray]:
    """Simulated hearts from a tenth faster than the fastest to 190 beats a minute; over 200, two count as one."""
    for seed, pulse in enumerate(np.linspace(1.1 * fastest, 190, EACH)):
        yield simulate(STRETCH_SECONDS, beats_per_minute=float(pulse), seed=seed).x_T.astype(np.float64)


def strangers(fastest: float) -> dict[str, Iterator[np.ndarray]]:
    """Every kind of signal of which the nets know nothing."""
    speech = [path for paths in an4.speakers("test").values() for path in paths]
    return {
        "white noise": noise(0), "pink noise": noise(1), "a random walk": noise(2),
        "speech": sounds(speech), "everyday sounds": sounds([clip.path for clip in esc10.clips()][::5]),
        "rows of photographs": rows(), "hearts faster than in training": racing(fastest),
    }  # fmt: skip


def doubted(x_T: np.ndarray, ask: Callable[[Likeness], bool]) -> bool:
    """Whether a visitor who brings these numbers is warned, or turned away."""
    try:
        clean_T = ecg.clean(as_lead(x_T, RATE_HZ, title="").x_T)
    except ValueError:
        return True
    return ask(likeness(clean_T, ecg.find_peaks(clean_T)))


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on = machine()
    few = slice(1) if options.quick else slice(None)
    limits = chosen(list(half_minutes((mitbih.TRAIN + mitbih.VALID)[few])))
    found: dict[str, Any] = {"limits": limits, "false_alarms": 0.0, "caught": 0.0}
    ask = lambda it: told(it, found) is not None  # noqa: E731
    alarms = [ask(it) for it, _ in half_minutes(mitbih.TEST[few])]
    caught = {
        kind: [doubted(x_T, ask) for x_T in islice(each, 2 if options.quick else EACH)]
        for kind, each in strangers(limits["fastest"]).items()
    }
    none = [hit for kind, hits in caught.items() if not kind.startswith("hearts") for hit in hits]
    found |= {"false_alarms": float(np.mean(alarms)), "caught": float(np.mean(none))}
    table = [["half minutes of DS2 (false alarms)", f"{len(alarms):,}", per_cent(found["false_alarms"])]]
    table += [[kind, f"{len(hits)}", per_cent(float(np.mean(hits)))] for kind, hits in caught.items()]
    promised = [
        claim("false alarms on DS2", found["false_alarms"], "≤", FALSE_ALARMS),
        claim("strangers caught", found["caught"], "≥", CAUGHT),
    ]
    print(limits, *table, *promised, sep="\n")
    if not options.quick:
        warned = {"caption": "How often Heartbeats warns", "columns": ["what", "n", "warned"], "rows": table}
        facts = {**found, "claims": promised, "warned": warned, "notes": [NOTE]}
        write("heartbeat_strangers", {"benchmark": "heartbeat_strangers", **measured_on, "rows": [], **facts})


NOTE = (
    "The check is blind to what repeats itself as a heart does and stands out as a QRS does: a pulse wave, a sawtooth. "
    "Beats that follow one another more than 200 times a minute are counted by half."
)

if __name__ == "__main__":
    main()
