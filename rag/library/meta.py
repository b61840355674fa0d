"""What a home remembers: small facts under a key, such as the measured speed of a model."""

from __future__ import annotations

import json
from dataclasses import asdict

from rag.library.database import Database
from rag.ports import Choice


class Metadata:
    """Keeps small facts from one run to the next."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, key: str, value: str) -> None:
        """Keep a fact, in the place of what was kept under its key."""
        with self._database.write() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def recall(self, key: str) -> str | None:
        """Return what was kept under `key`."""
        with self._database.read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row["value"])

    def record_embedder(self, fingerprint: str, choice: Choice) -> None:
        """Keep which embedder a fingerprint is of, so that its vectors can be searched when another is chosen."""
        key = f"embedder:{fingerprint}"
        if self.recall(key) is None:
            self.remember(key, json.dumps(asdict(choice)))

    def recorded_embedder(self, fingerprint: str) -> Choice | None:
        """Return the embedder of a fingerprint; None in homes that are older than this record."""
        packed = self.recall(f"embedder:{fingerprint}")
        return Choice(**json.loads(packed)) if packed else None
