"""Fetching: from a real server on loopback, and never from where it must not."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingest.accept.fetch import fetch, is_public
from rag.errors import Offline, Unreadable


class Pages(BaseHTTPRequestHandler):
    """Serves a page, a page that has an etag, a redirect, a circle, and an error."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            return self.answer(302, b"", location="/page")
        if self.path == "/circle":
            return self.answer(302, b"", location="/circle")
        if self.path == "/inside":
            return self.answer(302, b"", location="http://10.0.0.1/secret")
        if self.path == "/gone":
            return self.answer(404, b"")
        if self.headers.get("If-None-Match") == '"v1"':
            return self.answer(304, b"")
        return self.answer(200, b"<p>" + self.headers["Host"].encode() + b"</p>", etag='"v1"')

    def answer(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in {"content-type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Keep the tests' output quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://localhost:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def loopback_only(address: str) -> bool:
    return address in {"127.0.0.1", "::1"}


def test_a_page_is_fetched_under_the_name_it_was_asked_by(server: str) -> None:
    fetched = fetch(f"{server}/page", allowed=loopback_only)
    assert fetched.media_type == "text/html"
    assert fetched.data == f"<p>{server.removeprefix('http://')}</p>".encode()


def test_an_unchanged_page_has_no_data(server: str) -> None:
    assert fetch(f"{server}/page", etag='"v1"', allowed=loopback_only).data is None


def test_a_redirect_is_followed(server: str) -> None:
    assert fetch(f"{server}/moved", allowed=loopback_only).url == f"{server}/page"


@pytest.mark.parametrize(
    ("path", "says"),
    [("/circle", "redirects more than"), ("/inside", "local network"), ("/gone", "404")],
    ids=["circle of redirects", "redirect into the local network", "not found"],
)
def test_what_cannot_be_fetched_says_why(server: str, path: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        fetch(f"{server}{path}", allowed=loopback_only)


def test_this_machine_is_not_fetched_from(server: str) -> None:
    with pytest.raises(Unreadable, match="this machine or the local network"):
        fetch(f"{server}/page")


@pytest.mark.parametrize("url", ["ftp://example.org/x", "http://", "https:///x", "file:///etc/passwd"])
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(Unreadable, match="no http or https address"):
        fetch(url)


@pytest.mark.parametrize(
    "address",
    (
        "127.0.0.1 10.1.2.3 192.168.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 ::1 fe80::1 fc00::1 "
        "::ffff:127.0.0.1 ::ffff:10.0.0.1"
    ).split(),
)
def test_no_address_of_a_private_network_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_nothing_is_fetched_by_who_wants_to_be_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYHALL_OFFLINE", "1")
    with pytest.raises(Offline, match=r"fetching http://127\.0\.0\.1:1/page needs the network"):
        fetch("http://127.0.0.1:1/page", allowed=lambda address: True)
