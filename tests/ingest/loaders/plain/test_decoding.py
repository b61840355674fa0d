"""Encodings: what the file says of itself counts, then a guess, which the notes name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.loaders import length, load
from ingest.loaders.plain.decoding import decode, in_utf8, known, wide
from ingest.loaders.plain.guessing import sample

GERMAN = (
    "Größe und Maß",
    "Die Übung fällt leider aus.",
    "Der größte Kran hebt schöne Grüße, die Fähre fährt um neun.",
    "Für die Prüfung wiederholen Sie Kapitel drei. Außerdem gibt es am Mittwoch eine Übung, in der wir die Lösungen"
    " besprechen. Die Zahl der Plätze ist begrenzt; wer später kommt, muß stehen.",
)
FRENCH = (
    "Été à la plage",
    "L'élève a écouté la leçon.",
    "Le théorème de Cauchy est démontré à la fin du deuxième chapitre, où l'on étudie les séries entières. Les élèves"
    " doivent être prêts à répondre à l'examen.",
)
RUSSIAN = "Паром ходит в девять часов, и касса закрывается за десять минут до отплытия."
CHINESE = "编号,姓名,城市\n1,王小明,上海\n2,李雷,北京\n3,张伟,广州\n"
TAIWANESE = "合併排序把列表分成兩半,分別排序,然後再合併。考試在星期三舉行。"
JAPANESE = "港の案内\n\n港は島の東にある。船は春まで待つ。"
KOREAN = "병합 정렬은 목록을 둘로 나누어 각각 정렬한 다음 다시 합친다."
POLISH = "Studenci powinni przygotować się do egzaminu, który odbędzie się w środę. Materiały są dostępne na stronie."
CZECH = "Přednáška se koná každé úterý v posluchárně číslo tři."
HUNGARIAN = "Az előadás kedden lesz a nagyteremben, jegyzeteiket hozzák magukkal a hallgatók, mert nehéz lesz."
GREEK = "Η ταξινόμηση με συγχώνευση χωρίζει τη λίστα σε δύο μέρη."


@pytest.mark.parametrize("text", [*GERMAN, *FRENCH, "“It’s fine” – he said…", "20 °C ± 1, 5 m², 3 €"])
def test_western_texts_in_windows_1252_stay_right(text: str) -> None:
    assert decode(text.encode("cp1252")).text == text


@pytest.mark.parametrize("text", [*GERMAN, *FRENCH])
@pytest.mark.parametrize("encoding", ["iso-8859-1", "cp850", "cp437", "mac_roman"])
def test_western_texts_of_other_machines_are_guessed(text: str, encoding: str) -> None:
    data = text.encode(encoding, "ignore")
    assert decode(data).text == data.decode(encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((RUSSIAN, encoding) for encoding in ("cp1251", "koi8-r", "cp866", "iso-8859-5", "mac_cyrillic")),
        *((text, encoding) for text in (POLISH, CZECH, HUNGARIAN) for encoding in ("cp1250", "iso-8859-2", "cp852")),
        *((GREEK, encoding) for encoding in ("cp1253", "iso-8859-7")),
        (CHINESE, "gbk"),
        (TAIWANESE, "big5"),
        *((JAPANESE, encoding) for encoding in ("shift_jis", "euc_jp", "iso2022_jp")),
        (KOREAN, "euc_kr"),
        ("Größe │ 3 m\n──────┼────\nMaß   │ 4 m\n", "cp850"),
        *(
            (text, encoding)
            for text in (GERMAN[2], RUSSIAN, CHINESE, JAPANESE, KOREAN)
            for encoding in ("utf-16-le", "utf-16-be", "utf-16", "utf-32")
        ),
    ],
)
def test_texts_of_other_languages_are_guessed(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


def test_a_guess_is_told_and_what_is_sure_is_not() -> None:
    note = "read as GB18030 (Chinese), which was guessed: the file doesn't say how its letters are encoded"
    document = load(CHINESE.encode("gbk"), name="marks.csv")
    assert "编号 | 姓名" in document.text
    assert document.notes == (note,)
    assert load(GERMAN[2].encode("cp1252"), name="a.txt").notes[0].startswith("read as Windows-1252, which was guessed")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert load(GERMAN[2].encode(encoding), name="a.txt").notes == ()


@pytest.mark.parametrize(
    ("name", "head", "encoding"),
    [
        ("a.py", "# -*- coding: koi8-r -*-\nx = 'ж'\n", "koi8-r"),
        ("a.tex", "\\documentclass{a}\n\\usepackage[latin2]{inputenc}\n\\begin{document}Řeka ł\n", "iso-8859-2"),
        ("a.tex", "\\usepackage[applemac]{inputenc}\nÜbung", "mac_roman"),
        ("a.html", '<html><head><meta charset="iso-8859-7"></head><body><p>Α</p></body></html>', "iso-8859-7"),
        ("a.xhtml", '<?xml version="1.0" encoding="cp1251"?><html><body><p>Щ</p></body></html>', "cp1251"),
    ],
)
def test_what_a_file_says_of_itself_counts(name: str, head: str, encoding: str) -> None:
    data, notes = in_utf8(head.encode(encoding))
    assert data.decode() == head
    assert notes == ()
    assert load(head.encode(encoding), name=name).notes == ()


def test_a_wrong_or_dangerous_word_does_not_count() -> None:
    assert decode(b"# coding: ascii\nGr\xf6\xdfe").text == "# coding: ascii\nGröße"
    assert decode("# coding: latin-1\nGröße".encode()).text == "# coding: latin-1\nGröße"
    assert decode(b"# coding: gb2312\nGr\xf6\xdfe und \xc4pfel, \xe9\xff").text.startswith("# coding: gb2312\nGröße")
    assert [known(name) for name in ("rot13", "base64", "idna", "punycode", "unicode_escape", "", "x\0y")] == [""] * 7


def test_utf_8_with_a_byte_of_something_else_stays_utf_8() -> None:
    found = decode((GERMAN[3] + " Caf").encode() + b"\xe9. Ende")
    assert found.text == GERMAN[3] + " Café. Ende"
    assert found.note == "1 byte was no UTF-8, unlike the rest, and read as Windows-1252"
    cut = decode((CHINESE * 3).encode()[:-2])
    assert cut.text == (CHINESE * 3)[:-2]
    assert cut.note == ""


def test_zeros_of_another_file_are_no_utf_16() -> None:
    assert wide(bytes(range(256)) * 8) == ""
    assert wide(b"\x00\x01\x02\x00" * 99) == ""
    assert wide(GERMAN[3].encode() + b"\x00") == ""


def test_a_long_text_is_judged_by_a_sample() -> None:
    data = b"plain words only\n" * 100_000 + RUSSIAN.encode("cp1251") * 2000 + b"\n" + b"and more words\n" * 100_000
    assert len(sample(data)) < 30_000
    assert RUSSIAN in decode(data).text


def test_a_long_text_in_utf_16_without_a_mark_is_cut_between_characters() -> None:
    line = "A trie stores strings by their letters.\n"
    document = load((line * (length.MOST // len(line))).encode("utf-16-le"), name="long.txt")
    assert set(document.text) <= set(line)


@given(st.binary(max_size=200))
def test_any_bytes_become_a_text(data: bytes) -> None:
    decode(data).text.encode("utf-8", "strict")
