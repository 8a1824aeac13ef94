"""The application over the wire, as its own page speaks it: a session that opens a tab, asks, listens and uploads.

Nothing of a tab is known here: the events, what each reads and fills, and which follows on which come from `/config`.
A session keeps what its page would show, so that an event can be asked with the values that the page would send.
"""

from benchmarks._wire._reply import Reply, changed, outputs_of
from benchmarks._wire._session import API, Session, client, file_data, read_studio, run
from benchmarks._wire._studio import Component, Event, Studio, studio

__all__ = [
    "API",
    "Component",
    "Event",
    "Reply",
    "Session",
    "Studio",
    "changed",
    "client",
    "file_data",
    "outputs_of",
    "read_studio",
    "run",
    "studio",
]
