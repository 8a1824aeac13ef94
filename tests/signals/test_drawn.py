"""Drawn pictures are the same for the same seed, differ between kinds, and are dark where their subject is."""

import numpy as np
import pytest

from signals.drawn import MOLES, NUCLEI, cell, mole


@pytest.mark.parametrize(("draw", "kinds"), [(cell, NUCLEI), (mole, MOLES)])
def test_seeded_and_different(draw, kinds) -> None:
    pictures = {kind: np.asarray(draw(kind, seed=1, side=60)) for kind in kinds}
    for kind, pixels in pictures.items():
        assert pixels.shape == (60, 60, 3) and np.array_equal(pixels, np.asarray(draw(kind, seed=1, side=60)))
        assert not np.array_equal(pixels, np.asarray(draw(kind, seed=2, side=60)))
        assert pixels[27:33, 27:33].mean() < pixels[:6].mean() - 20, "dark in the middle"
    assert len({pixels.tobytes() for pixels in pictures.values()}) == len(kinds)
