"""The subjects of Diagnose: what each net looks at, its test pictures, and the examples that stand for them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor

from demos._ui.nets import Net
from models import CheckpointDamaged, CheckpointMissing
from signals import image
from training import Arrays, DataMissing, Recipe
from training.data import at_hand, crc_cells, medmnist, ph2, samples
from training.recipes import cells_cnn, dermoscopy, pneumonia_cnn

EXAMPLES = Path(__file__).parent / "examples"
STRANGERS = {"cat.jpg": "a cat", "mole-even.jpg": "a mole", "cell-round.png": "a cell"}
"""What a file among the examples shows that is something else."""
MAX_SHOWN = 448
"""Pixels of an uploaded picture's longer side that are kept to be shown."""
SMALLEST = 20
"""Pixels of a picture's shorter side that there must be: below it there is nothing to see."""


@dataclass(frozen=True)
class Subject:
    """What one of the nets looks at."""

    name: str
    recipe: Recipe[Any]
    classes: tuple[str, ...]
    side: int
    thing: str
    """What one of its pictures is called: “film”."""
    wants: str
    test: Callable[[], Arrays]
    """The test part: pictures `(B, 3, side, side)` uint8, labels, units."""
    ships: bool
    """Whether some of its data may be passed on: then there are real examples everywhere."""
    strangers: tuple[str, ...]
    """Files among the examples that show something else."""
    drawn: tuple[str, ...] = ()
    """Files among the examples that stand in for pictures that may not be passed on."""
    grey: bool = False
    """Whether its pictures have no colour."""

    def picture(self, address: str) -> Tensor:
        """The picture in a `data:` address as the net sees it: its middle square, `(3, side, side)` uint8.

        Raises ValueError in a visitor's words where there is no picture in it, or one of a few pixels.
        """
        found = image.from_data_url(address)
        if min(found.size) < SMALLEST:
            raise ValueError(
                f"This picture has {found.width} × {found.height} pixels: too few to see a {self.thing} in. Bring one of "
                f"{SMALLEST} × {SMALLEST} at the least."
            )
        return image.square(found, self.side)

    @property
    def here(self) -> bool:
        """Whether its test pictures are on this machine, whole or as samples."""
        try:
            at_hand(self.test)
        except DataMissing:
            return False
        return True


def moles_of_fold_0() -> Arrays:
    """The moles that the shipped net never saw."""
    return ph2.splits().test


XRAYS = Subject(
    name="Chest X-rays",
    recipe=pneumonia_cnn.recipe,
    classes=medmnist.PNEUMONIA_CLASSES,
    side=28,
    thing="film",
    wants="a child's chest from the front, without colour, shrunk to 28 × 28 pixels",
    test=partial(medmnist.part, "pneumoniamnist", "test"),
    ships=True,
    strangers=("cat.jpg",),
    grey=True,
)
CELLS = Subject(
    name="Colon cells",
    recipe=cells_cnn.recipe,
    classes=crc_cells.CLASSES,
    side=crc_cells.SIDE,
    thing="cell",
    wants="one stained cell nucleus in the middle, 27 × 27 pixels at 20 × magnification",
    test=partial(crc_cells.part, "test"),
    ships=False,
    drawn=("cell-round.png", "cell-long.png", "cell-large.png"),
    strangers=("mole-even.jpg", "cat.jpg"),
)
MOLES = Subject(
    name="Moles",
    recipe=dermoscopy.recipe,
    classes=ph2.CLASSES,
    side=ph2.SIDE,
    thing="mole",
    wants="one mole in the middle, seen through a dermoscope",
    test=moles_of_fold_0,
    ships=False,
    drawn=("mole-even.jpg", "mole-two-toned.jpg", "mole-ragged.jpg"),
    strangers=("cell-round.png", "cat.jpg"),
)
SUBJECTS = {subject.name: subject for subject in (XRAYS, CELLS, MOLES)}
"""The nets that answer, by what the page calls their pictures."""


# Pictures


@dataclass(frozen=True)
class Truth:
    """What is known of a test picture: its label, and the lesion's outline on moles, `(H, W)` bool."""

    label: int
    mask_HW: Tensor | None


