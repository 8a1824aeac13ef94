"""Every event of the built app as lines of text: moving furniture must not change what a visitor can do.

`python -m tests.events` prints them; `python -m tests.events --write` keeps them as `tests/events.txt`, which
`tests/test_events.py` compares with. A line that changes is read, and meant.
"""

import sys
from pathlib import Path
from typing import Any

import gradio as gr

KEPT = Path(__file__).with_suffix(".txt")


def lines(studio: gr.Blocks) -> list[str]:
    """A line for each event: what sets it off, its name, its queue, its worker, what it reads, and what it fills."""
    return [_line(studio, event) for event in studio.fns.values()]


def _line(studio: gr.Blocks, event: Any) -> str:
    called = ", ".join(sorted({f"{_name(studio.blocks.get(i))}.{what}" for i, what in event.targets}))
    name = f"{event.api_name}, {event.api_visibility}" if event.api_visibility != "private" else "private"
    does = name if event.fn else "script in the page"
    line = event.concurrency_id if event.concurrency_id in ("answer", "training", "live") else "a queue of its own"
    waits = f"{line if event.fn and event.queue else 'at once'}, {event.trigger_mode}"
    reads, fills = (", ".join(_name(block) for block in blocks) for blocks in (event.inputs, event.outputs))
    return f"{called} | {does} | {waits} | reads {reads or '–'} | fills {fills or '–'}"


def _name(block: Any) -> str:
    if block is None:
        return "page"
    words = getattr(block, "label", None) or (getattr(block, "value", None) if isinstance(block, gr.Button) else None)
    return f"{type(block).__name__}({words})" if words else type(block).__name__


def main() -> None:
    """Print or keep the events of the application as it is now."""
    import app

    text = "\n".join(lines(app.studio())) + "\n"
    if "--write" in sys.argv:
        KEPT.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
