"""`adrenal_slice`: of the glands of `adrenal_3d` the slice in the middle from head to foot, and a net in 2-D.

All but the net is `adrenal_3d`'s, so that what differs is what is seen.
"""

from dataclasses import replace
from functools import partial
from typing import Any

from models.volume import SliceNet, Views
from training._recipe import Recipe
from training.recipes import adrenal_3d
from training.tasks import volumes


def flat(name: str, views: Views) -> Recipe[Any]:
    """`adrenal_3d` for a net that sees pictures of a gland."""
    return replace(
        adrenal_3d.recipe,
        name=name,
        model=partial(SliceNet, views=views, batch_norm=True),
        export=SliceNet.folded,
        evidence=volumes.answers,
    )


recipe = flat("adrenal_slice", "middle")
