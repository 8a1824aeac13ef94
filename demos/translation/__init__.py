"""Scan translation: one contrast of a brain scan from the other, how far off it is, where it is unsure, and what it hides."""

from demos._ui.demo import Demo
from demos.translation.tab import LIMITS, build, thumbnail
from training.recipes import mri_dense_unet_taught

demo = Demo(
    number=2,
    group="Medicine",
    title="Scan translation",
    summary="One kind of brain scan made from another, and what becomes of the tumour.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(mri_dense_unet_taught.recipe,),
)
