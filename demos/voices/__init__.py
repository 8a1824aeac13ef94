"""Voices: do two recordings come from one person? A similarity, a decision with its error rates, and what drove it."""

from demos._ui.demo import Demo
from demos.voices.tab import LIMITS, build
from demos.voices.trials import thumbnail
from training.recipes import speaker, speaker_siamese

demo = Demo(
    number=2,
    group="Sound",
    title="Voices",
    summary="Two recordings: one person or two? See how sure the net can be, and what it went by.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(speaker.recipe, speaker_siamese.recipe),
)
