"""A home that a running server owns, used through its local call as if it were open here."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from ingest.accept.sources import absolute, is_url
from ingest.report import Event
from rag.errors import HomeInUse
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.report import Evaluating, Evaluation
from rag.events import Event as AnswerEvent
from rag.library.collections import DEFAULT_COLLECTION
from rag.library.home import Owner
from rag.types import EVERYWHERE, CollectionInfo, Document, DocumentInfo, Filter, Question, SearchResult
from ui.wire import decode

_CONNECT_S = 1.5


class RemoteHall:
    """Does what `Studyhall` does, in the process that owns the home."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    def __enter__(self) -> RemoteHall:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def answers(self) -> bool:
        """Say whether the server is there: an `owner.json` outlives a process that was killed."""
        try:
            # trust_env: a proxy has no business between a person's own processes.
            reply = httpx.get(f"{self._url}/health", timeout=_CONNECT_S, trust_env=False)
            return bool(reply.json().get("name") == "studyhall")
        except (httpx.HTTPError, ValueError, AttributeError):
            return False

    def ingest_events(
        self,
        targets: Iterable[str | Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        force: bool = False,
        prune: bool = False,
        crawl: int = 0,
        password: str = "",
    ) -> Iterator[Event]:
        """Ingest there; paths are made absolute, since the server has another working folder."""
        named = [str(target if is_url(target) or not str(target) else absolute(target)) for target in targets]
        arguments: dict[str, Any] = {"collection": collection, "force": force, "prune": prune, "crawl": crawl}
        arguments |= {"password": password} if password else {}
        return self._call("ingest", targets=named, **arguments)

    def ask_events(
        self, question: Question, *, model: str | None = None, cancelled: threading.Event | None = None
    ) -> Iterator[AnswerEvent]:
        """Ask there."""
        return self._call("ask", question=asdict(question), model=model)

    def search(
        self,
        query: str,
        *,
        k: int = 10,
        collection: str | None = None,
        document: str | None = None,
        within: Filter = EVERYWHERE,
    ) -> SearchResult:
        """Search there."""
        call = self._call(
            "search", query=query, k=k, collection=collection, document=document, within=asdict(within)
        )  # fmt: skip
        found: SearchResult = next(call)
        return found

    def evaluate_events(
        self,
        questions: Sequence[EvalQuestion],
        *,
        collection: str | None = None,
        model: str | None = None,
        quote: bool = False,
        search_only: bool = False,
        against: Mapping[str, str] | None = None,
    ) -> Iterator[Evaluating | Evaluation]:
        """Measure there."""
        return self._call(
            "evaluate", questions=[asdict(question) for question in questions], collection=collection, model=model,
            quote=quote, search_only=search_only, against=against,
        )  # fmt: skip

    def draft_questions(
        self, *, collection: str | None = None, most: int = 30, model: str | None = None
    ) -> Iterator[EvalQuestion]:
        """Draft questions there."""
        return self._call("draft", collection=collection, most=most, model=model)

    def tags(self, name: str) -> list[str]:
        """Return a document's tags."""
        return list(self._call("tags", name=name))

    def tag(self, name: str, tags: Sequence[str], *, remove: bool = False) -> list[str]:
        """Give a document tags, or take them away."""
        return list(self._call("tag", name=name, tags=list(tags), remove=remove))

    def documents(self, collection: str | None = None) -> list[DocumentInfo]:
        """Return a line per document."""
        return list(self._call("documents", collection=collection))

    def find(self, name: str, collection: str | None = None) -> DocumentInfo:
        """Return the document that `name` means."""
        found: DocumentInfo = next(self._call("find", name=name, collection=collection))
        return found

    def document(self, document_id: str) -> Document:
        """Return a document's text, blocks and pages."""
        found: Document = next(self._call("document", document_id=document_id))
        return found

    def remove(self, name: str, *, collection: str | None = None) -> DocumentInfo:
        """Remove a document."""
        removed: DocumentInfo = next(self._call("remove", name=name, collection=collection))
        return removed

    def collections(self) -> list[CollectionInfo]:
        """Return a line per collection."""
        return list(self._call("collections"))

    def create_collection(self, name: str) -> None:
        """Make a collection."""
        next(self._call("create_collection", name=name))

    def remove_collection(self, name: str) -> None:
        """Remove a collection."""
        next(self._call("remove_collection", name=name))

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self._owner.port}"

    def _call(self, call: str, **arguments: Any) -> Iterator[Any]:
        headers = {"Authorization": f"Bearer {self._owner.token}"}
        timeout = httpx.Timeout(None, connect=_CONNECT_S)
        try:
            with (
                httpx.Client(timeout=timeout, trust_env=False) as client,
                client.stream(
                    "POST", f"{self._url}/api/v1/run", headers=headers, json={"call": call, "arguments": arguments}
                ) as reply,
            ):
                if reply.status_code != httpx.codes.OK:
                    message = f"The server that owns this home (process {self._owner.pid}) refused the command."
                    raise HomeInUse(message, remedy="Stop it, then run the command again.")
                yield from decode(reply.iter_lines())
        except httpx.HTTPError as exc:
            message = f"The server that owns this home (process {self._owner.pid}) went away: {exc}."
            raise HomeInUse(message, remedy="Run the command again.") from exc
