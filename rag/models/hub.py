"""The hub: looks up a file and sends its bytes; huggingface_hub knows its addresses, tokens and errors.

The library's own download begins anew after a kill (version 2.4: each process writes to a file of its own and deletes
it when it fails), so only the parts below it are used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import get_hf_file_metadata, get_session, get_token, hf_hub_url, hf_raise_for_status
from huggingface_hub.errors import (
    DisabledRepoError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from rag.errors import DownloadError, HubUnavailable, NoAccess, NotOnHub, WrongFile
from rag.models.catalogue import HubFile

TIMEOUT_S = 30.0  # without a byte, until a connection counts as broken
AGAIN = "then pull again: what has come is kept."

_OFFICIAL = "https://huggingface.co"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BEYOND_THE_END = 416
_PASSING = {408, 425, 429, 500, 502, 503, 504}  # statuses that another try may not meet


@dataclass(frozen=True, slots=True)
class Remote:
    """A file as the server describes it."""

    url: str
    size: int | None  # bytes; None where the server doesn't say
    sha256: str | None  # the catalogue's, else the server's
    identity: str  # another one where the content is another


@dataclass(frozen=True, slots=True)
class Sending:
    """The bytes that a server sends: from `start` on, which is 0 where it can't begin elsewhere."""

    start: int
    total: int | None  # bytes of the whole file
    pieces: Iterator[bytes]


class Hub:
    """Asks one hub for one file. Raises HubUnavailable where another try may help, else another DownloadError."""

    def __init__(self, wanted: HubFile, endpoint: str) -> None:
        self.wanted = wanted
        self.endpoint = endpoint.rstrip("/")
        self.host = urlsplit(endpoint).netloc

    def look(self) -> Remote:
        """Return what the server says of the file; raises WrongFile where the catalogue says something else."""
        wanted = self.wanted
        url, headers = self._url(wanted.revision), self._headers
        with self._told():
            found = get_hf_file_metadata(url, token=False, headers=headers, timeout=TIMEOUT_S, endpoint=self.endpoint)
        etag = found.etag or ""
        sha256 = etag if _SHA256.fullmatch(etag) else None
        for expected, said in ((wanted.bytes, found.size), (wanted.sha256, sha256)):
            if expected is not None and said is not None and said != expected:
                message = f"{self.host} has another file under {wanted} than the catalogue: {said}, not {expected}."
                raise WrongFile(message, remedy="Check the setting hub, or pull another model.")
        return Remote(
            url=self._url(found.commit_hash or wanted.revision),  # a branch may move meanwhile, its commit stays
            size=wanted.bytes if found.size is None else found.size,
            sha256=wanted.sha256 or sha256,
            identity=wanted.sha256 or etag or found.commit_hash or wanted.revision,
        )

    @contextmanager
    def send(self, remote: Remote, start: int) -> Iterator[Sending]:
        """Ask for the bytes from `start` on."""
        headers = {**self._headers, "range": f"bytes={start}-"} if start else self._headers
        with self._told(), get_session().stream("GET", remote.url, headers=headers, timeout=TIMEOUT_S) as response:
            if response.status_code == _BEYOND_THE_END and start:
                with self.send(remote, 0) as all_of_it:
                    yield all_of_it
                return
            hf_raise_for_status(response)
            said = response.headers.get("content-range", "")
            begins = start if said.startswith(f"bytes {start}-") else 0
            length = response.headers.get("content-length", "")
            total = begins + int(length) if length.isdigit() else remote.size
            if remote.size not in {None, total}:  # a page of the network in between, perhaps
                message = f"{self.host} sends {total:,} bytes, and {self.wanted.name} has {remote.size:,}."
                raise HubUnavailable(message, remedy=f"Check the connection, {AGAIN}")
            yield Sending(begins, total, response.iter_raw())

    @cached_property
    def _headers(self) -> dict[str, str]:
        """The headers of each request: a token, if the person has one, and nothing about this machine.

        The token of `hf auth login` is for the hub itself; a mirror gets only what ``HF_TOKEN`` holds.
        """
        token = get_token() if self.endpoint == _OFFICIAL else os.environ.get("HF_TOKEN")
        headers = {"user-agent": "studyhall", "accept-encoding": "identity"}
        return headers | ({"authorization": f"Bearer {token}"} if token else {})

    def _url(self, revision: str) -> str:
        return hf_hub_url(self.wanted.repository, self.wanted.file, revision=revision, endpoint=self.endpoint)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Translate the errors of hub and connection."""
        try:
            yield
        except HfHubHTTPError as exc:
            raise self._refusal(exc) from exc
        except httpx2.TransportError as exc:
            message = f"The connection to {self.host} fails: {str(exc).rstrip('.') or type(exc).__name__}."
            raise HubUnavailable(message, remedy=f"Check the connection, {AGAIN}") from exc
        except (httpx2.HTTPError, httpx2.InvalidURL) as exc:
            message = f"{self.endpoint} doesn't answer as a hub does: {exc}."
            raise DownloadError(message, remedy="Check the setting hub.") from exc
        except HFValidationError as exc:
            message = f"The hub can't have a repository {self.wanted.repository!r}."
            raise NotOnHub(message, remedy="Check its name.") from exc

    def _refusal(self, exc: HfHubHTTPError) -> DownloadError:
        host, repository, status = self.host, self.wanted.repository, exc.response.status_code
        if isinstance(exc, GatedRepoError):
            remedy = "Accept them on its page on the hub, and set HF_TOKEN to a token of yours."
            return NoAccess(f"{repository} is given only to those who have accepted its terms.", remedy=remedy)
        if isinstance(exc, DisabledRepoError):
            return NoAccess(f"{host} gives {repository} to nobody any more.", remedy="Choose another repository.")
        if isinstance(exc, RepositoryNotFoundError):
            remedy = "Check its name; if it is private, set HF_TOKEN to a token that may read it."
            return NotOnHub(f"{host} has no repository {repository}, or shows it only to some.", remedy=remedy)
        if isinstance(exc, RevisionNotFoundError):
            message = f"{repository} has no revision {self.wanted.revision}."
            return NotOnHub(message, remedy="Leave it out to get the newest.")
        if isinstance(exc, EntryNotFoundError) or status in {404, 410}:
            message = f"{host} has no file {self.wanted.file} in {repository} at revision {self.wanted.revision}."
            return NotOnHub(message, remedy="Look up the names of its files on the repository's page.")
        if status in {401, 403}:
            remedy = "Set HF_TOKEN to a token that may read it, or unset one that is out of date."
            return NoAccess(f"{host} refuses {self.wanted} (status {status}).", remedy=remedy)
        if status in _PASSING:
            what = "is asked too often" if status == 429 else "has a failure of its own"
            return HubUnavailable(f"{host} {what} (status {status}).", remedy=f"Wait some minutes, {AGAIN}")
        return DownloadError(f"{host} refuses {self.wanted} (status {status}).", remedy="Check the setting hub.")
