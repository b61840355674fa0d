"""Fetches web pages safely: public addresses only, each redirect checked, size and time limited."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from rag.errors import NoSuchPage, Unreadable
from rag.platform.offline import check_online

if TYPE_CHECKING:
    import httpx  # imported when needed: most ingestions are of files

MOST_BYTES = 100 * 2**20
TIMEOUT_S = 20.0  # without a byte
WHOLE_S = 180.0  # for a page with its redirects, however slowly its bytes come
MOST_REDIRECTS = 5
_DATED = "modified "
AGENT = "Studyhall/0.1 (a person's own study library; fetches what its user names)"


@dataclass(frozen=True, slots=True)
class Fetched:
    """The response of a URL; `data` is None if it has not changed since `etag`."""

    url: str  # after redirects
    data: bytes | None
    media_type: str
    etag: str | None  # where there is none: `_DATED` and the date of the last change


def is_public(address: str) -> bool:
    """Say whether an IP address is public: neither this machine nor the local network."""
    ip = ipaddress.ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not (mapped or ip).is_multicast


def fetch(
    url: str, *, etag: str | None = None, allowed: Callable[[str], bool] = is_public, seconds: float = WHOLE_S
) -> Fetched:
    """Return the content of an ``http(s)`` URL.

    The host name is resolved once, its address checked with `allowed`, and the connection made to that very address, so
    that a second look-up can't lead elsewhere. Raises Unreadable with the reason, and Offline before any connection if
    ``STUDYHALL_OFFLINE`` is set.
    """
    check_online(f"fetching {url}")
    import httpx

    headers = {"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate"}
    if etag and etag.startswith(_DATED):
        headers["If-Modified-Since"] = etag.removeprefix(_DATED)
    elif etag:
        headers["If-None-Match"] = etag
    # trust_env: a proxy would resolve the name again, unchecked.
    with httpx.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
        at, until = url, time.monotonic() + seconds
        for _ in range(MOST_REDIRECTS + 1):
            response, data = _get(client, at, headers, allowed, until)
            if not response.has_redirect_location:
                return _fetched(url, at, response, data)
            at = urljoin(at, response.headers["location"])
    message = f"{url} redirects more than {MOST_REDIRECTS} times."
    raise Unreadable(message, remedy="Open it in a browser and give the address it ends at.")


def _fetched(url: str, at: str, response: httpx.Response, data: bytes) -> Fetched:
    import httpx

    if response.status_code == httpx.codes.NOT_MODIFIED:
        return Fetched(at, None, "", _validator(response))
    if response.status_code != httpx.codes.OK:
        message = f"{url} answered {response.status_code} {response.reason_phrase}."
        error = NoSuchPage if response.is_client_error else Unreadable
        raise error(message, remedy="Check the address in a browser; a page behind a login can be saved as a file.")
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(at, data, media_type, _validator(response))


def _validator(response: httpx.Response) -> str | None:
    """Return what tells the next time whether the page has changed: its ETag, or else the date of its last change."""
    etag, changed = (response.headers.get(name) for name in ("etag", "last-modified"))
    return etag or (f"{_DATED}{changed}" if changed else None)


def _get(
    client: httpx.Client, url: str, headers: dict[str, str], allowed: Callable[[str], bool], until: float
) -> tuple[httpx.Response, bytes]:
    import httpx

    host, address = _resolve(url, allowed)
    parts = urlsplit(url)
    try:
        # The URL names the checked address; the host name goes into the Host header and the TLS handshake.
        bare = f"[{address}]" if ":" in address else address
        target = parts._replace(netloc=f"{bare}:{parts.port}" if parts.port else bare).geturl()
        with client.stream(
            "GET",
            target,
            headers={**headers, "Host": parts.netloc.rpartition("@")[2]},
            extensions={"sni_hostname": host},
        ) as response:
            return response, _read(response, url, until)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        message = f"{url} can't be fetched: {exc or type(exc).__name__}."
        raise Unreadable(message, remedy="Check the address and the connection, then try again.") from exc


def _read(response: httpx.Response, url: str, until: float) -> bytes:
    data = bytearray()
    for part in response.iter_bytes():
        data += part
        if time.monotonic() > until:
            message = f"{url} was given up: its server sends it too slowly."
            raise Unreadable(message, remedy="Try again later, or download it yourself and ingest the file.")
        if len(data) > MOST_BYTES:
            message = f"{url} is larger than {MOST_BYTES // 2**20} MB."
            raise Unreadable(message, remedy="Download it yourself and ingest the file.")
    return bytes(data)


def _resolve(url: str, allowed: Callable[[str], bool]) -> tuple[str, str]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host:
        message = f"{url} is no http or https address."
        raise Unreadable(message, remedy="Give a whole address, such as https://example.org/page.html.")
    try:
        found = socket.getaddrinfo(host, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as exc:
        message = f"{url} can't be reached: the host {host} is not found."
        raise Unreadable(message, remedy="Check the address and the connection, then try again.") from exc
    addresses = [str(entry[4][0]) for entry in found]
    # One bad address among good ones is an attack, not a mistake.
    if not addresses or not all(allowed(address) for address in addresses):
        message = f"{url} leads to this machine or the local network, where Studyhall doesn't fetch from."
        raise Unreadable(message, remedy="Save the page as a file and ingest the file.")
    return host, addresses[0]
