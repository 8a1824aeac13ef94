"""Pictures: colours at their ends, rims outside of masks, heat by its own hottest place."""

import numpy as np
import torch

from demos._ui.pictures import CIVIDIS, VIRIDIS, heat, picture, rim, stack, viridis


def test_viridis_has_its_ends() -> None:
    found = np.asarray(viridis(torch.tensor([[-1.0, 0.0, 1.0, 2.0]])))
    assert found[0].tolist() == [[68, 1, 84], [68, 1, 84], [253, 231, 37], [253, 231, 37]]
    assert len(VIRIDIS) == len(CIVIDIS) == 768


def test_heat_goes_to_its_own_hottest_place() -> None:
    heat_HW = torch.zeros(8, 8)
    heat_HW[2, 5] = 0.01
    found = np.asarray(heat(heat_HW, side=64)).astype(int)
    hottest = np.unravel_index(found.sum(2).argmax(), (64, 64))
    assert (16 <= hottest[0] < 24) and (40 <= hottest[1] < 48)
    assert len(np.unique(np.asarray(heat(torch.zeros(4, 4))).reshape(-1, 3), axis=0)) == 1, "no heat is one colour"


def test_a_rim_lies_outside_the_mask_in_its_own_proportions() -> None:
    mask_HW = torch.zeros(20, 40, dtype=torch.bool)
    mask_HW[5:15, 10:20] = True
    found = np.asarray(rim(mask_HW, side=160))
    assert found.shape == (80, 160, 4)
    on = found[..., 3] > 0
    assert on.any() and not on[22:58, 42:78].any() and not on[:15].any() and (found[on] == 255).all()
    dotted = np.asarray(rim(mask_HW, side=160, dotted=True))[..., 3] > 0
    assert dotted.any() and (dotted <= on).all() and dotted.sum() < on.sum()


def test_layers_are_told_as_one() -> None:
    text = stack("a <map>", picture("data:image/png;base64,AA", kind="wl-under"), proportions=(4, 3))
    assert 'role="img" aria-label="a &lt;map&gt;"' in text and "aspect-ratio: 4 / 3" in text
    assert '<img class="wl-under" alt="" src="data:image/png;base64,AA">' in text
