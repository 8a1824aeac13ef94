"""`samples/`: a data root in miniature, cut from a full one, that ships with the project.

Every source keeps its upstream's layout, so that the loaders of `training/data/` read the miniature as they read the
whole. What is taken is drawn by one seed, within each split: a sample of training rows never stands in another split.
Only sources whose licences allow it are here; each keeps its notice.
"""

import csv
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile

from training.data import esc10, lgg_mri, librispeech, mitbih

SEED = 12
README = "README.md"
RECORDS = ("106", "208", "209", "215", "220", "223", "100", "200", "213", "232")
"""Of MIT-BIH: five to train, one to validate, four to test, between them every kind of beat that the tab shows."""
RECORD_SECONDS = 600


FREE = ("CC0", "CC BY", "CC BY 3.0", "CC BY 4.0", "public domain")
"""Licences under which a recording of `noise/` may be handed on."""


class Part(NamedTuple):
    """One source: its folder, where it comes from, its licence, how many there are, and what was done to them."""

    folder: str
    source: str
    licence: str
    counts: str
    change: str = "none"


def cut(root: Path, to: Path) -> Iterator[str]:
    """Cut every source of `root` into the new folder `to`; gives a line a source, and writes the README last.

    Raises ValueError where `to` holds something else than samples, DataMissing where the root lacks a source.
    """
    if to.exists() and any(to.iterdir()) and not (to / README).exists():
        raise ValueError(f"{to} is not a folder of samples, and it is not empty: name another")
    shutil.rmtree(to, ignore_errors=True)
    parts = []
    for source in SOURCES:
        parts.append(part := source(root, to, random.Random(SEED)))
        yield f"{_bytes(to / part.folder) / 2**20:6.2f} MiB  {part.folder}  {part.counts}"
    (to / README).write_text(_readme(parts), encoding="utf-8")
    yield f"{_bytes(to) / 2**20:6.2f} MiB  in all"


# One function a source


def _hub_pictures(repository: str, folder: str, title: str, licence: str, train: int, test: int) -> Callable[..., Part]:
    """Rows of a hub data set of pictures, in their own order."""

    def cut_rows(root: Path, to: Path, draw: random.Random) -> Part:
        import pyarrow.parquet as parquet

        for split, n in {"train": train, "test": test}.items():
            path = Path("hub") / repository / folder / f"{split}-00000-of-00001.parquet"
            table = parquet.read_table(root / path)
            rows = table.take(sorted(draw.sample(range(table.num_rows), n)))
            parquet.write_table(rows, _new(to / path), compression="brotli")
        address = f"{title}, https://huggingface.co/datasets/{repository}"
        return Part(f"hub/{repository}", address, licence, f"{train:,} + {test:,} pictures", "rows drawn at random")

    return cut_rows


def _mitdb(root: Path, to: Path, draw: random.Random) -> Part:
    import wfdb

    _new(to / "mitdb" / "x")
    for name in RECORDS:
        path = str(root / "mitdb" / name)
        header: Any = wfdb.rdheader(path)
        end = int(RECORD_SECONDS * header.fs)
        whole: Any = wfdb.rdrecord(path, sampto=end, physical=False)
        wfdb.wrsamp(
            name, fs=whole.fs, units=whole.units, sig_name=whole.sig_name, d_signal=whole.d_signal, fmt=["516"],
            adc_gain=whole.adc_gain, baseline=whole.baseline, comments=whole.comments, write_dir=str(to / "mitdb"),
        )  # fmt: skip
        marks: Any = wfdb.rdann(path, "atr", sampto=end)
        wfdb.wrann(
            name, "atr", marks.sample, marks.symbol, subtype=marks.subtype, chan=marks.chan, num=marks.num,
            aux_note=marks.aux_note, write_dir=str(to / "mitdb"),
        )  # fmt: skip
    each = " / ".join(str(len(set(RECORDS) & set(part))) for part in (mitbih.TRAIN, mitbih.VALID, mitbih.TEST))
    counts = f"{each} records of {RECORD_SECONDS // 60} minutes"
    return Part(
        "mitdb", f"MIT-BIH Arrhythmia Database, {mitbih.SOURCE.address}", mitbih.SOURCE.licence, counts,
        "the first ten minutes; the lead is bit for bit as it was",
    )  # fmt: skip


