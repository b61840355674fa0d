"""E-mail: sender, recipients and date, then the message with those forwarded in it; attachments are named."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.bundles.eml_parts import BROKEN, ENCRYPTED, Reading, add_message
from rag.errors import Damaged, NoText, PasswordNeeded
from rag.types import Document


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a message; attachments are named in the notes, not read."""
    try:
        message: Any = message_from_bytes(data, policy=default)
    except BROKEN as error:
        msg = f"{name} is damaged: it can't be read as an e-mail ({error})."
        raise Damaged(msg, remedy="Save it again from the mail program.") from error
    if message.get_content_type() in ENCRYPTED:
        msg = f"{name} is an encrypted e-mail."
        raise PasswordNeeded(msg, remedy="Save its text from the mail program that can open it.")
    reading = Reading(name)
    headers = add_message(reading, message)
    builder = reading.builder
    if not builder.text:
        msg = f"{name} has no text."
        raise NoText(msg, remedy="Check that it was saved completely; attachments are ingested as files of their own.")
    title = headers.get("Subject") or PurePath(name).stem
    attached = (f"attachments not read: {', '.join(reading.attached)}",) if reading.attached else ()
    notes = (*reading.assumed, *attached)
    return Document(builder.text, title, detect_language(builder.text), tuple(builder.blocks), notes=notes)
