"""Reads the parts of an e-mail in the order in which they are shown: text between pictures, forwarded messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

from ingest.loaders.building import TextBuilder
from ingest.loaders.markup import html
from ingest.loaders.plain.decoding import decode
from ingest.loaders.plain.text import PARAGRAPH, plain
from rag.errors import SourceError
from rag.types import BlockKind

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
# The standard library's errors on broken headers and bodies; none are documented.
BROKEN = (MessageError, ValueError, LookupError, AttributeError, TypeError, AssertionError)
ENCRYPTED = frozenset(("multipart/encrypted", "application/pkcs7-mime"))
_NOT_PROSE = frozenset(("calendar", "x-vcalendar", "vcard", "x-vcard", "directory", "css", "csv", "javascript"))
_DEEPEST = 20  # levels of parts within parts
_DEEPEST_MESSAGE = 3  # levels of forwarded messages that are read


@dataclass(slots=True)
class Reading:
    """What was read of a message so far, and what wasn't."""

    name: str
    builder: TextBuilder = field(default_factory=TextBuilder)
    attached: list[str] = field(default_factory=list)  # names of parts that are not read
    assumed: list[str] = field(default_factory=list)  # notes on encodings


def add_message(reading: Reading, message: Any, level: int = 1) -> dict[str, str]:
    """Add a message's headers and its body; return the headers."""
    headers = {field_: said for field_ in _SHOWN if (said := _header(message, field_))}
    reading.builder.add(headers.get("Subject", ""), BlockKind.HEADING, level=level)
    reading.builder.add("\n".join(f"{field_}: {said}" for field_, said in headers.items() if field_ != "Subject"))
    _add_part(reading, message, level, 0)
    return headers


def _add_part(reading: Reading, part: Any, level: int, depth: int) -> None:
    """Add a part if it is shown; otherwise name it. A broken part costs itself only."""
    kind = part.get_content_type()
    try:
        if depth > _DEEPEST or kind in ENCRYPTED:
            reading.attached.append(_name_of(part))
        elif kind == "message/rfc822":
            _add_forwarded(reading, part, level)
        elif kind == "message/delivery-status":
            for status in part.get_payload():
                _add_plain(reading, "\n".join(f"{field_}: {said}" for field_, said in status.items()))
        elif part.is_multipart():
            _add_container(reading, part, level, depth)
        elif _is_text(part) or kind.startswith("multipart/"):  # declared as multipart, but without parts
            _add_text(reading, part)
        else:
            reading.attached.append(_name_of(part))
    except (*BROKEN, SourceError):
        reading.attached.append(f"{_name_of(part)} (damaged)")


def _add_container(reading: Reading, part: Any, level: int, depth: int) -> None:
    match part.get_content_type():
        case "multipart/alternative":
            _add_alternative(reading, list(part.iter_parts()), level, depth)
        case "multipart/related":
            _add_related(reading, part, level, depth)
        case _:
            for inner in part.iter_parts():
                _add_part(reading, inner, level, depth + 1)


def _add_forwarded(reading: Reading, part: Any, level: int) -> None:
    """Add a message within the message, with its headers."""
    inner = part.get_payload(0)
    if level >= _DEEPEST_MESSAGE:
        reading.attached.append(_header(inner, "Subject") or _name_of(part))
    else:
        add_message(reading, inner, level + 1)


def _add_alternative(reading: Reading, parts: list[Any], level: int, depth: int) -> None:
    """Add one of several forms of the same text: plain text, or without one the last form that has words."""
    plainest = [part for part in parts if part.get_content_type() == "text/plain"]
    chosen = None
    for part in (*plainest, *(part for part in reversed(parts) if part not in plainest)):
        before, named = len(reading.builder.blocks), len(reading.attached)
        _add_part(reading, part, level, depth + 1)
        if len(reading.builder.blocks) > before:
            chosen = part
            break
        del reading.attached[named:]
    for part in parts:  # files that only another form has
        if part is not chosen:
            reading.attached += [
                said for inner in part.walk() if _is_file(inner) and (said := _name_of(inner)) not in reading.attached
            ]


def _add_related(reading: Reading, part: Any, level: int, depth: int) -> None:
    """Add a page with what belongs to it, such as pictures: these are named if they are files."""
    inner = list(part.iter_parts())
    start = str(part.get_param("start") or "")
    root = next((one for one in inner if start and one.get("Content-ID") == start), inner[0] if inner else None)
    for one in inner:
        if one is root:
            _add_part(reading, one, level, depth + 1)
        elif one.is_multipart() or _is_file(one):
            reading.attached += [_name_of(file) for file in one.walk() if _is_file(file)]


def _is_text(part: Any) -> bool:
    """Say whether a part is shown as text within the message: no file to be saved."""
    if part.get_content_maintype() != "text" or _is_attachment(part):
        return False
    return part.get_content_subtype() not in _NOT_PROSE


def _is_file(part: Any) -> bool:
    return not part.is_multipart() and (_is_attachment(part) or bool(_filename(part)))


def _is_attachment(part: Any) -> bool:
    try:
        return bool(part.is_attachment())
    except BROKEN:
        return False


def _add_text(reading: Reading, part: Any) -> None:
    """Add a part's text, decoded by its declared encoding or, if that is wrong, by a guess."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "surrogateescape")
    found = decode(data, said=_charset(part))
    text = plain(found.text, reading.name)
    if found.note and found.note not in reading.assumed:
        reading.assumed.append(found.note)
    if part.get_content_subtype() == "html":
        html.add_whole(reading.builder, text.encode(), reading.name)
    else:
        _add_plain(reading, text)


def _add_plain(reading: Reading, text: str) -> None:
    """Add the paragraphs of a text."""
    for match in PARAGRAPH.finditer(text):
        reading.builder.add(match[0])


def _charset(part: Any) -> str | None:
    try:
        return str(part.get_content_charset() or "")
    except BROKEN:
        return None


def _header(message: EmailMessage, name: str) -> str:
    """Return a header on one line, decoded as far as possible."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    if not raw.isascii():  # not encoded at all, against the rules
        try:
            raw = decode(raw.encode("utf-8", "surrogateescape")).text
        except UnicodeEncodeError:
            raw = raw.encode("utf-8", "replace").decode()
        return " ".join(raw.split())
    for decoded in _ways(message, name, raw):
        try:
            return " ".join(str(decoded()).split())
        except BROKEN:
            continue
    return " ".join(raw.split())


def _ways(message: EmailMessage, name: str, raw: str) -> Iterator[Any]:
    yield lambda: message[name] or ""
    yield lambda: make_header(decode_header(raw))


def _filename(part: Any) -> str:
    try:
        return str(part.get_filename() or "")
    except BROKEN:
        return ""


def _name_of(part: Any) -> str:
    try:
        return _filename(part) or str(part.get_content_type())
    except BROKEN:
        return "one without a name"
