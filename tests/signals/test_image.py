"""Whatever file a visitor brings is read, or refused with a sentence that says what to do."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from signals.image import (
    CLOTH,
    MAX_ADDRESS,
    as_fashion_mnist,
    as_mnist,
    from_data_url,
    from_unit,
    read,
    shift_by,
    to_data_url,
    to_unit,
)
from training.data import mnist, samples


def seven(ink: object = 0, paper: object = 255, mode: str = "L", size: tuple[int, int] = (120, 160)) -> Image.Image:
    picture = Image.new(mode, size, paper)  # type: ignore[arg-type]
    width, height = size
    points = [(width * 0.25, height * 0.2), (width * 0.7, height * 0.2), (width * 0.45, height * 0.85)]
    ImageDraw.Draw(picture).line(points, fill=ink, width=max(1, width // 10))  # type: ignore[arg-type]
    return picture


def saved(picture: Image.Image, path: Path, **options: object) -> Path:
    picture.save(path, **options)  # type: ignore[arg-type]
    return path


EXPECTED = as_mnist(seven())


def close(x_HW: torch.Tensor) -> bool:
    return bool((x_HW - EXPECTED).abs().mean() < 0.03)


def test_mnists_own_form() -> None:
    rows, _columns = (EXPECTED > 0.05).nonzero().unbind(1)
    assert EXPECTED.shape == (28, 28)
    assert EXPECTED.min() == 0 and EXPECTED.max() == 1
    assert rows.max() - rows.min() + 1 in (19, 20)  # the longer side fills the box of 20
    centre = (EXPECTED.sum(1) * (torch.arange(28) + 0.5)).sum() / EXPECTED.sum()
    assert abs(centre - 14) <= 0.5


def test_light_on_dark_reads_like_dark_on_light() -> None:
    assert close(as_mnist(seven(ink=255, paper=0)))


@pytest.mark.parametrize("size", [(120, 160), (240, 320), (1200, 1600)])
def test_size_does_not_matter(size: tuple[int, int]) -> None:
    assert close(as_mnist(seven(size=size)))


def test_a_flat_line_and_a_dot_fit_the_square() -> None:
    for box in ((5, 78, 155, 82), (78, 5, 82, 155), (70, 70, 72, 72), (0, 0, 8, 8)):
        picture = Image.new("L", (160, 160), 255)
        ImageDraw.Draw(picture).rectangle(box, fill=0)
        assert as_mnist(picture).shape == (28, 28)


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 200), (280, 280)])
def test_nothing_drawn(size: tuple[int, int], value: int) -> None:
    with pytest.raises(ValueError, match="nothing to read here yet: draw one digit"):
        as_mnist(Image.new("L", size, value))


def test_fashion_mnists_own_form() -> None:
    found = as_fashion_mnist(seven())
    rows, columns = (found > 0.05).nonzero().unbind(1)
    assert found.shape == (28, 28) and rows.min() == 0 and rows.max() == 27, "the longer side fills the square"
    assert abs((columns.min() + columns.max()).item() / 2 - 13.5) <= 0.5
    assert (found - as_fashion_mnist(seven(ink=255, paper=0))).abs().mean() < 0.03


def test_what_is_in_fashion_mnists_form_stays_as_it_is() -> None:
    draw = torch.Generator().manual_seed(0)
    x_HW = torch.randint(256, (28, 28), generator=draw, dtype=torch.uint8)
    assert torch.allclose(as_fashion_mnist(Image.fromarray(x_HW.numpy())), to_unit(x_HW))


def test_a_drawn_outline_is_filled_and_an_open_line_is_not() -> None:
    ring = Image.new("L", (200, 200), 0)
    ImageDraw.Draw(ring).rectangle((40, 40, 160, 160), outline=255, width=12)
    assert as_fashion_mnist(ring)[14, 14] == 0 and as_fashion_mnist(ring, drawn=True)[14, 14] == pytest.approx(CLOTH)
    assert torch.allclose(as_fashion_mnist(seven(), drawn=True), CLOTH * as_fashion_mnist(seven()))


@pytest.mark.parametrize("size", [(1, 1), (28, 28), (280, 280)])
def test_no_garment(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="draw one garment"):
        as_fashion_mnist(Image.new("L", size, 0))


def test_modes(tmp_path: Path) -> None:
    rgb = seven(ink=(10, 20, 30), paper=(250, 250, 250), mode="RGB")
    assert close(as_mnist(read(saved(rgb.convert("CMYK"), tmp_path / "cmyk.jpg", quality=95))))
    assert close(as_mnist(read(saved(rgb.quantize(16), tmp_path / "palette.png"))))
    assert close(as_mnist(read(saved(rgb.convert("1", dither=Image.Dither.NONE), tmp_path / "bits.png"))))
    assert close(as_mnist(read(saved(seven(ink=0, paper=65535, mode="I;16"), tmp_path / "deep.png"))))
    assert close(as_mnist(read(saved(seven(ink=0.0, paper=1.0, mode="F"), tmp_path / "float.tiff")))) is True


def test_transparent_paper(tmp_path: Path) -> None:
    drawn = seven(ink=(0, 0, 0, 255), paper=(0, 0, 0, 0), mode="RGBA")
    assert close(as_mnist(read(saved(drawn, tmp_path / "clear.png"))))


def test_animated_shows_its_first_frame(tmp_path: Path) -> None:
    frames = [seven(), Image.new("L", (120, 160), 255)]
    path = tmp_path / "moving.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert close(as_mnist(read(path)))


def test_turned_by_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6  # the camera lay on its side
    path = saved(seven().transpose(Image.Transpose.ROTATE_90), tmp_path / "turned.jpg", exif=exif, quality=95)
    assert close(as_mnist(read(path)))


def huge_png(side: int) -> bytes:
    """A PNG that claims to be `side` × `side`, and whose pixels nobody should try to decode."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [5_000, 11_000, 30_000])
