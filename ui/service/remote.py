"""A home that a running server owns, used as if it were open here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from inspect import signature
from typing import Any

import httpx

from rag.errors import HomeInUse
from rag.library.home import Owner
from rag.texts import spoken
from ui.hall import Studyhall
from ui.service.operations import OPERATIONS, Operation
from ui.service.wire import decode, encode_call

_CONNECT_S = 1.5


class RemoteHall(Studyhall):
    """Has every operation of the table carried out by the process that owns the home; it can do nothing else."""

    def __init__(self, owner: Owner, operations: Mapping[str, Operation] = OPERATIONS) -> None:
        self._owner = owner
        for operation in operations.values():
            setattr(self, operation.method.__name__, partial(self._run, operation))

    def close(self) -> None:
        """Do nothing: the home stays with its owner."""

    def answers(self) -> bool:
        """Say whether the server is there: an `owner.json` outlives a process that was killed."""
        try:
            # trust_env: a proxy has no business between a person's own processes.
            reply = httpx.get(f"{self._url}/health", timeout=_CONNECT_S, trust_env=False)
            return bool(reply.json().get("name") == "studyhall")
        except (httpx.HTTPError, ValueError, AttributeError):
            return False

    def _run(self, operation: Operation, *args: Any, **kwargs: Any) -> Any:
        arguments = signature(operation.method).bind(self, *args, **kwargs).arguments
        given = {name: value for name, value in arguments.items() if name in operation.parameters}
        records = self._records(operation, given)
        if operation.streams:
            return records
        found = list(records)
        return found if operation.lists else found[0]

    def _records(self, operation: Operation, arguments: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the records of a call; the work stops there when this is closed."""
        headers = {"Authorization": f"Bearer {self._owner.token}", "Content-Type": "application/json"}
        headers["Accept-Language"] = spoken()
        call = encode_call(operation, arguments)
        try:
            with (
                httpx.Client(timeout=httpx.Timeout(None, connect=_CONNECT_S), trust_env=False) as client,
                client.stream("POST", f"{self._url}/api/v1/run", headers=headers, content=call) as reply,
            ):
                if reply.status_code != httpx.codes.OK:
                    message = f"The server that owns this home (process {self._owner.pid}) refused the command."
                    raise HomeInUse(message, remedy="Stop it, then run the command again.")
                yield from decode(operation, reply.iter_lines())
        except httpx.HTTPError as exc:
            message = f"The server that owns this home (process {self._owner.pid}) went away: {exc}."
            raise HomeInUse(message, remedy="Run the command again.") from exc

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self._owner.port}"
