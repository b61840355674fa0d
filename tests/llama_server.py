"""The OpenAI-compatible server that comes with llama-cpp-python, on loopback, in a process of its own.

    python -m tests.llama_server MODEL.gguf

prints its port and serves until it is stopped.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


@contextmanager
def serving_llama(model: Path) -> Iterator[str]:
    """Let the server answer with a model until the end of the block; yield its url."""
    command = [sys.executable, "-m", "tests.llama_server", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=REPOSITORY) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()


def main(model: str) -> None:
    import uvicorn
    from llama_cpp.server.app import create_app
    from llama_cpp.server.settings import ModelSettings, ServerSettings

    settings = ModelSettings(model=model, model_alias="tiny", n_ctx=1024, n_threads=1, verbose=False)
    app = create_app(server_settings=ServerSettings(), model_settings=[settings])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)  # noqa: T201  # for the test that waits for it
        uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1])
