"""Sentiment: a sentence read word by word by four recurrent nets, as four lines; swap a word, and they bend."""

from demos._ui.demo import Demo
from demos.sentiment.nets import LAST_STATE, OURS, RECIPES
from demos.sentiment.tab import LIMITS, build, thumbnail

demo = Demo(
    number=1,
    group="Text",
    title="Sentiment",
    summary="Four nets read a text word by word, each a line between blame and praise. Swap a word, and the lines bend.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(OURS, *(recipe for recipe in (*RECIPES.values(), *LAST_STATE.values()) if recipe is not OURS)),
)
