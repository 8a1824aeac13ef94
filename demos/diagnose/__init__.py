"""Diagnose: what a net sees in a medical thumbnail, where it looked, and whether that explanation holds."""

from demos._ui.demo import Demo
from demos.diagnose.tab import LIMITS, build, thumbnail
from training.recipes import cells_cnn, dermoscopy, pneumonia_cnn

demo = Demo(
    number=1,
    group="Medicine",
    title="Medical pictures",
    summary="What a net sees in chest X-rays, cells and moles, where it looked, and whether that map holds.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    says_its_numbers=True,
    recipes=(pneumonia_cnn.recipe, cells_cnn.recipe, dermoscopy.recipe),
)
