"""The parts of an e-mail: all that is shown is read, in its order; the rest is named."""

from __future__ import annotations

from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText

import pytest

from ingest.loaders import load
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound


def read(message: MIMEBase | EmailMessage, subject: str = "Tasks") -> Document:
    message["Subject"] = subject
    message["From"] = "a@example.org"
    document = load(message.as_bytes(), name="tasks.eml")
    assert_sound(document)
    return document


def body(document: Document) -> str:
    return document.text.partition("From: a@example.org\n\n")[2]


def many(kind: str, *parts: MIMEBase, **options: str) -> MIMEMultipart:
    return MIMEMultipart(kind, None, list(parts), **options)


def picture(name: str = "", disposition: str = "inline") -> MIMEBase:
    part = MIMENonMultipart("image", "png")
    part.set_payload("iVBORw0K")
    part["Content-Transfer-Encoding"] = "base64"
    if name:
        part.add_header("Content-Disposition", disposition, filename=name)
    return part


def file(text: str, name: str, disposition: str, kind: str = "plain") -> MIMEText:
    part = MIMEText(text, kind)
    part.add_header("Content-Disposition", disposition, filename=name)
    return part


def test_text_behind_a_picture_is_read() -> None:
    document = read(many("mixed", MIMEText("First."), picture("tide.png"), MIMEText("Second, on 9 March.")))
    assert body(document) == "First.\n\nSecond, on 9 March."
    assert document.notes == ("attachments not read: tide.png",)


def test_a_picture_without_a_name_is_named_by_its_type() -> None:
    document = read(many("mixed", MIMEText("First."), picture(), MIMEText("<p>Second.</p>", "html")))
    assert body(document) == "First.\n\nSecond."
    assert document.notes == ("attachments not read: image/png",)


def test_of_several_forms_one_is_read_and_files_of_the_others_are_named() -> None:
    rich = many("mixed", MIMEText("<p>Rich.</p>", "html"), picture("plan.png"), MIMEText("<p>Rest.</p>", "html"))
    document = read(many("alternative", MIMEText("Plain."), rich))
    assert body(document) == "Plain."
    assert document.notes == ("attachments not read: plan.png",)
    empty = many("alternative", MIMEText(" \n"), MIMEText("<p>Rich.</p>", "html"))
    assert body(read(empty)) == "Rich."


def test_a_page_is_read_without_the_pictures_that_belong_to_it() -> None:
    page = many("related", MIMEText("<p>A page.</p>", "html"), picture())
    document = read(many("mixed", page, MIMEText("And a footer.")))
    assert body(document) == "A page.\n\nAnd a footer."
    assert document.notes == ()


def test_texts_that_are_shown_inline_are_read_and_attached_ones_are_named() -> None:
    shown = file("Shown inline.", "shown.txt", "inline")
    document = read(many("mixed", MIMEText("See below."), shown, file("no", "saved.txt", "attachment")))
    assert body(document) == "See below.\n\nShown inline."
    assert document.notes == ("attachments not read: saved.txt",)


def test_a_forwarded_message_is_read_with_its_headers() -> None:
    inner = EmailMessage()
    inner["Subject"], inner["From"], inner["To"] = "Exam in June", "b@example.org", "a@example.org"
    inner.set_content("Room 3.\n")
    inner.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="rooms.pdf")
    outer = EmailMessage()
    outer.set_content("See below.\n")
    outer.add_attachment(inner)
    document = read(outer)
    assert body(document) == "See below.\n\nExam in June\n\nFrom: b@example.org\nTo: a@example.org\n\nRoom 3."
    assert [block.level for block in document.blocks if block.kind.value == "heading"] == [1, 2]
    assert document.notes == ("attachments not read: rooms.pdf",)


def test_messages_in_messages_without_end_are_named() -> None:
    message = EmailMessage()
    message["Subject"] = "The first"
    message.set_content("Deep.")
    for number in range(30):
        outer = EmailMessage()
        outer["Subject"] = f"Level {number}"
        outer.set_content("On.")
        outer.add_attachment(message)
        message = outer
    del message["Subject"]
    document = read(message)
    assert "Deep" not in document.text
    assert document.notes == ("attachments not read: Level 26",)


@pytest.mark.parametrize("charset", ["nonsense", "us-ascii", "utf-8", "rot13", "x\u00fc", "unicode_escape", ""])
def test_a_part_in_another_encoding_than_it_says_is_read(charset: str) -> None:
    head = f'Subject: Exam\nContent-Type: text/plain; charset="{charset}"\nContent-Transfer-Encoding: 8bit\n\n'
    said = "Паром ходит в девять часов, и касса закрывается рано."
    assert said in load(head.encode() + said.encode("koi8-r"), name="a.eml").text
    assert "Bring a pén." in load(head.encode() + "Bring a pén.".encode("cp1252"), name="a.eml").text


def test_the_declared_encoding_of_a_part_counts() -> None:
    head = b'Subject: Exam\nContent-Type: text/plain; charset="%s"\nContent-Transfer-Encoding: 8bit\n\n'
    for charset, said in (("iso-8859-2", "Řeka ł"), ("gb2312", "数"), ("iso-2022-jp", "講義"), ("big5", "數")):
        document = load(head % charset.encode() + said.encode(charset), name="a.eml")
        assert document.text.endswith(said)
        assert document.notes == ()


def test_a_subject_that_is_not_encoded_is_read() -> None:
    for encoding in ("utf-8", "cp1252"):
        data = "Subject: Größe der Übung\nFrom: a@b.org\n\nHallo".encode(encoding)
        assert load(data, name="a.eml").title == "Größe der Übung"


def test_a_part_of_rubbish_costs_itself_only() -> None:
    rubbish = MIMEBase("text", "plain", name="x.txt")
    rubbish.set_payload("AAECAwQFBgcICQAAAQIDBAUGBwgJAAABAgMEBQYHCAk=")
    rubbish["Content-Transfer-Encoding"] = "base64"
    document = read(many("mixed", MIMEText("Before."), rubbish, MIMEText("After.")))
    assert body(document) == "Before.\n\nAfter."
    assert document.notes == ("attachments not read: x.txt (damaged)",)


def test_the_reason_of_a_returned_message_is_read() -> None:
    data = (
        b'Subject: Returned\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary="x"\n\n--x\n\nNot delivered.\n'
        b"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nStatus: 5.1.1\n\n--x--\n"
    )
    assert load(data, name="a.eml").text == "Returned\n\nNot delivered.\n\nReporting-MTA: dns; mx\n\nStatus: 5.1.1"
