"""The pictures to try the nets on: some that come inside installed packages, some drawn here, and a visitor's own.

CIFAR-10 itself may not be handed on. Whatever it is, a net sees its middle square in 32 × 32 pixels.
"""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from PIL import Image, ImageDraw
from torch import Tensor

from signals import image
from training.data.cifar10 import SIDE

CANVAS = 1024
"""Pixels of a drawing's side before it is made smaller, so that its edges are smooth."""
SHOWN = 256
"""Pixels of the longer side, at most, in which the whole picture is shown."""
Point = tuple[float, float]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Picture:
    """A picture as a net sees it, `x_3HW` uint8 with 32 × 32 pixels; the whole of it, small, as a `data:` address.

    `truth` is one of CIFAR-10's classes, or “” where nobody knows or where it is none of them.
    """

    x_3HW: Tensor
    whole: str
    title: str
    truth: str = ""


def seen(picture: Image.Image, title: str, truth: str = "") -> Picture:
    """A picture's middle square at 32 × 32."""
    return Picture(image.square(picture, SIDE), thumbnail(picture), title, truth)


def upload(path: str) -> Picture:
    """A visitor's picture file; ValueError in a visitor's words where it cannot be read."""
    return seen(image.read(path), "Your picture")


def handed_over(address: str) -> Picture:
    """A picture in a `data:` address; ValueError where there is none."""
    return seen(image.from_data_url(address), "Your picture")


def thumbnail(picture: Image.Image) -> str:
    """The whole picture, small, as a `data:` address."""
    small, buffer = picture.convert("RGB"), io.BytesIO()
    small.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS)
    small.save(buffer, "WEBP", quality=85)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


# Inside installed packages


def _of_scikit_image(file: str) -> Image.Image:
    import skimage

    return image.read(Path(skimage.__file__).parent / "data" / file)


def _of_scikit_learn(file: str) -> Image.Image:
    import sklearn.datasets

    return image.read(Path(sklearn.datasets.__file__).parent / "images" / file)


# Drawn here


@dataclass(frozen=True)
class _Brush:
    """Shapes on a square whose sides are 0 to 100, the origin at the upper left."""

    draw: ImageDraw.ImageDraw

    def area(self, colour: Colour, *points: Point) -> None:
        self.draw.polygon([_at(point) for point in points], fill=colour)

    def box(self, colour: Colour, low: Point, high: Point) -> None:
        self.draw.rectangle((*_at(low), *_at(high)), fill=colour)

    def disc(self, colour: Colour, middle: Point, radius: float, *, flat: float = 1) -> None:
        (x, y), wide, high = middle, radius, radius * flat
        self.draw.ellipse((*_at((x - wide, y - high)), *_at((x + wide, y + high))), fill=colour)


def _at(point: Point) -> Point:
    return CANVAS * point[0] / 100, CANVAS * point[1] / 100


def drawn(paint: Callable[[_Brush], None], above: Colour, below: Colour) -> Image.Image:
    """What `paint` draws, on a ground that fades from one colour down to another."""
    ramp = Image.linear_gradient("L").resize((CANVAS, CANVAS))
    low, high = (Image.new("RGB", ramp.size, colour) for colour in (below, above))
    picture = Image.composite(low, high, ramp)
    paint(_Brush(ImageDraw.Draw(picture)))
    return picture.resize((SHOWN, SHOWN), Image.Resampling.BOX)


def _ship(brush: _Brush) -> None:
    brush.box((52, 92, 128), (0, 64), (100, 100))
    for y in (70, 79, 88, 96):
        brush.box((70, 112, 146), (0, y), (100, y + 1.6))
    brush.area((150, 40, 38), (8, 62), (94, 58), (84, 76), (18, 76))
    brush.area((40, 44, 58), (6, 55), (96, 50), (94, 60), (8, 64))
    brush.box((236, 236, 230), (26, 42), (70, 55))
    brush.box((236, 236, 230), (34, 32), (58, 43))
    for x in range(29, 68, 6):
        brush.box((60, 84, 110), (x, 46), (x + 3, 49))
    brush.area((196, 74, 40), (42, 16), (52, 16), (53, 33), (41, 33))
    brush.box((40, 40, 44), (41.5, 14), (52.5, 19))


