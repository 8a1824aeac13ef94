"""A server that stays up: an idle visitor is forgotten, one at work is not."""

from datetime import datetime, timedelta

import gradio as gr
from gradio.state_holder import StateHolder

from demos._ui import memory


def test_an_idle_visitor_is_forgotten() -> None:
    with gr.Blocks() as blocks:
        state = gr.State(0)
    memory.forget_idle(blocks)  # before it is served there is nothing to forget
    holder = StateHolder()
    holder.set_blocks(blocks)
    for visitor in ("gone", "here"):
        holder[visitor][state._id] = visitor
    holder.time_last_used["gone"] = datetime.now() - memory.IDLE - timedelta(seconds=1)
    memory.forget_idle(blocks)
    assert "gone" not in holder and holder["here"][state._id] == "here"
    assert set(holder.time_last_used) == {"here"}


def test_memory_is_given_back_without_a_word() -> None:
    memory.trim()
