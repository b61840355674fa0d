"""Who is offline: libraries always, a download only if a person wants it so."""

from __future__ import annotations

import pytest

from rag.errors import ModelError, Offline
from rag.platform.offline import check_online, check_sending, downloading_environment, stay_local


def test_a_download_is_silent_and_not_offline_beside_libraries_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "ANONYMIZED_TELEMETRY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    stay_local()
    assert downloading_environment().keys().isdisjoint({"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"})
    assert downloading_environment()["HF_HUB_DISABLE_TELEMETRY"] == "1"


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_who_wants_to_be_offline_is(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYHALL_OFFLINE", value)
    with pytest.raises(Offline, match=r"STUDYHALL_OFFLINE is set, and a download needs the network\. Unset it"):
        check_online("a download")


@pytest.mark.parametrize("value", [None, "", "0"])
def test_who_does_not_is_online(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is not None:
        monkeypatch.setenv("STUDYHALL_OFFLINE", value)
    check_online("a download")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1", "0.0.0.0"])
def test_a_model_on_this_computer_answers_offline_too(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYHALL_OFFLINE", "1")
    check_sending(host)


@pytest.mark.parametrize(
    "host", ["llm.example.edu", "10.0.0.7", "localhost.example.edu", "127.0.0.1.nip.example", "::2"]
)
def test_a_model_on_another_computer_answers_only_online(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_sending(host)
    monkeypatch.setenv("STUDYHALL_OFFLINE", "1")
    with pytest.raises(ModelError, match=f"{host} is another computer"):
        check_sending(host)
