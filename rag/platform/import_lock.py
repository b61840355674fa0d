"""The import lock: heavy libraries are imported by one thread at a time.

Python locks each module separately: a thread that imports Chroma while another imports onnxruntime can find numpy,
which both need, half imported, and fails.
"""

from __future__ import annotations

from threading import RLock

IMPORT_LOCK = RLock()
