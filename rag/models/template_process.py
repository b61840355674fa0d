"""Renders a file's own chat template in a process with limits of time, memory and length.

A template is a program that comes with a model of unknown origin. Jinja's sandbox keeps it from the files of this
computer, but not from computing for ever or from filling the memory. Requests and replies are lines of JSON: what comes
back from such a program is data, and never code.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, Any

from rag.errors import ModelError
from rag.models.templates import FORMATS, Turn, render, unusable
from rag.platform import child

_STARTED_S = 60.0  # until the process is there, on a busy machine
_RENDERED_S = 5.0  # of one prompt: milliseconds are usual
_MEMORY = 512 * 2**20  # bytes of address space; Linux and macOS only
_CHARACTERS = 4_000_000  # of a prompt
_OURS = frozenset(form.template for form in FORMATS.values())


class TemplateProcess:
    """The process; it is started when it is first needed, and anew after one that was ended."""

    def __init__(self, *, seconds: float = _RENDERED_S) -> None:
        self._seconds = seconds
        self._turn = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def render(self, template: str, messages: Sequence[Turn], *, bos: str, eos: str) -> str:
        """Return the prompt that `template` makes of `messages`, as `templates.render`; thread-safe.

        Raises ModelError too if the template takes too long, too much memory, or writes too much.
        """
        asked = {"template": template, "messages": [dict(turn) for turn in messages], "bos": bos, "eos": eos}
        with self._turn:
            if self._process is None or self._process.poll() is not None:
                self._process = _started()
                if not self._ask(self._process, {}, _STARTED_S):
                    fault = "the process that renders it doesn't start"
                    raise unusable(fault)
            reply = self._ask(self._process, asked, self._seconds)
        if reply is None:
            fault = f"it takes longer than {self._seconds:.0f} seconds, or too much memory"
            raise unusable(fault)
        if "text" in reply:
            return str(reply["text"])
        raise ModelError(str(reply["what"]), remedy=str(reply["remedy"]))

    def _ask(self, process: subprocess.Popen[str], asked: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """Return the reply to a request; None if there was none in time, and the process is ended then."""
        assert process.stdin
        assert process.stdout
        patience = threading.Timer(seconds, process.kill)
        patience.daemon = True
        patience.start()
        try:
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            reply: dict[str, Any] = json.loads(line)
        except (OSError, ValueError):
            self._end(process)
            return None
        finally:
            patience.cancel()
        return reply

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        self._process = None

    def close(self) -> None:
        """End the process, if there is one."""
        with self._turn:
            if self._process is not None:
                self._end(self._process)


_PROCESS = TemplateProcess()
atexit.register(_PROCESS.close)


def rendered(template: str, messages: Sequence[Turn], *, bos: str, eos: str) -> str:
    """Return the prompt that a template makes of messages: one of ours at once, a file's own in the process.

    Raises ModelError if the template can't be used or loses the question.
    """
    if template in _OURS:
        return render(template, messages, bos=bos, eos=eos)
    return _PROCESS.render(template, messages, bos=bos, eos=eos)


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        child.command("rag.models.template_process"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )


def main() -> None:
    """Answer requests from standard input until its end; the main function of the process."""
    _limit_memory()
    for line in sys.stdin:
        asked = json.loads(line)
        _answer(sys.stdout, _reply(asked) if asked else {"ready": True})


def _reply(asked: dict[str, Any]) -> dict[str, str]:
    try:
        text = render(asked["template"], asked["messages"], bos=asked["bos"], eos=asked["eos"])
    except ModelError as exc:
        return {"what": exc.what, "remedy": exc.remedy}
    except MemoryError:
        return _refused("it needs too much memory")
    return {"text": text} if len(text) <= _CHARACTERS else _refused(f"it writes {len(text):,} characters")


def _refused(fault: str) -> dict[str, str]:
    error = unusable(fault)
    return {"what": error.what, "remedy": error.remedy}


def _answer(stream: IO[str], reply: dict[str, Any]) -> None:
    stream.write(json.dumps(reply) + "\n")
    stream.flush()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return  # Windows
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
