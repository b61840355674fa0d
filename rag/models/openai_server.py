"""The client of an OpenAI-compatible server: the only file that imports langchain_openai, and knows its errors."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from rag.errors import ModelError
from rag.models.remote import RemoteModel
from rag.settings import Settings

_CONNECT_S = 3.0  # seconds; how long it may be silent afterwards is the adapter's affair
_LIST_S = 10.0  # seconds for the list of a server's models
_RETRIES = 1  # of a request that was refused for the moment, or found no connection
_NO_KEY = "none"  # the client wants one; it isn't sent
_SAID = 200  # most letters of a server's own words
_ENDS = {"finish_reason", "status"}  # what the last piece of an answer has, in either API
_HEADERS = set("host accept accept-encoding connection content-type content-length user-agent authorization".split())
_BASE = "Check the url: it usually ends in /v1."
# What the client raises for JSON that is none, or of another shape than it expects.
_GARBLED = (ValueError, TypeError, KeyError, AttributeError, IndexError)


class OpenAIServer:
    """A model of one server; raises ModelError, which says what to do next, for whatever goes wrong there."""

    def __init__(self, remote: RemoteModel, settings: Settings) -> None:
        warnings.filterwarnings("ignore", "Pydantic serializer warnings")  # of an odd answer: the error tells it
        self._errors = _Errors(remote)
        added = not remote.provider
        # OpenAI's own models want the limit under a new name, which other servers don't know.
        limit: dict[str, Any] = {"max_tokens": settings.answer_tokens}
        chat = ChatOpenAI(
            model=remote.model,
            base_url=remote.url,
            api_key=SecretStr(_key(remote) or _NO_KEY),
            temperature=settings.temperature,
            timeout=httpx2.Timeout(None, connect=_CONNECT_S),
            max_retries=_RETRIES,
            stream_usage=True,
            stream_chunk_timeout=None,
            use_responses_api=False if added else None,
            openai_proxy="",
            http_socket_options=(),
            http_async_client=_http(remote),
            **({"extra_body": limit} if added else limit),
        )
        self._chat = chat
        if not chat.use_responses_api:
            # Some servers refuse a request that asks for the count of tokens.
            refused = (openai.BadRequestError, openai.UnprocessableEntityError)
            self._chat = chat.with_fallbacks([chat.bind(stream_usage=False)], exceptions_to_handle=refused)

    async def astream(self, messages: list[BaseMessage]) -> AsyncIterator[AIMessageChunk]:
        """Yield the pieces of an answer; an answer without its end is an error, too."""
        ended = False
        try:
            async for chunk in self._chat.astream(messages):
                ended = ended or not _ENDS.isdisjoint(chunk.response_metadata)
                yield chunk
        except openai.OpenAIError as exc:
            raise self._errors.of(exc) from exc
        except _GARBLED as exc:
            raise self._errors.garbled() from exc
        if not ended:
            raise self._errors.broken_off()


def served_models(remote: RemoteModel) -> list[str]:
    """Return the models that a server lists; raises ModelError."""

    async def ask() -> list[str]:
        timeout = httpx2.Timeout(_LIST_S, connect=_CONNECT_S)
        async with _http(remote) as http:
            client = openai.AsyncOpenAI(
                base_url=remote.url, api_key=_key(remote) or _NO_KEY, http_client=http, timeout=timeout, max_retries=0
            )
            return [str(model.id) for model in (await client.models.list()).data]

    errors = _Errors(remote)
    try:
        return asyncio.run(ask())
    except openai.OpenAIError as exc:
        raise errors.of(exc) from exc
    except _GARBLED as exc:
        raise errors.garbled() from exc


def _key(remote: RemoteModel) -> str:
    """Return the key from its variable, or "" for a server that needs none; raises ModelError if there is none."""
    if not remote.key_from:
        return ""
    key = os.environ.get(remote.key_from, "").strip()
    if not key:
        message = f"{remote.name} needs a key, and the variable {remote.key_from} is not set."
        raise ModelError(message, remedy=f"Set it where Studyhall runs: export {remote.key_from}=…")
    if not key.isascii() or not key.isprintable() or " " in key:
        message = f"The variable {remote.key_from} holds no key: it has letters that none has."
        raise ModelError(message, remedy="Copy the key anew.")
    return key


def _http(remote: RemoteModel) -> httpx2.AsyncClient:
    """Return the HTTP client: to this server only, and with nothing about this computer.

    Redirects are not followed, and no proxy comes between a program and its own computer: text that was to stay here
    would leave. No connection outlives its answer, so that none needs closing.
    """

    async def bare(request: httpx2.Request) -> None:
        """Leave out what the client adds: the machine's system, and what variables of OpenAI hold for its servers."""
        for name in [name for name in request.headers if name not in _HEADERS]:
            del request.headers[name]
        request.headers["user-agent"] = "studyhall"
        if not remote.key_from:
            del request.headers["authorization"]

    return httpx2.AsyncClient(
        follow_redirects=False,
        trust_env=not remote.is_here,
        event_hooks={} if remote.provider else {"request": [bare]},
        limits=httpx2.Limits(max_keepalive_connections=0),
    )


