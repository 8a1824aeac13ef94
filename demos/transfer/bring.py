"""Pictures of one's own as a part of the page: two to nine kinds, by file, by drop or by camera; and one to try.

Each picture is turned upright, cut to its middle square and shrunk in the page (`bring.js`), so that what travels is
some kilobytes, however large the photograph; what the page cannot read it names itself.
"""

from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from demos.transfer.groceries import SIDE
from demos.transfer.own import LONGEST_NAME, MOST_KINDS, MOST_PICTURES

FOLDER = Path(__file__).parent
TEMPLATE = Markup(
    '<div class="wl-transfer-bring"><div class="wl-transfer-kinds"></div>'
    '<div class="wl-transfer-tools"><button type="button" data-do="more">Add a kind</button>'
    '<button type="button" data-do="empty">Start over</button></div>'
    '<div class="wl-transfer-camera" hidden><video autoplay playsinline muted aria-label="What the camera sees"></video>'
    '<div><p></p><button type="button" data-do="snap">Take a picture</button>'
    '<button type="button" data-do="close">Close the camera</button></div></div>'
    '<p class="wl-note wl-transfer-unread" role="status"></p>'
    '<div class="wl-transfer-try" hidden><div><b>Show it something new</b>'
    '<div class="wl-transfer-tools"><label class="wl-transfer-file"><span>Try a picture</span><input type="file" accept="image/*"></label>'
    '<button type="button" data-do="camera" data-kind="-1">Camera</button></div></div><img alt="The picture that is tried" hidden></div></div>'
)


def bring(*, label: str, **options: Any) -> gr.HTML:
    """The part as a component; `.input` fires when pictures, kinds or the one to try have changed (see `own.unpack`).

    A value that is set from outside, of the same form, is taken over and answered.
    """
    script = (FOLDER / "bring.js").read_text(encoding="utf-8")
    return gr.HTML(
        value=None, label=label, html_template=TEMPLATE, js_on_load=script, apply_default_css=False,
        side=SIDE, most_kinds=MOST_KINDS, most_pictures=MOST_PICTURES, longest_name=LONGEST_NAME, **options,
    )  # fmt: skip
