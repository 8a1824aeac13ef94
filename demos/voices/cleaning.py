"""Does cleaning help: noise put behind a recording and taken out by the net of the tab Denoising, and both compared."""

import gradio as gr
from markupsafe import Markup

from demos._ui.events import Wire
from demos._ui.page import controls, folded, on_visit, place
from demos.voices.figures import Version, cleaning_table, cleaning_text
from demos.voices.nets import Own, Recording, active_net, add_noise, denoise, load_recording, similarity, trial_scores
from models import CheckpointDamaged, CheckpointMissing
from signals import synthetic

UNCLEANED = "The tab Denoising has no checkpoint yet, so nothing was cleaned: python -m training fit denoiser_gru"


def clean(name: str, own: Own, a: str | None, b: str | None, kind: str, snr_db: float, threshold: float) -> Markup:
    """Put noise behind recording B, take it out again with the net of the tab Denoising, and compare all three with A."""
    net = active_net(name, own)
    first, second = load_recording(a, "Recording A"), load_recording(b, "Recording B")
    noisy_T, missing = add_noise(second.x_T, kind, snr_db), ""
    heard = {"as it is": second.x_T, f"with {kind} noise at {snr_db:g} dB": noisy_T}
    try:
        heard["with the noise taken out"] = denoise(noisy_T)
    except (CheckpointMissing, CheckpointDamaged):
        missing = UNCLEANED
    versions = [Version(words, x_T, similarity(net, first, Recording(x_T))) for words, x_T in heard.items()]
    return cleaning_text(versions, threshold, trial_scores(net), missing)


def does_cleaning_help(name: gr.Radio, own: gr.State, a: gr.Audio, b: gr.Audio, threshold: gr.Slider) -> None:
    """Recording B noisy and cleaned by the net called `name` or one's own, and what the benchmark measured on all trials."""
    with folded("Does cleaning help? Put noise behind recording B, take it out, and compare again"):
        with controls():
            kind = gr.Dropdown(list(synthetic.NOISES), value="white", label="Noise", min_width=140)
            snr_db = gr.Slider(-5, 20, value=5, step=1, label="Signal-to-noise ratio, dB", min_width=220)
            start = gr.Button("Add noise, clean, compare", min_width=200)
        cleaned = place()
        on_visit(cleaning_table)
    Wire(clean, [name, own, a, b, kind, snr_db, threshold], cleaned).on(start.click, api="clean_voice")
