"""The login of a page that others on the network can reach: without the password there is nothing to see."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rag.errors import InputError
from tests.ui.web.conftest import TOKEN, Served, serving
from ui.cli import main
from ui.hall import Studyhall
from ui.login import COOKIE
from ui.password import FILE, PagePassword

PASSWORD = "correct horse battery staple"


@pytest.fixture
def password(own_home: Path) -> PagePassword:
    kept = PagePassword(own_home)
    kept.set(PASSWORD)
    return kept


@pytest.fixture
def served(hall: Studyhall, password: PagePassword) -> Iterator[Served]:
    with serving(hall, host="0.0.0.0") as running:
        yield running


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with served.client() as opened:
        yield opened


def test_only_a_hash_is_kept_and_only_its_owner_can_read_it(own_home: Path, password: PagePassword) -> None:
    file = own_home / FILE
    assert PASSWORD not in file.read_text()
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert password.is_right(PASSWORD)
    assert not password.is_right("correct horse battery")
    assert not password.is_right("")


def test_a_short_password_is_refused(own_home: Path) -> None:
    with pytest.raises(InputError, match="10 characters"):
        PagePassword(own_home).set("password")
    assert PagePassword(own_home).mark == ""


def test_the_network_is_not_served_without_a_password(
    own_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["ui", "--host", "0.0.0.0", "--port", "0", "--no-open"]) == 1
    assert "studyhall password" in capsys.readouterr().err
    monkeypatch.setenv("STUDYHALL_PASSWORD", PASSWORD)
    assert main(["password"]) == 0
    assert PagePassword(own_home).is_right(PASSWORD)
    assert main(["password", "--remove"]) == 0
    assert not PagePassword(own_home).is_right(PASSWORD)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", ["/", "/config", "/gradio_api/startup-events", "/conversation/0123456789abcdef.md", "/studyhall.js"]
)
def test_without_the_password_nothing_is_shown(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 401
    sent = client.get(path, headers={"Accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/login")


@pytest.mark.slow
def test_the_right_password_opens_the_page_and_logging_out_closes_it(client: httpx.Client) -> None:
    page = client.get("/login", headers={"Accept-Language": "de"})
    assert 'lang="de"' in page.text
    assert "gradio" not in page.text
    wrong = client.post("/login", data={"password": "wrong"})
    assert wrong.status_code == 401
    assert COOKIE not in client.cookies
    right = client.post("/login", data={"password": PASSWORD})
    assert (right.status_code, right.headers["location"]) == (303, "/")
    assert "httponly" in right.headers["set-cookie"].lower()
    assert "samesite=strict" in right.headers["set-cookie"].lower()
    assert client.get("/").status_code == 200
    assert client.post("/logout").status_code == 303
    assert client.get("/").status_code == 401


@pytest.mark.slow
def test_whoever_guesses_has_to_wait(client: httpx.Client) -> None:
    for _ in range(5):
        assert client.post("/login", data={"password": "guess"}).status_code == 401
    assert client.post("/login", data={"password": "guess"}).status_code == 429
    assert client.post("/login", data={"password": PASSWORD}).status_code == 429


@pytest.mark.slow
def test_a_new_password_ends_the_sessions_of_the_old_one(client: httpx.Client, password: PagePassword) -> None:
    client.post("/login", data={"password": PASSWORD})
    assert client.get("/").status_code == 200
    password.set("another password")
    assert client.get("/").status_code == 401


@pytest.mark.slow
def test_another_web_site_can_not_log_in_or_out(client: httpx.Client) -> None:
    foreign = {"Origin": "http://evil.example"}
    assert client.post("/login", data={"password": PASSWORD}, headers=foreign).status_code == 403
    assert client.post("/logout", headers=foreign).status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize("cookie", ["", "x", "é", "a" * 5000])
def test_a_made_up_cookie_opens_nothing(client: httpx.Client, cookie: str) -> None:
    sent = client.get("/", headers={"Cookie": f"{COOKIE}={cookie}".encode()})
    assert sent.status_code == 401


@pytest.mark.slow
def test_a_command_of_this_computer_needs_no_password(client: httpx.Client) -> None:
    call = {"call": "documents", "arguments": {}}
    assert client.post("/api/v1/run", json=call).status_code == 401
    known = {"Authorization": f"Bearer {TOKEN}"}
    assert client.post("/api/v1/run", json=call, headers=known).status_code == 200


@pytest.mark.slow
def test_on_this_computer_nobody_is_asked(hall: Studyhall, password: PagePassword) -> None:
    with serving(hall) as running, running.client() as client:
        assert client.get("/").status_code == 200
        assert client.get("/login").status_code != 200
