"""A Gradio app in a process of its own, for benchmarks and tests: started on a free port, waited for, and stopped."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = ("app.py",)


@dataclass(frozen=True)
class Server:
    """`seconds` is the time from starting the process to the first page answered."""

    url: str
    pid: int
    seconds: float


@contextmanager
def serving(*command: str, patience: float = 180, log: Path | None = None, **environment: str) -> Iterator[Server]:
    """`python *command`, told its port by `GRADIO_SERVER_PORT`, until the block ends; RuntimeError where it dies.

    What it says goes into the file `log`; without one, its errors go where this process's own do.
    """
    port = free_port()
    began = time.perf_counter()
    output = log.open("wb") if log else None
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"} | environment,
        stdout=output or subprocess.DEVNULL,
        stderr=output,
    )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - began > patience:
                said = f"it said: {log.read_text()}" if log else "see what it said above"
                raise RuntimeError(f"{' '.join(command)} answered no page; {said}")
            time.sleep(0.01)
        yield Server(f"http://127.0.0.1:{port}", process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if output:
            output.close()


def answers(port: int) -> bool:
    """Whether the page at / comes with status 200 (and whole)."""
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", "/")
            response = connection.getresponse()
            return response.status == 200 and bool(response.read())
    except (OSError, http.client.HTTPException):
        return False


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