def test_too_large(side: int) -> None:
    with pytest.raises(ValueError, match=r"too large: at most 16 million pixels.* Make it smaller"):
        read(io.BytesIO(huge_png(side)))


def test_not_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("a text file called .png")
    with pytest.raises(ValueError, match="not a picture that can be read"):
        read(path)


@pytest.mark.parametrize("keep", [0, 10, 60, 200])
def test_cut_short(tmp_path: Path, keep: int) -> None:
    path = saved(seven(), tmp_path / "whole.png")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"not a picture|broken or cut short"):
        read(path)


def test_data_urls() -> None:
    picture = seven().convert("RGB")
    assert np.array_equal(np.asarray(from_data_url(to_data_url(picture))), np.asarray(picture))
    for wrong in (
        "",
        "hello",
        "data:text/plain;base64,aGk=",
        "data:image/png;base64,???",
        "data:image/png;base64,aGk=",
    ):
        with pytest.raises(ValueError, match="picture"):
            from_data_url(wrong)


def test_from_unit_is_exact() -> None:
    levels = torch.arange(256).reshape(16, 16) / 255
    assert np.array_equal(np.asarray(from_unit(levels)), np.arange(256, dtype=np.uint8).reshape(16, 16))


def test_a_digit_comes_back_where_mnist_has_it() -> None:
    """Enlarged and dark on light, as a visitor brings it: its centre of mass is where MNIST puts it, to the pixel."""
    with samples():
        x_BHW = to_unit(mnist.official("test")[0][:200, 0])
    large = [from_unit(1 - x_HW).resize((280, 280), Image.Resampling.BICUBIC) for x_HW in x_BHW]
    again_BHW = torch.stack([as_mnist(picture) for picture in large])
    off_B = (again_BHW - x_BHW).abs().mean((1, 2))
    assert off_B.mean() < 0.03, "half a pixel further up and to the left it is twice as much"


