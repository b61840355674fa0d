"""Fetching: from a real server on loopback, and never from where it must not."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingest.accept.fetch import fetch, is_public
from rag.errors import NoSuchPage, Offline, Unreadable

CHANGED = "Mon, 30 Nov 2026 10:00:00 GMT"


class Pages(BaseHTTPRequestHandler):
    """Serves a page, a page that has an etag, a redirect, a circle, and an error."""

    def do_GET(self) -> None:
        leads = {"/moved": "/page", "/circle": "/circle", "/inside": "http://10.0.0.1/secret"}
        fails = {"/gone": 404, "/down": 503}
        if self.path in leads:
            return self.answer(302, b"", location=leads[self.path])
        if self.path in fails:
            return self.answer(fails[self.path], b"")
        if self.path == "/dated":
            same = self.headers.get("If-Modified-Since") == CHANGED
            return self.answer(304 if same else 200, b"" if same else b"<p>dated</p>", **{"last-modified": CHANGED})
        if self.path == "/drips":
            return self.drip()
        if self.headers.get("If-None-Match") == '"v1"':
            return self.answer(304, b"")
        return self.answer(200, b"<p>" + self.headers["Host"].encode() + b"</p>", etag='"v1"')

    def drip(self) -> None:
        """Send a byte now and then, for ever."""
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)

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


def test_an_unchanged_page_that_has_only_a_date_has_no_data(server: str) -> None:
    first = fetch(f"{server}/dated", allowed=loopback_only)
    assert first.data == b"<p>dated</p>"
    again = fetch(f"{server}/dated", etag=first.etag, allowed=loopback_only)
    assert (again.data, again.etag) == (None, first.etag)


def test_a_server_that_drips_is_given_up(server: str) -> None:
    with pytest.raises(Unreadable, match="too slowly"):
        fetch(f"{server}/drips", allowed=loopback_only, seconds=0.5)


def test_a_page_that_is_not_there_is_told_from_a_server_that_is_down(server: str) -> None:
    with pytest.raises(NoSuchPage):
        fetch(f"{server}/gone", allowed=loopback_only)
    with pytest.raises(Unreadable) as caught:
        fetch(f"{server}/down", allowed=loopback_only)
    assert not isinstance(caught.value, NoSuchPage)


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
