"""Pictures in and out: reading whatever file a visitor brings, and MNIST's own form of a digit."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

MAX_PIXELS = 16_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM")
"""Pillow knows more; some of those start other programs."""
MAX_ADDRESS = 4_000_000
"""Characters of a `data:` address: the page sends drawings and small pictures so, and what is large as a file."""
MAX_SCANS = 64
"""Of a progressive JPEG: each goes over all of the picture, though it may have 50 bytes. Ten are usual."""
SLOW, MAX_SLOW_BYTES = {"ppm", "ppm_plain", "bmp_rle"}, 4_000_000
"""Pillow's decoders that take a microsecond for each number, and how much of a file they may have to do with."""
TIFF_FORMS = {"raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "jpeg"}
"""Of a TIFF's compressions: those of fax machines write a line to the log for every row of junk."""
BAND = 256
"""Rows of a picture that are worked on at a time, where a copy of all would be large."""
TOO_LARGE = (
    f"This picture is too large: at most {MAX_PIXELS / 1e6:.0f} million pixels (4,000 × 4,000) can be read. "
    "Make it smaller and try again."
)
UNUSUAL = (
    "This picture is stored in an unusual way, which is not read here. Save it as a PNG or a plain JPEG and try again."
)
UNKNOWN = "This file is not a picture that can be read. Try a PNG or a JPEG."
BROKEN = "This picture is broken or cut short. Save it again and retry."
NO_PICTURE = "There is no picture here. Draw again, or choose another file."
COLOURED = 0.06
"""The `colourfulness` above which a picture is taken for one in colour: scans and cameras tint grey a little."""
INK = 0.15
"""Of the range from paper to ink, what counts as drawn."""
CLOTH = 0.7
"""How light a drawn garment is taken to be: the median of Fashion-MNIST's cloth is 0.68."""


def read(source: str | Path | io.BytesIO) -> Image.Image:
    """The first frame of a picture file as upright 8-bit RGB on white, whatever its mode.

    Raises ValueError with a sentence for the visitor: not a picture, broken, or above `MAX_PIXELS`.
    """
    return _on_white(read_whole(source))


def read_whole(source: str | Path | io.BytesIO) -> Image.Image:
    """The first frame of a picture file, upright and in 8 bits: L, LA, RGB or RGBA, grey and transparency kept.

    Raises ValueError as `read` does.
    """
    if source is None:
        raise ValueError(NO_PICTURE)
    try:
        with Image.open(source, formats=FORMATS) as picture:
            refused = _refused(picture)
            if not refused:
                picture.seek(0)
                ImageOps.exif_transpose(picture, in_place=True)
                return _eight_bits(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(TOO_LARGE) from None
    except UnidentifiedImageError:
        raise ValueError(UNKNOWN) from None
    except (
        Exception
    ) as error:  # Pillow's readers raise whatever they stumble over: SyntaxError, struct.error, KeyError …
        raise ValueError(BROKEN) from error
    raise ValueError(refused)


def _refused(picture: Image.Image) -> str:
    """Why a picture is not to be decoded, in a sentence, by what is known before; nothing where it may be."""
    if picture.width * picture.height > MAX_PIXELS:
        return TOO_LARGE
    if picture.format == "TIFF" and picture.info.get("compression") not in TIFF_FORMS:
        return UNUSUAL
    by_python = any(tile[0] in SLOW for tile in getattr(picture, "tile", ()))
    has_scans = picture.format in ("JPEG", "MPO") or "jpeg" in str(picture.info.get("compression"))
    if not by_python and not has_scans:
        return ""
    file = picture.fp  # type: ignore[attr-defined]
    at = file.tell()
    file.seek(0)
    content = file.read()
    file.seek(at)
    slow = len(content) > MAX_SLOW_BYTES if by_python else content.count(b"\xff\xda") > MAX_SCANS
    return UNUSUAL if slow else ""


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I") or picture.mode == "F":  # 16 or 32 bits a pixel: Pillow would clip at 255
        brightest = max(values.max() for _, values in _bands(picture))
        fulls = (65535.0,) if picture.mode.startswith("I;16") else (1.0, 255.0, 65535.0, max(1.0, brightest))
        full = next(full for full in fulls if brightest <= full)
        grey_HW = np.empty((picture.height, picture.width), dtype=np.uint8)
        for top, values in _bands(picture):
            grey_HW[top : top + BAND] = (values.clip(0, full) * (255 / full)).round()
        return Image.fromarray(grey_HW)
    grey = picture.mode in ("1", "L", "LA", "La")
    mode = ("LA" if grey else "RGBA") if picture.has_transparency_data else ("L" if grey else "RGB")
    return picture if picture.mode == mode and "transparency" not in picture.info else picture.convert(mode)


def _bands(picture: Image.Image) -> Iterator[tuple[int, np.ndarray]]:
    """Where each band of rows begins, and its values in double precision: those of all at once would be 128 MB."""
    for top in range(0, picture.height, BAND):
        rows = picture.crop((0, top, picture.width, min(picture.height, top + BAND)))
        yield top, np.nan_to_num(np.asarray(rows, dtype=np.float64))


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode not in ("LA", "RGBA"):
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    white = Image.new("RGB", picture.size)
    for top in range(0, picture.height, BAND):
        rows = picture.crop((0, top, picture.width, min(picture.height, top + BAND))).convert("RGBA")
        white.paste(Image.alpha_composite(Image.new("RGBA", rows.size, "white"), rows).convert("RGB"), (0, top))
    return white


def as_mnist(picture: Image.Image) -> Tensor:
    """A picture of one digit as MNIST would have stored it: `(28, 28)` in [0, 1], light on dark.

    LeCun et al. 1998: cropped, scaled by its own aspect into a box of 20 × 20, its centre of mass in the centre of
    28 × 28. What the border shows is the paper, so dark on light comes out as light on dark comes in.
    Raises ValueError where nothing is drawn.
    """
    ink = _ink(picture)
    if ink is None:
        raise ValueError("There is nothing to read here yet: draw one digit, or choose a picture of one.")
    small = _fitted(ink, 20)
    return torch.from_numpy(_centred(small / small.max(), 28))


def as_fashion_mnist(picture: Image.Image, *, drawn: bool = False) -> Tensor:
    """A picture of one garment as Fashion-MNIST would have stored it: `(28, 28)` in [0, 1], light on dark.

    Xiao et al. 2017: cropped, its longest side scaled to 28, in the middle of 28 × 28; what is 28 × 28 already stays as
    it is. What is `drawn` in outline is filled, and as light as cloth is. Raises ValueError where there is nothing.
    """
    is_small = picture.size == (28, 28)
    ink = np.asarray(picture.convert("L"), dtype=np.float32) / 255 if is_small else _ink(picture)
    if ink is None or ink.max() < INK:
        raise ValueError("There is nothing to read here yet: draw one garment, or choose a picture of one.")
    if is_small:
        return torch.from_numpy(ink)
    if drawn:
        from scipy.ndimage import binary_fill_holes  # not on the way of the first page

        ink = np.float32(CLOTH) * np.maximum(ink, np.asarray(binary_fill_holes(ink > INK)))
    small = _fitted(ink, 28)
    square = np.zeros((28, 28), dtype=np.float32)
    top, left = (28 - small.shape[0]) // 2, (28 - small.shape[1]) // 2
    square[top : top + small.shape[0], left : left + small.shape[1]] = small
    return torch.from_numpy(square)


def _ink(picture: Image.Image) -> np.ndarray | None:
    """How much each pixel differs from the paper, 0 to 1, cropped to what is drawn; None where nothing is.

    What the border shows is the paper.
    """
    picture = picture.convert("L")
    picture.thumbnail((560, 560), Image.Resampling.BOX)  # 28 × 28 is all that will be left of it
    grey = np.asarray(picture, dtype=np.float32) / 255
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = np.abs(grey - np.median(border))
    if min(grey.shape) < 4 or ink.max() < INK:
        return None
    ink = ((ink - 0.1 * ink.max()) / (0.9 * ink.max())).clip(0, 1)  # paper texture and compression noise are not ink
    rows, columns = np.flatnonzero(ink.max(1) > INK), np.flatnonzero(ink.max(0) > INK)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _fitted(ink_HW: np.ndarray, side: int) -> np.ndarray:
    """`ink` with its longest side scaled to `side`."""
    scale = side / max(ink_HW.shape)
    size = (max(1, round(ink_HW.shape[1] * scale)), max(1, round(ink_HW.shape[0] * scale)))
    how = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(ink_HW).resize(size, how)).clip(0, 1)


def _centred(ink_HW: np.ndarray, side: int) -> np.ndarray:
    """`ink` on an empty square, its centre of mass as near to the middle as whole pixels and the edges allow.

    The middle is that of MNIST's own digits (measured: 14.5 of 28 both ways), the centre of pixel 14 counted from 0.
    """
    offsets = []
    for axis, length in enumerate(ink_HW.shape):
        mass = ink_HW.sum(1 - axis)
        centre = (mass * (np.arange(length) + 0.5)).sum() / mass.sum()
        offsets.append(int(np.clip(round((side + 1) / 2 - centre), 0, side - length)))
    square = np.zeros((side, side), dtype=np.float32)
    square[offsets[0] : offsets[0] + ink_HW.shape[0], offsets[1] : offsets[1] + ink_HW.shape[1]] = ink_HW
    return square


def to_unit(x_X: Tensor) -> Tensor:
    """8-bit pictures as float32 in [0, 1]: `(..., H, W)`, the shape that came in."""
    return x_X.float() / 255


def from_unit(x_HW: Tensor) -> Image.Image:
    """A picture `(H, W)` in [0, 1] as 8-bit grey."""
    return Image.fromarray((x_HW.clamp(0, 1) * 255).round().byte().cpu().numpy())


def to_data_url(picture: Image.Image) -> str:
    """The picture as a PNG inside a `data:` address, for a page that fetches nothing."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def from_data_url(address: str) -> Image.Image:
    """The picture inside a `data:` address; ValueError where there is none, or what a program sent is no address."""
    if not isinstance(address, str) or not address.startswith("data:image/"):
        raise ValueError(NO_PICTURE)
    if len(address) > MAX_ADDRESS:
        raise ValueError(
            f"This picture is too large to be sent as text: {MAX_ADDRESS // 1_000_000} MB at most. Upload it as a file."
        )
    try:
        content = base64.b64decode(address.partition(",")[2], validate=True)
    except ValueError:
        raise ValueError(NO_PICTURE) from None
    return read(io.BytesIO(content))


def square(picture: Image.Image, side: int) -> Tensor:
    """The middle square of a picture at `side` pixels, `(3, side, side)` uint8; what is smaller is scaled up."""
    length = min(picture.size)
    left, top = (picture.width - length) // 2, (picture.height - length) // 2
    how = Image.Resampling.BOX if length >= 2 * side else Image.Resampling.BICUBIC  # bicubic antialiases, box is exact
    if length == side:
        how = Image.Resampling.NEAREST
    small = picture.convert("RGB").resize((side, side), how, box=(left, top, left + length, top + length))
    return torch.from_numpy(np.array(small)).permute(2, 0, 1).contiguous()


def colourfulness(x_B3HW: Tensor) -> Tensor:
    """`(B,)`: how far red, green and blue of 8-bit pictures lie apart, on average: 0 of grey, 1 of pure colours."""
    return (x_B3HW.amax(1).float() - x_B3HW.amin(1).float()).mean((1, 2)) / 255


def from_rgb(x_3HW: Tensor) -> Image.Image:
    """An 8-bit picture `(3, H, W)` as Pillow has it."""
    return Image.fromarray(x_3HW.permute(1, 2, 0).contiguous().cpu().numpy())


def shift_by(x_BCHW: Tensor, right: int, down: int) -> Tensor:
    """Pictures `(B, C, H, W)` of any kind of number moved by whole pixels; what comes in repeats the edge's own."""
    row_H, column_W = (
        (torch.arange(side, device=x_BCHW.device) - by).clamp(0, side - 1)
        for by, side in ((down, x_BCHW.shape[2]), (right, x_BCHW.shape[3]))
    )
    return x_BCHW.index_select(2, row_H).index_select(3, column_W)