@cache
def example(file: str) -> str:
    """An example that ships with the project, as a `data:` address."""
    return image.to_data_url(Image.open(EXAMPLES / file).convert("RGB"))


def examples(subject: Subject) -> list[dict[str, str]]:
    """What there is to press, the one that opens the tab first: `key`, `name` and `src`, a `data:` address."""
    own = _films() if subject.ships else [_file(file, drawn=True) for file in subject.drawn]
    return [*own, *(_file(file) for file in subject.strangers)]


def _file(file: str, *, drawn: bool = False) -> dict[str, str]:
    """An example that ships as a file: by the kind in its name where it is drawn, by what it is where it is a stranger."""
    kind = Path(file).stem.partition("-")[2]
    return {"name": f"{kind}, drawn" if drawn else STRANGERS[file], "key": file, "src": example(file)}


def _films() -> list[dict[str, str]]:
    """Real test films out of the samples: the same on every machine."""
    with samples():
        x_B3HW = XRAYS.test()[0]
    return [
        {"name": name, "key": key_of(XRAYS, i), "src": image.to_data_url(image.from_rgb(x_B3HW[i]))}
        for name, i in telling_films().items()
    ]


def telling_films() -> dict[str, int]:
    """Test films by what they teach: of those that the shipped net reads right, the one of the middle confidence of
    each class and the closest call; of those that it reads wrong, the surest of each class.

    Read off the checkpoint's evidence, so that they follow the weights; without one, the first film.
    """
    try:
        kept = Net.pretrained(XRAYS.recipe).evidence
    except (CheckpointMissing, CheckpointDamaged):
        return {"a film": 0}
    sure_B, label_B = kept["p"].amax(1), kept["label"]
    right_B = kept["p"].argmax(1) == label_B

    def ordered(among_B: Tensor) -> list[int]:
        """Their numbers, the least sure first."""
        found = among_B.nonzero()[:, 0]
        return found[sure_B[found].argsort(stable=True)].tolist()

    right, wrong = ([ordered(is_B & (label_B == c)) for c in (0, 1)] for is_B in (right_B, ~right_B))
    told = {
        "pneumonia": right[1][len(right[1]) // 4 :],
        "normal": right[0][len(right[0]) // 4 :],
        "a close call": ordered(right_B),
        "normal, read wrong": wrong[0][-1:],
        "pneumonia, missed": wrong[1][-1:],
    }
    return {name: found[0] for name, found in told.items() if found}


def upload(path: str) -> str:
    """A visitor's file as a `data:` address; ValueError in a visitor's words where it cannot be read.

    Small pictures stay as they are, to the pixel.
    """
    picture = image.read(path)
    picture.thumbnail((MAX_SHOWN, MAX_SHOWN), Image.Resampling.LANCZOS)
    return image.to_data_url(picture)


def key_of(subject: Subject, i: int) -> str:
    """What test picture `i` is known by."""
    return f"{subject.recipe.name} {i}"


def test_sample(subject: Subject, i: int) -> tuple[Tensor, Truth]:
    """Test picture `i`, `(3, side, side)` uint8, and what is known of it.

    Raises DataMissing where the test set is not here, ValueError where it has no such picture.
    """
    x_B3HW, label_B, unit_B = at_hand(subject.test).value
    if i >= len(x_B3HW):
        raise ValueError(f"There is no test picture {i}: choose another.")
    mask_HW = ph2.masks()[unit_B[i]] if subject is MOLES else None
    return x_B3HW[i], Truth(int(label_B[i]), mask_HW)


def random_test_sample(subject: Subject) -> tuple[str, Tensor]:
    """A test picture, `(3, side, side)` uint8, after its key; DataMissing where the test set is not here."""
    n = len(at_hand(subject.test).value[0])
    i = random.randrange(n)  # torch's own generator belongs to whoever trains
    return key_of(subject, i), test_sample(subject, i)[0]


def look_up(subject: Subject, key: str, address: str) -> tuple[Tensor, Truth | None]:
    """A test picture by its key, with what is known of it; any other picture by its `data:` address."""
    recipe, _, index = key.rpartition(" ")
    if recipe == subject.recipe.name and index.isdecimal():
        return test_sample(subject, int(index))
    return subject.picture(address), None