@pytest.mark.parametrize(
    "content",
    [b"P3\n2 2\n255\nabc", b"P2\n2 2\n0\n1 2 3 4", b"P6 123456789012 2 255\n", b"Pf\n2 2\nx\n", b"P5\n-2 2\n255\n1234"],
)
def test_no_word_of_pillows_is_heard(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a picture that can be read|broken or cut short"):
        read(io.BytesIO(content))


def test_what_is_no_picture_at_all_is_refused() -> None:
    """A program may send null, a number, or strokes."""
    for wrong in (None, 5, [[1, 2]], {"src": 1}):
        with pytest.raises(ValueError, match="no picture here"):
            from_data_url(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no picture here"):
        read(None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="too large to be sent as text: 4 MB"):
        from_data_url("data:image/png;base64," + "A" * MAX_ADDRESS)


def test_a_jpeg_of_scans_without_end_is_refused() -> None:
    """Each scan has 53 bytes and goes over 16 million pixels: 20 MB of them took a core for more than half an hour."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), (9, 9, 9)).save(buffer, "JPEG", progressive=True)
    whole = buffer.getvalue()
    assert read(io.BytesIO(whole)).size == (64, 64)
    scan = whole[whole.rfind(b"\xff\xda") : -2]
    with pytest.raises(ValueError, match="stored in an unusual way"):
        read(io.BytesIO(whole[:-2] + 100 * scan + whole[-2:]))


def test_the_compressions_of_fax_machines_are_refused(tmp_path: Path) -> None:
    """libtiff writes a line to the server's log for every row that is junk: 865 kB for a file of 54 kB."""
    for form in ("group3", "group4", "tiff_ccitt"):
        with pytest.raises(ValueError, match="stored in an unusual way"):
            read(saved(Image.new("1", (40, 40), 1), tmp_path / "fax.tif", compression=form))
    for form in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg"):
        assert read(saved(Image.new("L", (40, 40), 200), tmp_path / "a.tif", compression=form)).size == (40, 40)


@pytest.mark.parametrize("head", [b"P6 1500 1500 254\n", b"P3 1500 1500 255\n"])
def test_what_pillow_decodes_number_by_number_must_be_small(head: bytes) -> None:
    with pytest.raises(ValueError, match="stored in an unusual way"):
        read(io.BytesIO(head + bytes(5_000_000)))
    assert read(io.BytesIO(head.replace(b"1500", b"2") + b"1 " * 12)).size == (2, 2)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the greatest size of a process is read there")
@pytest.mark.parametrize(
    ("mode", "form", "limit"), [("I;16", "PNG", 140), ("F", "TIFF", 190), ("RGBA", "PNG", 200), ("RGB", "JPEG", 140)]
)
def test_the_largest_picture_takes_little_more_than_its_pixels(
    tmp_path: Path, mode: str, form: str, limit: int
) -> None:
    """4,000 × 4,000, read in a process of its own, by its greatest size: 16 bits took half a GB."""
    path = saved(
        Image.new(mode, (4000, 4000)),
        tmp_path / "a",
        format=form,
        **{"compression": "tiff_lzw"} if form == "TIFF" else {},
    )
    script = (
        "import re, sys; from signals.image import read\n"
        "size = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) / 1024\n"
        "before = size(); read(sys.argv[1]); print(size() - before)"
    )
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run([sys.executable, "-c", script, path], cwd=root, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < limit, "in MiB"


def test_a_picture_is_moved_and_its_edge_repeated() -> None:
    x = torch.arange(12).view(1, 1, 3, 4)
    assert shift_by(x, 1, 0)[0, 0].tolist() == [[0, 0, 1, 2], [4, 4, 5, 6], [8, 8, 9, 10]]
    assert shift_by(x, -2, 1)[0, 0].tolist() == [[2, 3, 3, 3], [2, 3, 3, 3], [6, 7, 7, 7]]
    assert torch.equal(shift_by(x, 0, 0), x)
