"""The application as it is served: Gradio's own, with this house's queue, sessions, door and log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from demos._ui.events import as_gradio_error
from demos._ui.limits import FILE_BYTES, SESSIONS
from demos._ui.serving import log, memory
from demos._ui.serving.disk import UPLOADS
from demos._ui.serving.door import Door
from demos._ui.serving.line import Line
from demos._ui.serving.offered import NOT_OFFERED, refuse_what_is_not_offered
from demos._ui.serving.sessions import Sessions


class Studio(gr.Blocks):
    """Blocks that hold: see `Line`, `Sessions` and `Door` for what is bounded and how.

    The page keeps no connection open while nothing is asked: Gradio's heartbeat is one for each page that holds a
    state, and a browser grants a server six, so that the seventh page would stay blank. States end by their own time to
    live; who leaves in the middle of an answer, by its stream.
    """

    _queue: Line

    def get_config_file(self) -> Any:
        """What the page is told of the application, without the heartbeat."""
        return {**super().get_config_file(), "connect_heartbeat": False}

    def queue(self, *arguments: Any, **options: Any) -> Studio:  # type: ignore[override]
        """Gradio's queue with places by kind, and no way around it: how many may wait is the line's own affair."""
        super().queue(*arguments, **{"api_open": False, **options})
        plain = self._queue
        self._queue = Line(
            live_updates=plain.live_updates, concurrency_count=plain.max_thread_count, max_size=None, blocks=self,
            update_intervals=plain.update_intervals, default_concurrency_limit=plain.default_concurrency_limit,
        )  # fmt: skip
        return self

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *arguments: Any, **options: Any) -> Any:
        """What a handler is given; a sentence where it is not what the page offers."""
        try:
            refuse_what_is_not_offered(block_fn.inputs, inputs)
            return await super().preprocess_data(block_fn, inputs, *arguments, **options)
        except Exception as error:  # Gradio's own words repeat whatever was sent
            raise gr.Error(NOT_OFFERED, title="Not this time", duration=12, print_exception=False) from error

    async def process_api(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Answer one question; trouble is told in a sentence, and what the page holds afterwards is weighed."""
        session = options.get("session_hash")
        self._tell_if_forgotten(session, options.get("event_id"))
        try:
            return await super().process_api(*arguments, **options)
        except Exception as error:
            told = as_gradio_error(error)
            told.print_exception = False
            raise told from error
        finally:
            if session and isinstance(self.state_holder, Sessions):
                self.state_holder.weigh(session)

    def _tell_if_forgotten(self, session: str | None, event_id: str | None) -> None:
        if not (session and event_id and isinstance(self.state_holder, Sessions)):
            return  # what waits in no queue cannot be told
        owed = self.state_holder.forgotten(session)
        if owed:
            self._queue.log_message(event_id, owed, "Given up", "warning", 12)

    def options(self) -> dict[str, Any]:
        """What `launch` is to be told so that it holds.

        A request passes the door first, then squeezing: the page itself is a megabyte of text, a quarter squeezed.
        """
        squeezing = Middleware(GZipMiddleware, minimum_size=2000, compresslevel=5)
        return {
            "ssr_mode": False,
            "max_file_size": FILE_BYTES,
            "allowed_paths": [],
            "run_history": False,
            "enable_monitoring": False,
            "strict_cors": True,
            "state_session_capacity": SESSIONS,
            "show_error": False,
            "app_kwargs": {"middleware": [Middleware(Door, line=self._queue), squeezing], "lifespan": self._lifespan},
        }

    @asynccontextmanager
    async def _lifespan(self, app: Any) -> AsyncIterator[None]:
        """While it is served: sessions that are bounded, and someone who tidies up behind the visitors."""
        log.keep_short()
        app.state_holder = Sessions()
        app.state_holder.set_blocks(self)
        tidying = asyncio.create_task(_tidy(app.state_holder))
        try:
            yield
        finally:
            tidying.cancel()
            with suppress(asyncio.CancelledError):
                await tidying


async def _tidy(sessions: Sessions) -> None:
    while True:
        await asyncio.sleep(memory.EVERY_S)
        for work in (sessions.forget_idle, UPLOADS.sweep, memory.trim):
            try:
                await asyncio.to_thread(work)
            except (
                Exception
            ) as error:  # a folder that cannot be read, say: the rest goes on, and the next time it is tried again
                logging.getLogger("wavelens").error("tidying failed", exc_info=error)
