"""Pictures: whole ones in every form and mode, bombs, odd shapes, and files that lie about themselves."""

import base64
import io
import struct
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from tests.fuzz.things import MARK, Expect, File, Kind, Thing, cut, file, flipped


def scene(width: int = 96, height: int = 64, seed: int = 1) -> Image.Image:
    """Soft shapes in colour with a thick stroke across, so that every reader finds something in it."""
    y_HW, x_HW = np.mgrid[0:height, 0:width]
    waves = [np.sin(x_HW / 9 + k) * np.cos(y_HW / 7 + seed + k) for k in range(3)]
    picture = (127 + 60 * np.stack(waves, axis=2)).astype(np.uint8)
    stroke_HW = np.abs(x_HW * height / width - y_HW) < max(2, height // 12)
    picture[stroke_HW] = 250
    return Image.fromarray(picture)


def written(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def address(content: bytes, kind: str = "png") -> str:
    """A picture as the page's own boards send it."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def chunk(name: bytes, content: bytes, crc: int | None = None) -> bytes:
    said = zlib.crc32(name + content) if crc is None else crc
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", said)


def png(
    width: int, height: int, body: bytes, *extra: bytes, depth: int = 8, colour: int = 0, end: bool = True
) -> bytes:
    """A PNG whose header says what it is told to say; `body` is not yet squeezed."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    tail = chunk(b"IEND", b"") if end else b""
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", zlib.compress(body, 9)) + tail


def plain(width: int, height: int) -> bytes:
    """A PNG of one grey, as small as it gets: one bit a pixel."""
    return png(width, height, (b"\x00" + b"\x00" * -(-width // 8)) * height, depth=1)


def _form(form: str, mode: str = "RGB", expect: Expect = "answer", **options: Any) -> Kind:
    def made(draw: Random) -> bytes:
        return written(scene(seed=draw.randrange(99)).convert(mode), form, **options)

    return file(f"a {form} of mode {mode}", expect, f"good.{form.lower()}", made)


def _deep(form: str, words: str, values: Callable[[np.ndarray], np.ndarray], name: str) -> Kind:
    def made(draw: Random) -> bytes:
        return written(Image.fromarray(values(np.asarray(scene().convert("L"), dtype=np.float64))), form)

    return file(words, "either", name, made)


def _sized(width: int, height: int, expect: Expect = "either") -> Kind:
    return file(f"{width:,} × {height:,} pixels", expect, "size.png", lambda d: plain(width, height))


def _turned(orientation: int) -> Kind:
    def made(draw: Random) -> bytes:
        exif = Image.Exif()
        exif[0x0112] = orientation
        return written(scene(), "JPEG", exif=exif)

    return file(f"EXIF orientation {orientation}", "either", "turned.jpg", made)


def _text(words: str, name: str, content: bytes, expect: Expect = "refuse") -> Kind:
    return file(words, expect, name, lambda draw: content)


def _named(words: str, name: str) -> Kind:
    return file(f"a good picture named {words}", "either", name, lambda draw: written(scene()))


def _spoiled(form: str) -> list[Kind]:
    whole, name = lambda: written(scene(), form), f"spoiled.{form.lower()}"
    return [
        file(
            f"{form} with bytes flipped in its head", "either", name, lambda d: flipped(whole(), d, among=48, times=2)
        ),
        file(f"{form} with bytes flipped anywhere", "either", name, lambda d: flipped(whole(), d, times=8)),
        file(f"{form} cut short", "either", name, lambda d: cut(whole(), d)),
    ]


def _moving(form: str, frames: int) -> Kind:
    def made(draw: Random) -> bytes:
        others = [scene(seed=i) for i in range(1, frames)]
        return written(scene(), form, save_all=True, append_images=others)

    return file(f"{form} of {frames:,} frames", "either", f"moving.{form.lower()}", made)


def _stretched(draw: Random) -> Thing:
    """A shape that nobody expects."""
    width, height = draw.choice([(1, 1), (1, 999), (999, 1), (2, 3), (7, 5000), (3000, 9), (28, 28), (513, 511)])
    return Thing(f"{width} × {height} pixels in colour", files=(File("odd.png", written(scene(width, height))),))


def scans(draw: Random) -> bytes:
    """A progressive JPEG whose last scan comes again and again: each of them is decoded over the whole picture."""
    whole = written(scene(640, 480), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * (1_000_000 // len(last)) + whole[-2:]


BOMB = 300_000_000
"""Bytes that a bomb becomes."""
KINDS: tuple[Kind, ...] = (
    _form("PNG"), _form("PNG", "L"), _form("PNG", "1"), _form("PNG", "LA"), _form("PNG", "P"), _form("PNG", "RGBA"),
    _form("JPEG"), _form("JPEG", "L"), _form("JPEG", "CMYK"), _form("JPEG", "RGB", progressive=True),
    _form("GIF", "P"), _form("WEBP"), _form("WEBP", "RGBA", lossless=True), _form("BMP"), _form("BMP", "1"),
    _form("TIFF"), _form("TIFF", "CMYK"), _form("TIFF", "LAB"), _form("TIFF", "RGB", compression="tiff_lzw"),
    _form("PPM"), _form("PPM", "L"),
    _deep("PNG", "16 bits a pixel", lambda z: (z * 257).astype(np.uint16), "deep.png"),
    _deep("TIFF", "floats", lambda z: (z / 255).astype(np.float32), "float.tif"),
    _deep("TIFF", "floats that are NaN", lambda z: (z * np.nan).astype(np.float32), "nan.tif"),
    _deep("TIFF", "infinite floats", lambda z: np.where(z > 100, np.inf, -np.inf).astype(np.float32), "inf.tif"),
    _deep("TIFF", "32-bit integers", lambda z: (z * 1e6).astype(np.int32), "int.tif"),
    _sized(1, 1), _sized(3, 3), _sized(1, 30_000), _sized(30_000, 1), _sized(28, 28), _sized(640, 480),
    _sized(4_000, 3_900), _sized(4_001, 4_000, "refuse"), _sized(20_000, 20_000, "refuse"),
    _text("a header of 2 billion columns", "wide.png", png(2**31 - 1, 1, b"\x00")),
    _stretched, _stretched,
    file("pixels that swell to 300 MB", "either", "bomb.png", lambda d: png(64, 64, bytes(BOMB))),
    file("words that swell to 300 MB", "either", "words.png", lambda d: png(
        8, 8, (b"\x00" + b"\x50" * 8) * 8, chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(BOMB), 9)))),
    file("a colour profile that is none", "either", "profile.png", lambda d: png(
        8, 8, (b"\x00" + b"\x50" * 8) * 8, chunk(b"iCCP", b"a\x00\x00" + zlib.compress(b"none")))),
    file("a wrong check sum", "either", "sum.png", lambda d: png(
        8, 8, (b"\x00" + b"\x50" * 8) * 8, chunk(b"tEXt", b"a\x00b", crc=7))),
    file("no end", "either", "end.png", lambda d: png(64, 64, (b"\x00" + b"\x50" * 64) * 64, end=False)),
    file("0 × 0 pixels", "refuse", "none.png", lambda d: png(0, 0, b"")),
    *map(_turned, (1, 3, 6, 8, 77)),
    file("broken EXIF", "either", "exif.jpg", lambda d: written(scene(), "JPEG", exif=b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff")),
    file("a JPEG whose last scan comes again and again", "either", "scans.jpg", scans),
    file("a PPM of 255 levels", "either", "levels.ppm", lambda d: b"P6\n640 480\n254\n" + bytes(640 * 480 * 3)),
    file("a PPM in text", "either", "text.ppm", lambda d: b"P3\n640 480\n255\n" + b"7 " * (640 * 480 * 3)),
    _moving("GIF", 40), _moving("WEBP", 5), _moving("PNG", 5), _moving("TIFF", 5),
    _text("an SVG", "drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    _text("an SVG that calls itself PNG", "drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    _text("a HEIC's beginning", "photo.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00" + bytes(200)),
    _text("PostScript", "page.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(x) run\n"),
    _text("a PDF", "page.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n"),
    _text("nothing in it", "empty.png", b""),
    _text("text", "text.jpg", b"This is no picture. " * 20),
    _text("a PPM with words for numbers", "words.ppm", b"P6\nabc def\n255\n" + bytes(300)),
    _text("a PPM of negative size", "less.ppm", b"P6\n-8 8\n255\n" + bytes(300)),
    _text("a PPM with a range of 0", "range.ppm", b"P5\n8 8\n0\n" + bytes(64)),
    _text("a PPM in text, cut", "cut.ppm", b"P3\n8 8\n255\n1 2 x", "refuse"),
    _text("a PPM with a very long number", "long.ppm", b"P6\n" + b"9" * 5000 + b" 8\n255\n" + bytes(64)),
    _text("a BMP of negative size", "less.bmp", written(scene(), "BMP")[:18] + struct.pack("<ii", -96, -64) + written(scene(), "BMP")[26:], "either"),
    _text("a TIFF that leads in a circle", "circle.tif", b"II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00", "refuse"),
    file("a JPEG that calls itself PNG", "either", "jpeg.png", lambda d: written(scene(), "JPEG")),
    _named("with markup", f"{MARK}.png"), _named("with 300 letters", "b" * 300 + ".png"),
    _named("with a path", "..\\..\\windows\\x.png"), _named("without an ending", "picture"), _named("as a sound", "p.wav"),
    *(kind for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM") for kind in _spoiled(form)),
)  # fmt: skip
