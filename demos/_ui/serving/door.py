"""What every request passes before Gradio sees it: sizes, forged uploads, and routes that this house does not offer."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import nullcontext
from urllib.parse import parse_qs

from gradio.route_utils import FnIndexInferError
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos._ui.limits import FILE_BYTES, REQUEST_BYTES, UPLOADED_FILES
from demos._ui.serving.disk import UPLOADS, Uploads
from demos._ui.serving.line import Line

API = "/gradio_api/"
CLOSED = ("deep_link", "process_recording", "vibe-", "undo-vibe", "run-history", "runs", "monitoring", "component_server",
          "proxy=", "heartbeat", "custom_component", "stream/", "dev/")  # fmt: skip
"""Gradio's routes that no page of this house asks for: some keep what they are sent, and one keeps connections open."""
ASKED = ("call/", "run/", "api/", "queue/join", "cancel", "reset")
"""Routes whose handlers answer for themselves: what goes wrong before that is the asker's."""
FORM_BYTES = 64 * 1024
"""What a form adds to its files."""
NO_SNIFFING = (b"x-content-type-options", b"nosniff")
PATIENCE_S = 30.0
"""How long the next part of a request is waited for."""
NOT_HERE = "There is nothing here."
FOREIGN = "Files are taken from this app's own page only."
NOT_ASKED = "This request is none that this app's page makes. Load the page again: it may be an older one."
TOO_LARGE = "This is more than the server takes: at most {mb:.0f} MB a file, and {n} files at once."
TOO_LONG = "This request is longer than the server takes. Send less at once."
TOO_SLOW = "The rest of this request did not come."
NO_SESSION = {
    "msg": "unexpected_error",
    "message": "The server does not know this page any more. Load it again.",
    "success": False,
    "session_not_found": True,
}
FAILED = "Something went wrong on our side, and it has been logged. Please try again."


class Door:
    """Middleware: each request is measured while it comes in, and refused in a sentence where it may not pass."""

    def __init__(self, app: ASGIApp, *, line: Line, uploads: Uploads = UPLOADS) -> None:
        self._app, self._line, self._uploads = app, line, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        said = _Response(send)
        refused = await self._refusal(scope)
        if refused is None:
            refused = await self._passed(scope, receive, said)
        if refused is not None and not said.begun:
            await refused(scope, receive, said)
        return None

    async def _refusal(self, scope: Scope) -> Response | None:
        """What is said before anything of the request is read; None where it may come in."""
        headers, route = dict(scope["headers"]), _route(scope)
        if route.startswith(CLOSED) or scope["path"].startswith("/monitoring"):
            return PlainTextResponse(NOT_HERE, 404)
        if scope["method"] == "POST" and headers.get(b"sec-fetch-site") == b"cross-site":
            return PlainTextResponse(FOREIGN, 403)
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > _most(route):
            return _too_much(route)
        if scope["method"] == "POST" and route.startswith("upload"):
            address = (scope.get("client") or ("",))[0]
            why = await asyncio.to_thread(self._uploads.refusal, address, int(length) or _most(route))
            return PlainTextResponse(why, 429) if why else None
        return None

    async def _passed(self, scope: Scope, receive: Receive, said: _Response) -> Response | None:
        """Let the application answer; what is to be said in its place where it cannot."""
        body = _Body(receive, _most(_route(scope)), _boundary(scope))
        session = self._listener(scope)
        if session is not None and session not in self._line.pending_messages_per_session:
            return _no_session()
        try:
            with self._line.listening(session) if session is not None else nullcontext():
                await self._app(scope, body, said)
        except Exception as error:
            if body.stopped:
                return _too_much(_route(scope)) if body.too_much else PlainTextResponse(TOO_SLOW, 408)
            if session is not None:  # news whose page has just closed another stream of the same: Gradio forgets them
                return _no_session()
            if isinstance(error, FnIndexInferError):
                return JSONResponse({"detail": NOT_HERE}, 404)
            if _route(scope).startswith(ASKED):
                return JSONResponse({"detail": NOT_ASKED}, 400)
            logging.getLogger("wavelens").error("a request failed: %s", scope["path"][:80], exc_info=error)
            return JSONResponse({"detail": FAILED}, 500)
        return None

    def _listener(self, scope: Scope) -> str | None:
        """The session whose news this request stays to hear."""
        route = _route(scope)
        if scope["method"] != "GET":
            return None
        if route.rstrip("/") == "queue/data":
            return parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
        if route.startswith("call/"):
            event_id = route.rstrip("/").rpartition("/")[2]
            event = self._line.event_ids_to_events.get(event_id)
            return event.session_hash if event else event_id
        return None


class _Body:
    """A request's body as it comes in; with too much of it, or too slow, the application is told that the sender has gone.

    `boundary` is what stands between the files of a form, which are counted.
    """

    def __init__(self, receive: Receive, most: int, boundary: bytes) -> None:
        self._receive, self._left, self._whole = receive, most, False
        self._boundary, self._end, self._parts = boundary, b"", 0
        self.too_much = self.too_slow = False

    @property
    def stopped(self) -> bool:
        return self.too_much or self.too_slow

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()
        if self.stopped:
            return {"type": "http.disconnect"}
        try:
            message = await asyncio.wait_for(self._receive(), PATIENCE_S)
        except TimeoutError:
            self.too_slow = True
            return {"type": "http.disconnect"}
        self._whole = not message.get("more_body", False)
        body = message.get("body", b"")
        self._left -= len(body)
        if self._left < 0 or self._counted(body) > UPLOADED_FILES:
            self.too_much = True
            return {"type": "http.disconnect"}
        return message

    def _counted(self, body: bytes) -> int:
        """How many files of a form have come so far."""
        if self._boundary:
            seen = self._end + body
            self._parts += seen.count(self._boundary)
            self._end = seen[-len(self._boundary) + 1 :]
        return self._parts - self._whole  # the last boundary ends the form


class _Response:
    """What is said, with one header more: nobody guesses at a file's type. And a full queue is 429, whose words pages show."""

    def __init__(self, send: Send) -> None:
        self._send, self.begun = send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            status = 429 if message["status"] == 503 else message["status"]
            message = {**message, "status": status, "headers": [*message["headers"], NO_SNIFFING]}
        await self._send(message)


def _no_session() -> Response:
    return Response(f"data: {json.dumps(NO_SESSION)}\n\n", media_type="text/event-stream")


def _route(scope: Scope) -> str:
    return scope["path"].partition(API)[2]


def _boundary(scope: Scope) -> bytes:
    """What parts the files of an upload; nothing for any other request."""
    form, _, boundary = dict(scope["headers"]).get(b"content-type", b"").partition(b"boundary=")
    is_upload = _route(scope).startswith("upload") and form.startswith(b"multipart/")
    return b"--" + boundary.split(b";")[0].strip(b'" ') if is_upload and boundary else b""


def _most(route: str) -> int:
    return UPLOADED_FILES * FILE_BYTES + FORM_BYTES if route.startswith("upload") else REQUEST_BYTES


def _too_much(route: str) -> Response:
    words = TOO_LARGE.format(mb=FILE_BYTES / 1e6, n=UPLOADED_FILES) if route.startswith("upload") else TOO_LONG
    return PlainTextResponse(words, 413)
