"""Switches off the telemetry and look-ups of our libraries, before they are imported; and says when to stay offline."""

from __future__ import annotations

import os
from ipaddress import ip_address

from rag.errors import ModelError, Offline

_SILENCE = {
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "LANGSMITH_TRACING": "false",  # would send prompts, and thus documents
    "LANGCHAIN_TRACING_V2": "false",
    "OTEL_SDK_DISABLED": "true",
    "DO_NOT_TRACK": "1",
}
_HUB_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
OFFLINE = "STUDYHALL_OFFLINE"  # a person's own switch


def stay_local() -> None:
    """Set the variables that keep libraries offline, overriding the environment."""
    os.environ.update(_SILENCE)
    os.environ["HF_HUB_OFFLINE"] = "1"  # otherwise transformers looks for newer files, even of a model in a folder


def downloading_environment() -> dict[str, str]:
    """Return the environment of a process that downloads what a person asked for: silent, but not offline.

    huggingface_hub decides when it is imported, and for the whole process, whether it is offline.
    """
    return {name: value for name, value in (os.environ | _SILENCE).items() if name not in _HUB_OFFLINE}


def check_online(what: str) -> None:
    """Raise Offline, saying that `what` needs the network, if ``STUDYHALL_OFFLINE`` is set to anything but 0."""
    if _is_offline():
        message = f"{OFFLINE} is set, and {what} needs the network."
        raise Offline(message, remedy="Unset it, or bring the file here by other means.")


def check_sending(host: str) -> None:
    """Raise ModelError if ``STUDYHALL_OFFLINE`` is set and a model writes on another computer, `host`."""
    if _is_offline() and not is_this_computer(host):
        message = f"{OFFLINE} is set, and {host} is another computer."
        raise ModelError(message, remedy="Unset it, or choose a model on this computer.")


def is_this_computer(host: str) -> bool:
    """Say whether a host can only be this computer. A name is looked up nowhere: it could be any computer.

    >>> [is_this_computer(host) for host in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "10.0.0.7", "localhost.com")]
    [True, True, True, True, False, False]
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host.casefold() == "localhost"
    return address.is_loopback or address.is_unspecified


def _is_offline() -> bool:
    return os.environ.get(OFFLINE, "0") not in {"", "0"}
