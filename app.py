"""Wavelens: every project a tab."""

import os
import sys
import threading
from contextlib import suppress
from importlib import import_module
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from demos import catalogue
from demos._ui import memory, shell
from demos._ui.theme import theme

SQUEEZED = Middleware(GZipMiddleware, minimum_size=2000, compresslevel=5)
"""The page itself is a megabyte of text, a quarter when squeezed; sounds, pictures and streams go as they are."""
AHEAD = (
    "scipy.signal",
    "scipy.stats",
    "neurokit2",
    "wfdb",
    "pyarrow.parquet",
    "plotly.graph_objects",
    "sklearn.metrics",
)
"""What tabs import when they are first used, which takes seconds: done while nobody waits for it."""
MAX_WAITING = 64
"""Requests in the queue before new ones are turned away."""


class Studio(gr.Blocks):
    """Blocks whose page keeps no connection open while nothing is asked.

    Gradio's heartbeat is one for each page that holds a state, and a browser grants a server six: the seventh page
    would stay blank. States end by their own time to live; who leaves in the middle of an answer, by its stream.
    """

    def get_config_file(self) -> Any:
        """What the page is told of the application, without the heartbeat."""
        return {**super().get_config_file(), "connect_heartbeat": False}


def studio() -> gr.Blocks:
    """The whole application; nothing is loaded until a visitor opens a tab."""
    with Studio(title="Wavelens", analytics_enabled=False, delete_cache=shell.FILES_KEPT, fill_width=True) as blocks:
        shell.tabs(catalogue())
    return blocks.queue(max_size=MAX_WAITING, default_concurrency_limit=1)


def import_ahead() -> None:
    """Import what the first visitor would wait for; what is not installed is left to whoever asks for it."""
    for name in AHEAD:
        with suppress(ImportError):
            import_module(name)


def main() -> int:
    """Serve on 127.0.0.1:7860, or where `GRADIO_SERVER_NAME` and `GRADIO_SERVER_PORT` say."""
    port = int(os.environ.get("GRADIO_SERVER_PORT", "7860"))
    blocks = studio()
    memory.stay_modest(blocks)
    threading.Thread(target=import_ahead, daemon=True, name="import ahead").start()
    try:
        blocks.launch(
            server_name=os.environ.get("GRADIO_SERVER_NAME", "0.0.0.0" if os.environ.get("SPACE_ID") else "127.0.0.1"),
            server_port=port,
            theme=theme(),
            css_paths=list(shell.STYLES),
            js=shell.SCRIPT,
            ssr_mode=False,
            max_file_size="20mb",
            allowed_paths=[],
            run_history=False,
            enable_monitoring=False,
            strict_cors=True,
            state_session_capacity=memory.SESSIONS,
            show_error=False,
            footer_links=[],
            app_kwargs={"middleware": [SQUEEZED]},
        )
    except OSError as error:
        if "port" not in str(error):
            raise
        print(
            f"Port {port} is taken. Stop what runs there, or choose another: make run PORT=7861",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
