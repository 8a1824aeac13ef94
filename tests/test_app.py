"""The application as a server: every client gets its own answer, and trouble is a sentence."""

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.demos.digits.strokes import BLANK, ONE, SEVEN

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


def ask(server: str, address: str) -> str:
    """One visitor's request to read a digit; the answer's HTML, or the sentence of the error."""
    client = Client(server, verbose=False, analytics_enabled=False)
    try:
        return client.predict(address, api_name="/read_digit")[0]
    except AppError as error:
        return str(error)
    finally:
        client.close()


def test_twenty_clients_at_once_get_each_their_own_answer(server: str) -> None:
    expected = {ONE: '<div class="wl-digit">1</div>', SEVEN: '<div class="wl-digit">7</div>', BLANK: "draw one digit"}
    wanted = [list(expected)[i % 3] for i in range(20)]
    with ThreadPoolExecutor(20) as visitors:
        answers = list(visitors.map(lambda address: ask(server, address), wanted))
    assert all(expected[address] in answer for address, answer in zip(wanted, answers, strict=True))


def test_a_text_file_called_png_is_refused_with_a_sentence(server: str, tmp_path: Path) -> None:
    from gradio_client import handle_file

    (tmp_path / "notes.png").write_text("a text file")
    client = Client(server, verbose=False, analytics_enabled=False)
    with pytest.raises(AppError, match="not a picture that can be read"):
        client.predict(handle_file(tmp_path / "notes.png"), api_name="/upload_digit")
    client.close()


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environment = {"GRADIO_SERVER_PORT": port, "PATH": "/usr/bin:/bin", "HOME": "/tmp"}
        done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and f"Port {port} is taken" in done.stderr and "Traceback" not in done.stderr
