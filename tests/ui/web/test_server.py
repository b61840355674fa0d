"""Where the server listens, and what it says about it."""

from __future__ import annotations

from contextlib import closing

import pytest

from rag.errors import InputError
from ui.guard import Address
from ui.server import greeting, listen, url_of


def test_a_port_that_is_taken_is_named_with_the_remedy() -> None:
    with closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"port {port}.*--port 0"):
            listen("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_told() -> None:
    with pytest.raises(InputError, match=r"203\.0\.113\.7"):
        listen("203.0.113.7", 0)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:7861/"),
        ("0.0.0.0", "http://127.0.0.1:7861/"),
        ("::1", "http://[::1]:7861/"),
        ("::", "http://[::1]:7861/"),
        ("study.local", "http://study.local:7861/"),
    ],
)
def test_the_address_can_be_typed_into_a_browser(host: str, url: str) -> None:
    assert url_of(Address(host, 7861)) == url


def test_the_network_is_warned_of() -> None:
    assert len(greeting(Address("127.0.0.1", 7861))) == 1
    assert "password" in greeting(Address("0.0.0.0", 7861))[1]