def _librispeech(root: Path, to: Path, draw: random.Random) -> Part:
    folder = root / "LibriSpeech"
    speakers = sorted(p for p in (folder / "train-clean-100").iterdir() if p.is_dir())
    chosen = [path for s in sorted(draw.sample(speakers, 60)) for path in sorted(s.glob("*/*.flac"))[:1]]
    for s in sorted(p for p in (folder / "test-other").iterdir() if p.is_dir()):
        chosen += sorted(draw.sample(sorted(s.glob("*/*.flac")), 3))
    for path in chosen:
        _cut_sound(path, _new(to / path.relative_to(root)), seconds=3 if "train-clean-100" in path.parts else 4)
    shutil.copyfile(folder / "LICENSE.TXT", to / "LibriSpeech" / "LICENSE.TXT")
    return Part(
        "LibriSpeech", f"LibriSpeech, {librispeech.SOURCE.address}", librispeech.SOURCE.licence,
        "60 training speakers, a recording each; 10 test speakers, three each", "at most 3 s to train, 4 s to test",
    )  # fmt: skip


def _an4(root: Path, to: Path, draw: random.Random) -> Part:
    folder = root / "an4"
    for part, most, each in (("an4_clstk", 24, 3), ("an4test_clstk", 10, 4)):
        speakers = sorted(p for p in (folder / part).iterdir() if p.is_dir())
        for s in sorted(draw.sample(speakers, min(most, len(speakers)))):
            for path in sorted(draw.sample(sorted(s.glob("*.flac")), each)):
                shutil.copyfile(path, _new(to / path.relative_to(root)))
    shutil.copyfile(folder / "LICENSE", to / "an4" / "LICENSE")
    return Part(
        "an4", "CMU AN4, http://www.speech.cs.cmu.edu/databases/an4/", "free for any use with its notice, an4/LICENSE",
        "24 training speakers, three recordings each; 10 test speakers, four each",
    )  # fmt: skip


def _esc10(root: Path, to: Path, draw: random.Random) -> Part:
    clips = sorted((root / "esc10").glob("*/*.ogg"))
    kinds, taken = sorted({c.parent.name for c in clips}), 0
    for kind in kinds:
        for fold in range(1, 6):
            found = [c for c in clips if c.parent.name == kind and c.name.startswith(f"{fold}-")]
            for path in sorted(draw.sample(found, 1 if fold in (1, 4) else 2)):
                shutil.copyfile(path, _new(to / path.relative_to(root)))
                taken += 1
    shutil.copyfile(root / "esc10" / README, to / "esc10" / README)
    return Part(
        "esc10", f"ESC-10, {esc10.SOURCE.address}", "CC BY 3.0, credits in esc10/README.md",
        f"{taken} of 400 clips of 5 s, all ten kinds and five folds", "as at hand: resampled to 16 kHz",
    )  # fmt: skip


