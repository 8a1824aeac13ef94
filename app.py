"""Wavelens: every project a tab."""

import os
import sys
import threading
from contextlib import suppress
from importlib import import_module

from demos import catalogue
from demos._ui import shell
from demos._ui.limits import FILES_KEPT
from demos._ui.serving import log, memory
from demos._ui.serving.studio import Studio
from demos._ui.theme import theme

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


def studio() -> Studio:
    """The whole application; nothing is loaded until a visitor opens a tab."""
    with Studio(title="Wavelens", analytics_enabled=False, delete_cache=FILES_KEPT, fill_width=True) as blocks:
        shell.tabs(catalogue())
    return blocks.queue(default_concurrency_limit=1)


def import_ahead() -> None:
    """Import what the first visitor would wait for; what is not installed is left to whoever asks for it."""
    for name in AHEAD:
        with suppress(ImportError):
            import_module(name)


def main() -> int:
    """Serve on 127.0.0.1:7860, or where `GRADIO_SERVER_NAME` and `GRADIO_SERVER_PORT` say."""
    log.hush_libraries()
    port = int(os.environ.get("GRADIO_SERVER_PORT", "7860"))
    on_a_space = bool(os.environ.get("SPACE_ID"))
    if on_a_space:  # where every request comes through the host's own doors, which say from whom
        os.environ.setdefault("FORWARDED_ALLOW_IPS", "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.1")
    memory.stay_modest()
    blocks = studio()
    threading.Thread(target=import_ahead, daemon=True, name="import ahead").start()
    try:
        blocks.launch(
            server_name=os.environ.get("GRADIO_SERVER_NAME", "0.0.0.0" if on_a_space else "127.0.0.1"),
            server_port=port,
            theme=theme(),
            css_paths=list(shell.STYLES),
            js=shell.SCRIPT,
            footer_links=[],
            **blocks.options(),
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
