"""BSDS500's photographs to train super-resolution on, and Set5 and Set14 beside its own test pictures to measure it."""

from functools import cache
from pathlib import Path

from training._recipe import Source, Splits
from training.data import pictures
from training.data._root import DataMissing, root, unpacked

SOURCE = Source(
    title="BSDS500 (150 + 50 pictures), Set5, Set14",
    address="https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/resources.html",
    licence="research and education; cite Arbelaez et al. 2011, Bevilacqua et al. 2012, Zeyde et al. 2010",
    weights_licence="research and education, as the data",
    split="official test; every tenth training picture validates; without 302003, which is Set5's “woman”",
    note="A subset of BSDS500, stored as JPEG: its own artefacts are part of what is restored. Small pictures are made "
    "by Pillow's bicubic from a known truth; a real photograph is degraded in other ways, and gains less.",
    download="about 70 MB",
)
ARCHIVE = "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz"
SEEN_IN_SET5 = "302003"
"""This training photograph at 0.72 of its size is Set5's “woman”: no net that is measured there may learn from it."""
SETS = ("bsds500", "set5", "set14")
"""What `set_B` of the test arrays counts; the last two are left out where they are not here."""


def splits() -> Splits:
    """Train: tiles `(sharp_B3HW, small_B3hw)` uint8. Valid and test: whole pictures, as `pictures.whole` gives them."""
    train = unpacked("BSDS500", url=ARCHIVE, inside="BSR/BSDS500/data/images", title="BSDS500") / "train"
    return _splits(train.parent)


def pictures_of(name: str) -> list[Path]:
    """The test pictures of one of `SETS`; none where the set is not here."""
    folder = {"bsds500": "BSDS500/test", "set5": "Set5", "set14": "Set14"}[name]
    return pictures.found(root() / folder)


@cache
def _splits(folder: Path) -> Splits:
    paths, test = pictures.found(folder / "train"), [pictures_of(name) for name in SETS]
    if len(paths) < 2 or not test[0]:
        raise DataMissing(f"{folder} does not hold train/ and test/ with pictures. {SOURCE.title}: {SOURCE.address}")
    train = [path for i, path in enumerate(paths) if i % 10 and path.stem != SEEN_IN_SET5]
    return Splits(
        pictures.tiles(pictures.opened(train)),
        pictures.whole([pictures.opened(paths[::10])]),
        pictures.whole([pictures.opened(part) for part in test]),
    )
