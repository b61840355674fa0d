"""E-mail: sender, recipients and date, then the message; attachments are named."""

from __future__ import annotations

from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder
from ingest.loaders.markup import html
from ingest.loaders.plain.text import PARAGRAPH, decoded
from rag.errors import Damaged, NoText, PasswordNeeded
from rag.types import BlockKind, Document

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
# The standard library's errors on broken headers and bodies; none are documented.
_BROKEN = (MessageError, ValueError, LookupError, AttributeError, TypeError)


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a message; attachments are named in the notes, not read."""
    try:
        message: Any = message_from_bytes(data, policy=default)
    except _BROKEN as error:
        msg = f"{name} is damaged: it can't be read as an e-mail ({error})."
        raise Damaged(msg, remedy="Save it again from the mail program.") from error
    if message.get_content_type() in ("multipart/encrypted", "application/pkcs7-mime"):
        msg = f"{name} is an encrypted e-mail."
        raise PasswordNeeded(msg, remedy="Save its text from the mail program that can open it.")
    headers = {field: said for field in _SHOWN if (said := _header(message, field))}
    builder = TextBuilder()
    builder.add(headers.get("Subject", ""), BlockKind.HEADING, level=1)
    builder.add("\n".join(f"{field}: {said}" for field, said in headers.items() if field != "Subject"))
    attached = _add_body(builder, message, name)
    if not builder.text:
        msg = f"{name} has no text."
        raise NoText(msg, remedy="Check that it was saved completely; attachments are ingested as files of their own.")
    title = headers.get("Subject") or PurePath(name).stem
    notes = (f"attachments not read: {', '.join(attached)}",) if attached else ()
    return Document(builder.text, title, detect_language(builder.text), tuple(builder.blocks), notes=notes)


def _header(message: EmailMessage, field: str) -> str:
    """Return a header on one line, decoded as far as possible."""
    try:
        return " ".join(str(message[field] or "").split())
    except _BROKEN:
        pass
    raw = next((value for key, value in message.raw_items() if key.lower() == field.lower()), "")
    try:
        return " ".join(str(make_header(decode_header(str(raw)))).split())
    except _BROKEN:
        return " ".join(str(raw).split())


def _add_body(builder: TextBuilder, message: Any, name: str) -> list[str]:
    """Add the texts that are shown, in their order; return the names of what isn't: the attachments."""
    shown, attached = _parts(message)
    for part in shown:
        text = _content(part, name)
        if part.get_content_subtype() == "html":
            html.add_whole(builder, text.encode(), name)
        else:
            _add_plain(builder, text)
    if not shown and not message.is_multipart():  # declared as multipart, but without parts
        _add_plain(builder, decoded(message.get_payload(decode=True) or b"", name))
    return [_name_of(part) for part in attached]


def _parts(part: Any) -> tuple[list[Any], list[Any]]:
    """Return the texts of a message that are shown, and what is attached; of alternatives one is shown."""
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        forms = [_parts(inner) for inner in part.iter_parts()]
        plain = [form for form in forms if any(text.get_content_subtype() != "html" for text in form[0])]
        best = next(iter(plain or [form for form in forms if form[0]]), ([], []))
        return best[0], [attached for form in forms for attached in form[1]]
    if kind == "message/rfc822" or part.is_attachment():
        return [], [part]
    if part.is_multipart():
        inner = [_parts(one) for one in part.iter_parts()]
        return [text for texts, _ in inner for text in texts], [one for _, others in inner for one in others]
    if kind in {"text/plain", "text/html"}:
        return [part], []
    return [], [part] if part.get_filename() else []


def _add_plain(builder: TextBuilder, text: str) -> None:
    """Add the paragraphs of a text."""
    for match in PARAGRAPH.finditer(text):
        builder.add(match[0])


def _content(part: Any, name: str) -> str:
    """Return a part's text, decoded by its declared or its real encoding."""
    try:
        said = part.get_content()
        if isinstance(said, str) and "\ufffd" not in said:
            return said.replace("\r\n", "\n")
    except _BROKEN:
        pass
    payload = part.get_payload(decode=True)
    return decoded(payload if isinstance(payload, bytes) else str(part.get_payload()).encode(), name)


def _name_of(part: Any) -> str:
    try:
        return str(part.get_filename() or part.get_content_type())
    except _BROKEN:
        return "one without a name"
