"""A head on a visitor's own pictures: what he sent is looked through, and solved in closed form on published features.

Nothing is written anywhere: pictures live as long as the question does, and of them the page's session keeps what the
backbone made of each, so that the next question computes the new ones only.
"""

import base64
import hashlib
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from demos.transfer import nets
from demos.transfer.groceries import SIDE, SMALLEST, training_samples
from explanation.novelty import directions
from explanation.projection import pca
from metrics.intervals import Interval, wilson
from models.ridge import Ridge
from signals import image
from training.data.grocery import CLASSES
from training.tasks import transfer

MOST_KINDS, MOST_PICTURES = 9, 90
LONGEST_NAME, LARGEST_SIDE = 40, 2048
NOTHING_YET = "Add some pictures of two kinds of things, five of each, say: a head is solved as soon as both are there."
ALIKE = ("juice", "milk", "yoghurt")
"""Of the example: cartons all."""
Features = Mapping[str, Tensor]
"""What the backbone made of each picture, `(D,)`, by the picture's digest."""


@dataclass(frozen=True)
class Brought:
    """A picture that was sent: its file's name, its kind's place among the names, its bytes, and its pixels' digest."""

    name: str
    kind: int
    content: bytes
    x_3HW: Tensor
    digest: str


@dataclass(frozen=True)
class Lesson:
    """What can be learnt from: the kinds that have pictures, those pictures, what is wrong with others, and one to try."""

    kinds: tuple[str, ...]
    pictures: tuple[Brought, ...]
    problems: tuple[str, ...]
    tried: Brought | None

    @property
    def advice(self) -> str:
        """What is missing for a head, in a sentence; nothing where there is enough."""
        if not self.pictures:
            return NOTHING_YET
        if len(self.pictures) == 1:
            return "One picture is there. A head needs pictures of two kinds at least, and some of each to check itself by."
        if len(self.kinds) == 1:
            return f"All {len(self.pictures)} pictures are of one kind, “{self.kinds[0]}”. Add a second kind to tell it from."
        return ""


@dataclass(frozen=True)
class Head:
    """A solved head, and what it knows of itself: of each picture what it says when that one is left out."""

    kinds: tuple[str, ...]
    names: tuple[str, ...]
    ridge: Ridge
    x_ND: Tensor
    label_N: Tensor
    checked: bool
    seconds: float
    solved_ms: float

    @property
    def left_out(self) -> list[int]:
        """What it says of each picture without having learnt from it."""
        return self.ridge.left_out_NC.argmax(1).tolist()

    @property
    def right(self) -> int:
        return sum(said == label for said, label in zip(self.left_out, self.label_N.tolist(), strict=True))

    @property
    def interval(self) -> Interval:
        """Of the share that is right left out (Wilson 1927)."""
        return wilson(self.right / len(self.label_N), len(self.label_N))

    def scores(self, x_BD: Tensor) -> Tensor:
        """`(B, C)`: about 1 for the kind that it is, 0 for the others."""
        return self.ridge.scores(x_BD)

    def strangeness(self, x_1D: Tensor) -> float:
        """How far the nearest of these pictures is, as a share of the farthest that one of them has its nearest: over 1 is far."""
        at_ND = directions(self.x_ND)
        between_NN = torch.cdist(at_ND, at_ND).fill_diagonal_(torch.inf).amin(1)
        return (torch.cdist(directions(x_1D), at_ND).min() / between_NN.max().clamp(min=1e-3)).item()

    def plane(self, others_MD: Tensor) -> tuple[Tensor, Tensor]:
        """These pictures `(N, 2)` and others `(M, 2)` on the plane where these spread most."""
        found = pca(directions(self.x_ND))
        return found.place(directions(self.x_ND)), found.place(directions(others_MD))


# What was sent


def unpack(sent: Any) -> Lesson:
    """Look through `{"kinds": [name, …], "pictures": [{"kind", "name", "src"}, …], "tried": {"name", "src"}}`.

    `src` is a `data:` address. What cannot be read is named and left out; ValueError where it is no such thing at all,
    or more than fits.
    """
    if not isinstance(sent, dict):
        return Lesson((), (), (), None)
    kinds, listed = sent.get("kinds") or [], sent.get("pictures") or []
    if not isinstance(kinds, list) or not isinstance(listed, list) or not all(isinstance(k, str) for k in kinds):
        raise ValueError("This is no list of kinds with pictures. Load the page again, and add them anew.")
    if len(kinds) > MOST_KINDS or len(listed) > MOST_PICTURES:
        raise ValueError(f"At most {MOST_KINDS} kinds and {MOST_PICTURES} pictures fit. Take some out.")
    named = _names(kinds)
    found, problems = [], []
    for one in listed:
        try:
            found.append(_picture(one, len(kinds)))
        except ValueError as error:
            problems.append(f"{_name_of(one)} was left out: {error}")
    kept, doubled = _once(found, named)
    used = sorted({picture.kind for picture in kept})
    kept = [Brought(p.name, used.index(p.kind), p.content, p.x_3HW, p.digest) for p in kept]
    tried = sent.get("tried")
    return Lesson(tuple(named[k] for k in used), tuple(kept), (*problems, *doubled), _tried(tried) if tried else None)