def _airplane(brush: _Brush) -> None:
    brush.disc((240, 244, 248), (18, 80), 20, flat=0.4)
    brush.disc((240, 244, 248), (82, 20), 16, flat=0.4)
    brush.area((150, 158, 170), (50, 46), (66, 44), (40, 16), (31, 17))
    brush.area((226, 230, 236), (8, 55), (16, 49), (78, 42), (92, 46), (94, 50), (84, 54), (20, 60))
    brush.area((178, 186, 198), (44, 52), (62, 50), (36, 84), (26, 84))
    brush.area((44, 84, 150), (6, 30), (14, 29), (26, 50), (12, 54))
    brush.area((170, 178, 190), (6, 58), (18, 53), (12, 64), (5, 65))
    for x in range(30, 80, 5):
        brush.disc((70, 84, 104), (x, 52 - 0.07 * x), 1.2)
    brush.area((60, 70, 90), (84, 44.5), (90, 46), (89, 48), (83, 47))


def _truck(brush: _Brush) -> None:
    brush.box((104, 106, 110), (0, 74), (100, 100))
    brush.box((206, 206, 200), (0, 86), (100, 88))
    brush.box((222, 224, 226), (4, 22), (62, 70))
    brush.box((200, 202, 206), (4, 66), (62, 71))
    brush.area((186, 36, 32), (64, 32), (84, 32), (92, 50), (96, 52), (96, 72), (64, 72))
    brush.area((164, 198, 216), (70, 36), (82, 36), (88, 50), (70, 50))
    brush.box((54, 54, 58), (4, 71), (96, 76))
    brush.box((250, 236, 170), (93, 58), (96, 63))
    for x in (18, 46, 80):
        brush.disc((26, 26, 28), (x, 76), 8.5)
        brush.disc((150, 150, 154), (x, 76), 3.6)


def _guitar(brush: _Brush) -> None:
    brush.area((92, 58, 34), (62, 42), (67, 47), (94, 16), (90, 12))
    brush.area((60, 38, 24), (86, 12), (92, 6), (99, 13), (93, 19))
    brush.disc((196, 124, 58), (30, 70), 25)
    brush.disc((196, 124, 58), (52, 50), 18)
    brush.area((196, 124, 58), (28, 46), (46, 36), (68, 60), (50, 76))
    brush.disc((46, 28, 18), (44, 58), 7.5)
    brush.area((70, 42, 26), (20, 74), (27, 81), (31, 77), (24, 70))
    for way in range(4):
        brush.area(
            (236, 226, 206),
            (24 + way, 75 + way),
            (24.7 + way, 75.7 + way),
            (92 + way, 11 + way),
            (91.5 + way, 10.5 + way),
        )


# What there is to choose from

EXAMPLES: dict[str, tuple[str, Callable[[], Image.Image]]] = {
    "a cat": ("cat", partial(_of_scikit_image, "chelsea.png")),
    "a ship, drawn": ("ship", partial(drawn, _ship, (150, 190, 226), (226, 232, 236))),
    "a truck, drawn": ("truck", partial(drawn, _truck, (168, 200, 228), (224, 228, 224))),
    "an airplane, drawn": ("airplane", partial(drawn, _airplane, (84, 142, 208), (176, 208, 236))),
    "a horse’s outline": ("horse", partial(_of_scikit_image, "horse.png")),
    "a cup of coffee": ("", partial(_of_scikit_image, "coffee.png")),
    "a flower": ("", partial(_of_scikit_learn, "flower.jpg")),
    "a guitar, drawn": ("", partial(drawn, _guitar, (238, 236, 230), (206, 204, 196))),
}
"""What each shows, if that is one of the ten classes, and how it is made. No net was trained on any of them."""
FIRST = next(iter(EXAMPLES))


@cache
def example(key: str) -> Picture:
    """One of `EXAMPLES`; ValueError for another key."""
    if key not in EXAMPLES:
        raise ValueError("There is no example of this name: choose one on the page, or upload a picture.")
    truth, made = EXAMPLES[key]
    return seen(made(), key[:1].upper() + key[1:], truth)


def offered() -> list[dict[str, str]]:
    """Every example for a gallery."""
    return [{"key": key, "name": key, "src": example(key).whole} for key in EXAMPLES]
