"""The queue of accepted, not yet parsed sources. Their bytes lie in the files folder, so nothing can lose them.

A web address may be accepted before it is fetched; its source has no bytes and no hash yet.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from rag.library.database import Database, now
from rag.library.transactions import insert, withdraw_jobs
from rag.types import Source


@dataclass(frozen=True, slots=True)
class Job:
    """A source accepted for a collection and not parsed yet."""

    collection: str
    document_id: str
    source: Source

    @property
    def is_address(self) -> bool:
        """Whether it is a web address that was not fetched yet."""
        return not self.source.sha256


class IngestQueue:
    """Reads and changes the queue of sources to be parsed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, collection_id: int, document_id: str, source: Source) -> None:
        """Queue `source`, whose bytes already lie in the files folder; replaces the job of an older version."""
        job = {"collection_id": collection_id, "document_id": document_id, "added": now(), **asdict(source)}
        with self._database.write() as db:
            withdraw_jobs(db, "collection_id = ? AND uri = ?", (collection_id, source.uri))  # of an older version
            insert(db, "jobs", [job])
            db.execute("DELETE FROM file_removals WHERE sha256 = ?", (source.sha256,))

    def jobs(self) -> list[Job]:
        """Return the queued jobs, oldest first."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT name, document_id, uri, media_type, size, sha256, mtime_ns, etag
                   FROM jobs JOIN collections ON id = collection_id ORDER BY jobs.rowid"""
            ).fetchall()
        return [Job(row["name"], row["document_id"], Source(*row[2:])) for row in rows]

    def withdraw(self, job: Job) -> None:
        """Remove a job from the queue: its file is the held version again."""
        with self._database.write() as db:
            where = "uri = ? AND document_id = ? AND collection_id = (SELECT id FROM collections WHERE name = ?)"
            withdraw_jobs(db, where, (job.source.uri, job.document_id, job.collection))
