"""Processes of ours: what may hang, crash or keep memory is done in one, and can be given up.

Such a process is a function of ours run by the same Python; pickled messages, each after its length, go through its
standard input and output. `multiprocessing` would run the caller's script again. Only what this program wrote itself
may be unpickled: results of foreign code travel as JSON.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from typing import IO, Any

_LENGTH = 8  # bytes before each pickle


def start(module: str, call: str = "main()") -> subprocess.Popen[bytes]:
    """Start a process that runs ``from module import main`` and then `call`."""
    return subprocess.Popen(
        command(module, call), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def command(module: str, call: str = "main()") -> list[str]:
    """Return the command line of such a process; it finds modules where this one does."""
    return [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; {call}"]


def own_output() -> IO[bytes]:
    """Return the stream for replies, and turn all other output of the process, as a library's prints, away."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return replies


def send(stream: IO[bytes], value: object) -> None:
    """Write a message; raises OSError, or ValueError if the stream was closed."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(len(data).to_bytes(_LENGTH, "big") + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read a message; raises EOFError when the other side has ended, even in the middle of one."""
    header = stream.read(_LENGTH)
    if len(header) < _LENGTH:
        raise EOFError
    size = int.from_bytes(header, "big")
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)
