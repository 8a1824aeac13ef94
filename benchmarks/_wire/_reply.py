"""What comes back for one question, in pieces or whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What came back: HTTP's `status` (0: the connection was lost), its `body` where there was no stream, the messages.

    `late` where no end came in time; `outputs` are what the places hold by then, as far as it was said.
    """

    status: int
    seconds: float
    body: str = ""
    messages: tuple[dict[str, Any], ...] = ()
    outputs: tuple[Any, ...] = ()
    late: bool = False

    @property
    def end(self) -> dict[str, Any] | None:
        return next((m for m in self.messages if m.get("msg") == "process_completed"), None)

    @property
    def answered(self) -> bool:
        return self.status == 200 and self.end is not None and bool(self.end.get("success"))

    @property
    def error(self) -> str | None:
        """The words of a refusal; None where there are none."""
        return (self.end.get("output") or {}).get("error") if self.end else None

    @property
    def title(self) -> str | None:
        return (self.end.get("output") or {}).get("title") if self.end else None


def outputs_of(messages: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    """What the places hold after these messages: the first piece is whole, the later ones say what has changed."""
    held: list[Any] = []
    for message in messages:
        data = (message.get("output") or {}).get("data") if message.get("success") else None
        if data is None:
            continue
        if message["msg"] == "process_generating" and held:
            held = [changed(value, edits) for value, edits in zip(held, data, strict=False)]
        elif message["msg"] == "process_generating" or not _are_edits(data, held):
            held = list(data)
        else:
            held = [changed(value, edits) for value, edits in zip(held, data, strict=False)]
    return tuple(held)


def _are_edits(data: Sequence[Any], held: Sequence[Any]) -> bool:
    """Whether a last message says what has changed, as after pieces, or holds everything."""
    kinds = ("replace", "append", "add", "delete")
    lists = [
        isinstance(edits, list) and all(isinstance(e, list) and e and e[0] in kinds for e in edits) for edits in data
    ]
    return bool(held) and all(lists)


def changed(value: Any, edits: Any) -> Any:
    """`value` after Gradio's edits `[[what, path, new], …]`."""
    from gradio_client.utils import apply_diff  # takes a second to import

    return apply_diff(value, edits) if isinstance(edits, list) else value
