"""Strokes on the pad, as the browser hands them over."""

from PIL import Image, ImageDraw

from signals import image


def drawn(points: list[tuple[int, int]], width: int = 22) -> str:
    """A stroke through `points` (pixels of 280), a PNG as a `data:` address."""
    picture = Image.new("RGB", (280, 280), "white")
    ImageDraw.Draw(picture).line(points, fill="black", width=width, joint="curve")
    return image.to_data_url(picture)


BLANK = image.to_data_url(Image.new("RGB", (280, 280), "white"))
ONE, SEVEN = drawn([(145, 40), (135, 240)]), drawn([(80, 60), (200, 60), (120, 240)])
