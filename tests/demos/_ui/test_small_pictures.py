"""The pictures to try: each is there, differs from the others, and is cut to its middle square."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from demos._ui import small_pictures as pictures
from signals import image
from training.data.cifar10 import CLASSES


def test_every_example_is_a_picture_of_its_own() -> None:
    seen = [pictures.example(key) for key in pictures.EXAMPLES]
    assert all(p.x_3HW.shape == (3, 32, 32) and p.x_3HW.dtype == torch.uint8 for p in seen)
    assert all(p.truth in ("", *CLASSES) for p in seen) and sum(not p.truth for p in seen) >= 2, "strangers too"
    assert len({p.x_3HW.numpy().tobytes() for p in seen}) == len(seen)
    assert all(p.x_3HW.float().std() > 20 for p in seen), "something is to be seen"


def test_an_upload_is_cut_to_its_middle_square(tmp_path: Path) -> None:
    wide = Image.new("RGB", (96, 32), "red")
    wide.paste("blue", (32, 0, 64, 32))
    wide.save(tmp_path / "wide.png")
    brought = pictures.upload(str(tmp_path / "wide.png"))
    assert brought.x_3HW.flatten(1).float().mean(1).tolist() == [0, 0, 255]
    whole = image.from_data_url(brought.whole)
    assert whole.size == (96, 32), "the whole is kept to be shown"


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(ValueError, match="picture"):
        pictures.upload(str(tmp_path / "x.png"))


def test_an_example_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no example of this name"):
        pictures.example("../../x")