def _noise(root: Path, to: Path, draw: random.Random) -> Part:
    """The recordings that may be handed on: CC0, CC BY, public domain."""
    with (root / "noise" / "noise.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    free = [row for row in rows if row["licence"] in FREE]
    for row in free:
        shutil.copyfile(root / "noise" / row["file"], _new(to / "noise" / row["file"]))
    with (to / "noise" / "noise.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(free)
    return Part(
        "noise",
        "named file by file in noise/noise.csv",
        "CC0, CC BY or public domain, file by file",
        f"{len(free)} recordings of 4.5 s",
    )


def _medmnist(name: str, title: str, counts: dict[str, int]) -> Callable[..., Part]:
    """Rows of a MedMNIST file, as many of each split as `counts` says, labels included."""

    def cut_rows(root: Path, to: Path, draw: random.Random) -> Part:
        with np.load(root / "medmnist" / f"{name}.npz", allow_pickle=False) as whole:
            arrays = {key: whole[key] for key in whole}
        for split, n in counts.items():
            rows = sorted(draw.sample(range(len(arrays[f"{split}_labels"])), n))
            for key in (f"{split}_images", f"{split}_labels"):
                arrays[key] = arrays[key][rows]
        np.savez_compressed(_new(to / "medmnist" / f"{name}.npz"), **arrays)
        each = " / ".join(f"{n:,}" for n in counts.values())
        return Part(
            f"medmnist/{name}.npz",
            f"{title} of MedMNIST, https://medmnist.com",
            "CC BY 4.0",
            f"{each} pictures",
            "rows drawn at random",
        )

    return cut_rows


def _lgg_mri(root: Path, to: Path, draw: random.Random) -> Part:
    """Whole patients, so that no patient stands on two sides, with some slices each."""
    import pyarrow.parquet as parquet

    counts = []
    for file, patients, each in (("train", 23, 6), ("validation", 5, 4), ("test", 10, 5)):
        table = parquet.read_table(root / "lgg_mri" / f"{file}.parquet")
        column = table["patient"].to_pylist()
        chosen = []
        for patient in sorted(draw.sample(sorted(set(column)), patients)):
            rows = [i for i, name in enumerate(column) if name == patient]
            chosen += sorted(draw.sample(rows, min(each, len(rows))))
        parquet.write_table(table.take(chosen), _new(to / "lgg_mri" / f"{file}.parquet"), compression="brotli")
        counts.append(f"{len(chosen)}")
    (to / "lgg_mri" / "LICENSE").write_text(LGG_LICENCE, encoding="utf-8")
    return Part(
        "lgg_mri", f"TCGA-LGG brain scans (Buda et al. 2019), {lgg_mri.SOURCE.address}",
        "CC BY-NC-SA 4.0, lgg_mri/LICENSE", f"{' / '.join(counts)} slices of 23 / 5 / 10 patients",
        "as at hand: reduced to 128 × 128",
    )  # fmt: skip


def _creditcard(root: Path, to: Path, draw: random.Random) -> Part:
    lines = (root / "creditcard" / "creditcard_sample.csv").read_text(encoding="utf-8").splitlines()
    rows = sorted(draw.sample(range(1, len(lines)), 1_500))
    text = "\n".join(lines[i] for i in (0, *rows)) + "\n"
    _new(to / "creditcard" / "creditcard_sample.csv").write_text(text, encoding="utf-8")
    return Part(
        "creditcard", "ULB credit-card transactions, https://www.openml.org/d/1597", "DbCL 1.0",
        f"{len(rows):,} rows in their order in time", "a sample with 5.6 % fraud instead of 0.17 %",
    )  # fmt: skip


def _grocery(root: Path, to: Path, draw: random.Random) -> Part:
    counts: dict[str, int] = dict.fromkeys(("train", "val", "test"), 0)
    for split, most in (("train", 7), ("val", 2), ("test", 4)):
        for folder in sorted(p for p in (root / "grocery" / split).iterdir() if p.is_dir()):
            found = sorted(folder.glob("*.jpg"))
            for path in sorted(draw.sample(found, min(most, len(found)))):
                shutil.copyfile(path, _new(to / path.relative_to(root)))
                counts[split] += 1
    shutil.copyfile(root / "grocery" / "LICENSE", to / "grocery" / "LICENSE")
    return Part(
        "grocery", "Grocery Store Dataset, https://github.com/marcusklasson/GroceryStoreDataset",
        "MIT, grocery/LICENSE", f"{' / '.join(map(str, counts.values()))} pictures of nine classes",
        "as at hand: 200 px short side",
    )  # fmt: skip


SOURCES: tuple[Callable[[Path, Path, random.Random], Part], ...] = (
    _hub_pictures("ylecun/mnist", "mnist", "MNIST", "CC BY-SA 3.0", 6_000, 1_000),
    _hub_pictures("zalando-datasets/fashion_mnist", "fashion_mnist", "Fashion-MNIST", "MIT", 2_500, 500),
    _mitdb, _librispeech, _an4, _esc10, _noise,
    _medmnist("pneumoniamnist", "PneumoniaMNIST", {"train": 1_550, "val": 524, "test": 624}),
    _medmnist("adrenalmnist3d_64", "AdrenalMNIST3D", {"train": 450, "val": 98, "test": 150}),
    _lgg_mri, _creditcard, _grocery,
)  # fmt: skip

LGG_LICENCE = """These brain scans are a reduced part of the TCGA-LGG collection as prepared by Buda, Saha and
Mazurowski (2019), under the Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International licence:
https://creativecommons.org/licenses/by-nc-sa/4.0/

You may copy and change them for purposes that are not commercial, if you name the source and hand on what you make
under the same licence. The rest of this project is not under this licence.

Source: https://www.kaggle.com/datasets/mateuszbuda/lgg-mri-segmentation
Changes: reduced from 256 to 128 pixels, up to six slices a patient.
"""


# What is common to them


def _new(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _cut_sound(path: Path, to: Path, *, seconds: float) -> None:
    x_T, rate = soundfile.read(path, dtype="int16", frames=int(seconds * soundfile.info(path).samplerate))
    soundfile.write(to, x_T, rate, subtype="PCM_16")


def _bytes(path: Path) -> int:
    return sum(p.stat().st_size for p in ([path] if path.is_file() else path.rglob("*")) if p.is_file())


def _readme(parts: list[Part]) -> str:
    rows = "\n".join(f"| `{p.folder}` | {p.counts} | {p.source} | {p.licence} | {p.change} |" for p in parts)
    return f"""# Samples: a data root in miniature

What visitors train and try on where the whole data is not at hand. The layouts are the upstreams' own, so that the same
loaders read it; splits are the upstreams' too, and nothing of a test split stands in a training split. No number that
Wavelens quotes is measured here, and no checkpoint is made from it.

Cut by `python -m training samples --from ROOT` with seed {SEED}; written by that command, this page included.

| folder | what | source | licence | changed |
|---|---|---|---|---|
{rows}
"""
