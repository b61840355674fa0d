"""Local means local: what our libraries would tell the world is switched off before they are imported."""

from __future__ import annotations

import os

_SILENCE = {
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",  # transformers looks for newer files of a model otherwise, even for one in a folder
    "GRADIO_ANALYTICS_ENABLED": "False",
    "LANGSMITH_TRACING": "false",  # would send prompts, that is: documents
    "LANGCHAIN_TRACING_V2": "false",
    "OTEL_SDK_DISABLED": "true",
    "DO_NOT_TRACK": "1",
}


def stay_local() -> None:
    """Set the variables by which libraries are told to keep to themselves; whatever was set before gives way."""
    os.environ.update(_SILENCE)
