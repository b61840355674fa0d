"""A copy of a PDF in which some streams are others."""

import io

import pypdf
import pypdfium2
import pytest
from pypdf.generic import NameObject, StreamObject

from ingest.loaders import load
from ingest.loaders.pdf.update import with_streams
from tests import pdf_samples


def with_object_streams() -> bytes:
    """Return a PDF whose table of objects is a stream, as of version 1.5."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf_samples.named_only()), incremental=True)
    writer.pages[0][NameObject("/Rotate")] = pypdf.generic.NumberObject(0)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


KINDS = {
    "a table of objects": pdf_samples.named_only(),
    "a stream of objects": with_object_streams(),
    "something before the header": b"From a mail\n\n" + pdf_samples.named_only(),
}


def text_of(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as pdf:
        return str(pdf[0].get_textpage().get_text_range())


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
def test_the_new_stream_is_read_in_the_place_of_the_old_one(data: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(data))
    contents = reader.pages[0].raw_get("/Contents")
    drawn = b"BT /F1 12 Tf 100 700 Td (Other words) Tj ET"
    changed = with_streams(data, reader, {(contents.idnum, contents.generation): drawn})
    assert text_of(changed) == "Other words"
    assert changed.startswith(data)
    again = pypdf.PdfReader(io.BytesIO(changed[changed.index(b"%PDF") :]), strict=True)
    stream = again.pages[0]["/Contents"].get_object()
    assert isinstance(stream, StreamObject)
    assert stream.get_data() == drawn


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
def test_glyphs_get_their_names_whatever_the_file_is_like(data: bytes) -> None:
    assert load(data, name="a.pdf").text.startswith("Figure 6: different ways → home")


def test_an_encrypted_file_is_left_as_it_is() -> None:
    writer = pypdf.PdfWriter(io.BytesIO(pdf_samples.named_only()))
    writer.encrypt("", "owner")
    out = io.BytesIO()
    writer.write(out)
    reader = pypdf.PdfReader(io.BytesIO(out.getvalue()))
    with pytest.raises(ValueError, match="encrypted"):
        with_streams(out.getvalue(), reader, {(1, 0): b""})


def test_a_file_without_a_table_is_left_as_it_is() -> None:
    data = pdf_samples.named_only()
    reader = pypdf.PdfReader(io.BytesIO(data))
    with pytest.raises(ValueError, match="table of objects"):
        with_streams(data[: data.rindex(b"startxref")], reader, {(1, 0): b""})
