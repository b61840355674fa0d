"""Switches off the telemetry and look-ups of our libraries, before they are imported."""

from __future__ import annotations

import os

_SILENCE = {
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",  # otherwise transformers looks for newer files, even of a model in a folder
    "GRADIO_ANALYTICS_ENABLED": "False",
    "LANGSMITH_TRACING": "false",  # would send prompts, and thus documents
    "LANGCHAIN_TRACING_V2": "false",
    "OTEL_SDK_DISABLED": "true",
    "DO_NOT_TRACK": "1",
}


def stay_local() -> None:
    """Set the variables that keep libraries offline, overriding the environment."""
    os.environ.update(_SILENCE)