class _Errors:
    """Says in a sentence what a server did, and what to do next."""

    def __init__(self, remote: RemoteModel) -> None:
        self._remote = remote
        parts = urlsplit(remote.url)
        self._server = f"The server {parts.hostname}{f':{parts.port}' if parts.port else ''}"

    def of(self, exc: Exception) -> ModelError:
        """Return our error for one of the client."""
        if isinstance(exc, openai.APIStatusError):
            return self._refusal(exc)
        if isinstance(exc, openai.APIConnectionError):
            return self._unreached(exc)
        return self._error(f"reports an error{_words(exc, self._remote)}", "Ask again; its log may say more.")

    def garbled(self) -> ModelError:
        """Return the error for what is no answer of such a server."""
        return self._error("sent something that is no answer of an OpenAI-compatible server", _BASE)

    def broken_off(self) -> ModelError:
        """Return the error for an answer without its end."""
        return self._error("broke off before its answer was whole", "Ask again; its log may say why.")

    def _refusal(self, exc: openai.APIStatusError) -> ModelError:
        remote, status, words = self._remote, exc.status_code, _words(exc, self._remote)
        if status in {401, 403}:
            if remote.key_from:
                return self._error(f"refuses the key ({status})", f"Check the variable {remote.key_from}.")
            again = "Name the variable that holds it: studyhall models add … --key-from VARIABLE"
            return self._error(f"wants a key ({status})", again)
        if status == 404:
            return self._error(f"has no model {remote.model!r}, or no such address (404){words}", _BASE)
        if status == 429:
            return self._error(f"takes no more requests for now (429){words}", "Wait a moment and ask again.")
        if status < 400:
            return self._error(f"sends requests elsewhere ({status})", "Add the model anew with the url it leads to.")
        if status < 500:
            return self._error(f"refused the request ({status}){words}", "Check the model's name and its limits.")
        return self._error(f"failed ({status}){words}", "Ask again in a moment; its log may say more.")

    def _unreached(self, exc: Exception) -> ModelError:
        causes = [*_causes(exc)]
        if isinstance(exc, openai.APITimeoutError):
            return self._error("doesn't answer", "Check that it runs, and the url.")
        if any(isinstance(cause, socket.gaierror | UnicodeError) for cause in causes):
            return self._error("has a name that leads nowhere", "Check the url, and the connection to the network.")
        if secure := next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None):
            why = getattr(secure, "verify_message", "") or secure.reason or type(secure).__name__
            told = f"offers no secure connection ({why})"
            return self._error(told, "Check whether the url begins with https rightly, and the server's certificate.")
        if any(isinstance(cause, httpx2.ConnectError) for cause in causes):
            return self._error("can't be reached: nothing answers there", "Start it, or check the url.")
        return self.broken_off()

    def _error(self, what: str, remedy: str) -> ModelError:
        return ModelError(f"{self._server} {what}.", remedy=remedy)


def _words(exc: Exception, remote: RemoteModel) -> str:
    """Return what a server says of an error, in one short line and without the key; "" if it says nothing."""
    body = getattr(exc, "body", None)
    said = (body.get("message") or body.get("detail")) if isinstance(body, dict) else None
    if not isinstance(said, str) or not said.strip():
        return ""
    if key := os.environ.get(remote.key_from, "").strip() if remote.key_from else "":
        said = said.replace(key, "…")
    said = " ".join(said.split()).rstrip(".")
    return f": “{said[:_SAID]}{'…' if len(said) > _SAID else ''}”"


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """Yield an error, what it was raised from, and so on."""
    cause: BaseException | None = exc
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