def _names(kinds: Sequence[str]) -> list[str]:
    """Names that tell kinds apart: what is empty gets a number, and what is there already too."""
    found: list[str] = []
    for i, name in enumerate(kinds, start=1):
        name = " ".join(name.split())[:LONGEST_NAME] or f"Kind {i}"
        found.append(f"{name} ({i})" if name in found else name)
    return found


def _tried(one: Any) -> Brought:
    return _picture({**one, "kind": 0} if isinstance(one, dict) else one, 1)


def _picture(one: Any, kinds: int) -> Brought:
    kind = one.get("kind") if isinstance(one, dict) else None
    if type(kind) is not int or not 0 <= kind < kinds:
        raise ValueError("It belongs to none of the kinds.")
    address = one.get("src") or ""
    width, height = _size(address)
    if max(width, height) > LARGEST_SIDE:
        raise ValueError(
            f"It has {width:,} × {height:,} pixels; at most {LARGEST_SIDE:,} on a side fit, as the page sends them."
        )
    picture = image.from_data_url(address)
    if min(picture.size) < SMALLEST:
        raise ValueError(f"It has {picture.width} × {picture.height} pixels, too few to see anything in.")
    x_3HW, content = image.square(picture, SIDE), base64.b64decode(address.partition(",")[2])
    return Brought(_name_of(one), kind, content, x_3HW, hashlib.sha256(x_3HW.numpy().tobytes()).hexdigest())


def _size(address: Any) -> tuple[int, int]:
    """Width and height by a picture's head, before anything is decoded; 0 where there is none to be read."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(str(address).partition(",")[2])), formats=image.FORMATS) as picture:
            return picture.size
    except Exception:  # Pillow's readers raise whatever they stumble over; `from_data_url` says what is wrong
        return 0, 0


def _name_of(one: Any) -> str:
    name = one.get("name") if isinstance(one, dict) else None
    return (name.rpartition("/")[2][:LONGEST_NAME] if isinstance(name, str) else "") or "A picture"


def _once(found: Sequence[Brought], kinds: Sequence[str]) -> tuple[list[Brought], list[str]]:
    """Each picture once; one that stands in two kinds in neither, with the sentences about it."""
    kept: dict[str, Brought] = {}
    told: dict[str, str] = {}
    for one in found:
        first = kept.get(one.digest)
        if first is None:
            kept[one.digest] = one
        elif first.kind != one.kind:
            told[one.digest] = (
                f"{one.name} is in “{kinds[first.kind]}” and in “{kinds[one.kind]}”: it cannot teach to tell them apart, and was "
                "left out of both."
            )
        else:
            told.setdefault(one.digest, f"{one.name} is there twice, and counts once: a copy would know the answer.")
    return [p for p in kept.values() if not told.get(p.digest, "").endswith("both.")], list(told.values())


# The head


def features(pictures: Sequence[Brought], known: Features) -> dict[str, Tensor]:
    """What the backbone makes of each picture, by digest; of those that are `known` it is not asked again."""
    new = {picture.digest: picture.x_3HW for picture in pictures if picture.digest not in known}
    kept = {picture.digest: known[picture.digest] for picture in pictures if picture.digest in known}
    if new:
        found_BD = transfer.features(nets.trunk(), torch.stack(list(new.values())), nets.trunk().layers()[-1:])[0]
        kept |= dict(zip(new, found_BD, strict=True))
    return kept


def solve(lesson: Lesson, known: Features, began: float) -> Head:
    """The head from features that are all `known`; `began` is when the question came (`time.perf_counter`)."""
    x_ND = torch.stack([known[picture.digest] for picture in lesson.pictures])
    label_N = torch.tensor([picture.kind for picture in lesson.pictures])
    solving = time.perf_counter()
    ridge = transfer.few_shot_head(x_ND, label_N, len(lesson.kinds))
    done = time.perf_counter()
    checked = len(label_N) > len(lesson.kinds)
    names = tuple(picture.name for picture in lesson.pictures)
    return Head(lesson.kinds, names, ridge, x_ND, label_N, checked, done - began, 1000 * (done - solving))


# An example


def example_lesson() -> dict[str, Any]:
    """Fifteen training pictures of three kinds that look alike, as the page would send them."""
    x_B3HW, label_B = training_samples()
    listed = []
    for k, kind in enumerate(ALIKE):
        members = (label_B == CLASSES.index(kind)).nonzero().flatten().tolist()[:5]
        listed += [
            {"kind": k, "name": f"{kind} {i}", "src": _address(x_B3HW[at])} for i, at in enumerate(members, start=1)
        ]
    return {"kinds": list(ALIKE), "pictures": listed, "tried": None}


def _address(x_3HW: Tensor) -> str:
    buffer = io.BytesIO()
    image.from_rgb(x_3HW).save(buffer, "JPEG", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
