"""Switches off the telemetry and look-ups of our libraries, before they are imported; and says when to stay offline."""

from __future__ import annotations

import os

from rag.errors import Offline

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
    if os.environ.get(OFFLINE, "0") not in {"", "0"}:
        message = f"{OFFLINE} is set, and {what} needs the network."
        raise Offline(message, remedy="Unset it, or bring the file here by other means.")
