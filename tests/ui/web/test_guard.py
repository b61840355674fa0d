"""Who may speak to the page, how much at once, and what it may load."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.ui.web.conftest import TOKEN, Served, serving
from ui.guard import Address, LimitedBody, is_loopback
from ui.hall import Studyhall
from ui.version import VERSION
from ui.web.ask import Exchange, Stage
from ui.web.past import packed

pytestmark = pytest.mark.slow

HERE = Address("127.0.0.1", 7861)


@pytest.fixture(scope="module")
def served(sample_hall: Studyhall) -> Iterator[Served]:
    with serving(sample_hall) as running:
        yield running


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with served.client() as opened:
        yield opened


@pytest.mark.parametrize("host", ["localhost:7861", "127.0.0.1:7861", "[::1]:7861", "LOCALHOST:7861"])
def test_names_of_this_computer_are_accepted(host: str) -> None:
    assert HERE.accepts(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:7861",
        "localhost",
        "localhost:80",
        "127.0.0.1.evil.example:7861",
        "",
        "[::1",
        "localhost:7861@evil.example",
        "evil.example@localhost:7861",
        "localhost:port",
        "192.168.0.7:7861",
    ],
)
def test_other_names_are_not(host: str) -> None:
    assert not HERE.accepts(host)


def test_a_configured_host_is_accepted_too() -> None:
    assert Address("study.local", 80).accepts("study.local")
    assert not Address("study.local", 80).accepts("other.local")


def test_listening_everywhere_accepts_numbers_but_no_foreign_names() -> None:
    everywhere = Address("0.0.0.0", 7861)
    assert everywhere.accepts("192.168.0.7:7861")
    assert not everywhere.accepts("evil.example:7861")


def test_loopback_is_told_from_the_network() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "::1", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "192.168.0.7", "pc"))


def test_health_names_us(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"name": "studyhall", "version": VERSION}


@pytest.mark.parametrize("path", ["/", "/health", "/config", "/gradio_api/queue/data", "/api/v1/run", "/studyhall.js"])
def test_a_foreign_host_gets_nothing(client: httpx.Client, path: str) -> None:
    reply = client.get(path, headers={"Host": "evil.example"})
    assert reply.status_code == 403
    assert reply.text.count("\n") == 1


def test_a_foreign_origin_cannot_upload(client: httpx.Client, served: Served) -> None:
    reply = client.post(
        "/gradio_api/upload", files={"files": ("a.md", b"# A")}, headers={"Origin": "https://evil.example"}
    )
    assert reply.status_code == 403
    assert not list(served.hall.uploads.rglob("*.md"))


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1"])
def test_a_foreign_origin_cannot_ask(client: httpx.Client, origin: str) -> None:
    assert client.post("/gradio_api/queue/join", json={}, headers={"Origin": origin}).status_code == 403
    assert client.get("/gradio_api/queue/data", headers={"Origin": origin}).status_code == 403


def test_another_site_cannot_load_anything_into_its_page(client: httpx.Client) -> None:
    assert client.get("/theme.css", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/", headers=followed).status_code == 200


def test_our_own_origin_can(client: httpx.Client, served: Served) -> None:
    reply = client.post("/api/v1/run", json={"call": "collections"}, headers={"Origin": served.url})
    assert reply.status_code == 401  # let through, and asked for the token
    told = {"Origin": served.url, "Authorization": f"Bearer {TOKEN}"}
    assert client.post("/api/v1/run", json={"call": "collections"}, headers=told).status_code == 200


def test_every_answer_has_the_headers(client: httpx.Client) -> None:
    for path in ("/", "/health", "/theme.css", "/nothing"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe-eval" not in headers["Content-Security-Policy"]
        assert "server" not in headers


def test_each_page_has_a_nonce_of_its_own(client: httpx.Client) -> None:
    nonces = []
    for _ in range(2):
        reply = client.get("/")
        nonce = re.search(r"'nonce-([^']+)'", reply.headers["Content-Security-Policy"])
        assert nonce is not None
        scripts = re.findall(r"<script[^>]*>", reply.text)
        assert scripts
        assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
        nonces.append(nonce[1])
    assert nonces[0] != nonces[1]


def test_the_page_names_no_other_server(client: httpx.Client, served: Served) -> None:
    # The namespace of SVG is a name: nobody fetches it.
    ours = (served.url, "http://www.w3.org/2000/svg")
    for path in ("/", "/studyhall.css", "/studyhall.js", "/studyhall.svg", "/theme.css"):
        named = re.findall(r"https?://[\w.-]+[^\s\"'<>)]*", client.get(path).text)
        assert [address for address in named if not address.startswith(ours)] == []


@pytest.mark.parametrize(
    "path",
    [
        "/docs",
        "/redoc",
        "/openapi.json",
        "/gradio_api/info",
        "/gradio_api/openapi.json",
        "/monitoring",
        "/gradio_api/proxy=https://evil.example/",
        "/gradio_api/file=/etc/hostname",
        "/manifest.json",
    ],
)
def test_what_the_page_needs_not_is_closed(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_too_large_a_request_is_refused_by_what_it_says(served: Served) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)) as connection:
        connection.putrequest("POST", "/gradio_api/queue/join")
        connection.putheader("Content-Length", str(10**9))
        connection.endheaders()
        assert connection.getresponse().status == 413


async def test_too_large_a_request_is_refused_by_what_it_sends() -> None:
    """A request that does not say its length is counted as it comes."""
    sent: list[dict[str, object]] = []
    pieces = [{"type": "http.request", "body": b"x" * 6, "more_body": True} for _ in range(3)]

    async def receive() -> dict[str, object]:
        return pieces.pop(0)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def app(scope: object, receive: object, send: object) -> None:
        while (await receive())["type"] != "http.disconnect":  # type: ignore[operator]
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]

    scope = {"type": "http", "path": "/", "method": "POST", "headers": []}
    await LimitedBody(app, upload=10, other=10)(scope, receive, send)  # type: ignore[arg-type]
    assert [message["status"] for message in sent if message["type"] == "http.response.start"] == [413]


def test_gradio_takes_no_file_larger_than_the_setting(client: httpx.Client) -> None:
    config = client.get("/config").json()
    assert config["max_file_size"] == 500_000_000
    assert config["analytics_enabled"] is False
    assert config["footer_links"] == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'"text"',
        b'{"call": 3}',
        b'{"what": "\\ud800"}',
        b'{"call": "find", "arguments": []}',
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_no_call_is_refused(body: bytes, client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    assert client.post("/api/v1/run", content=body, headers=headers).status_code in {400, 422}


@pytest.mark.parametrize("name", ["", "\x00", "../../etc/passwd", "x" * 100_000, "\ud800"])
def test_a_strange_argument_is_answered_with_an_error_in_words(name: str, client: httpx.Client) -> None:
    body = json.dumps({"call": "find", "arguments": {"name": name}}).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    reply = client.post("/api/v1/run", content=body, headers=headers)
    assert reply.status_code == 200
    assert json.loads(reply.text)["kind"] == "error"


def test_a_conversation_can_be_saved_and_one_that_is_not_there_says_so(client: httpx.Client, served: Served) -> None:
    key = served.hall.conversations.begin('Heaps "and" Bäume')
    served.hall.conversations.add(key, "", packed(Exchange("What is a heap?", Stage.STOPPED)))
    reply = client.get(f"/conversation/{key}.md")
    assert reply.text == '# Heaps "and" Bäume\n'  # what was stopped is no answer
    assert reply.headers["content-disposition"] == "attachment; filename*=UTF-8''Heaps%20and%20B%C3%A4ume.md"
    assert client.get("/conversation/0123456789abcdef.md").status_code == 404
    assert client.get(f"/conversation/{key}.md", headers={"Host": "evil.example"}).status_code >= 400
