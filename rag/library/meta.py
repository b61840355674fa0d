"""Facts that a home keeps under keys, such as the measured speed of a model."""

from __future__ import annotations

import json
from dataclasses import asdict

from rag.library.database import Database
from rag.ports import Choice


class Metadata:
    """Keeps small facts between runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, key: str, value: str) -> None:
        """Store a fact, replacing the former value of its key."""
        with self._database.write() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def recall(self, key: str) -> str | None:
        """Return the fact stored under `key`, or None."""
        with self._database.read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row["value"])

    def record_embedder(self, fingerprint: str, choice: Choice) -> None:
        """Store the embedder of a fingerprint, so that its vectors stay searchable after another embedder is chosen."""
        key = f"embedder:{fingerprint}"
        if self.recall(key) is None:
            self.remember(key, json.dumps(asdict(choice)))

    def recorded_embedder(self, fingerprint: str) -> Choice | None:
        """Return the embedder of a fingerprint, or None in homes older than this record."""
        packed = self.recall(f"embedder:{fingerprint}")
        return Choice(**json.loads(packed)) if packed else None
