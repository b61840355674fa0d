"""Texts that are not UTF-8: the letters come out right, and the report says what was guessed."""

from __future__ import annotations

import doctest

import pytest

import ingest.loaders.plain.decoding
from ingest.loaders import load
from ingest.loaders.plain.decoding import assumed, decode

GERMAN = "Übungsblatt 4: Die Lösungen müssen bis Donnerstag abgegeben werden. Spätere Abgaben zählen nicht."
STREET = "Straßenverkehr\n\nEs gilt „rechts vor links“ – außer an Ampeln."
FRENCH = "L'été dernier, nous avons mangé des crêpes à la crème. Où êtes-vous né ? Ça va très bien, merci."
SPANISH = "El niño pequeño comió piñas en España. ¿Cuántos años tienes? ¡Qué alegría!"
POLISH = "Wykład trzeci: drzewa i grafy. Każde drzewo ma korzeń, a każdy węzeł ma dokładnie jednego rodzica."
RUSSIAN = "Лекция о деревьях. Каждая вершина имеет ровно одного родителя."
GREEK = "Διάλεξη για τα δέντρα. Κάθε κόμβος έχει ακριβώς έναν γονέα."
SIGNS = "Temperatur 20 °C, Preis 5 €, § 7 Abs. 2, ½ Liter, 3 × 4 µm²"

WRITTEN = [
    (GERMAN, "cp1252 cp850 mac_roman"),
    (STREET, "cp1252 mac_roman"),
    (FRENCH, "cp1252 cp850 mac_roman"),
    (SPANISH, "cp1252 cp850 mac_roman"),
    (SIGNS, "cp1252"),
    ("Müller", "cp1252 cp850"),
    ("A café.", "cp1252"),
    (POLISH, "cp1250 iso8859_2"),
    (RUSSIAN, "cp1251 koi8_r cp866 iso8859_5"),
    ("Глава 2", "cp1251 koi8_r"),
    (GREEK, "cp1253 iso8859_7"),
    ("第三讲 树与图。每棵树都有一个根,每个结点恰有一个父结点。", "gb18030"),
    ("第三講 樹與圖。每棵樹都有一個根,每個結點恰有一個父結點。", "big5"),
    ("第三回 木とグラフ。すべての木には根がある。", "shift_jis euc_jp"),
    ("세 번째 강의: 나무와 그래프. 모든 나무에는 뿌리가 있다.", "euc_kr"),
    ("编号,姓名,城市\n1,王小明,上海\n2,李丽,北京\n", "gbk"),
]


@pytest.mark.parametrize(("text", "encoding"), [(text, one) for text, named in WRITTEN for one in named.split()])
def test_a_text_is_read_in_the_encoding_it_was_written_in(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_never_guessed(encoding: str) -> None:
    text = f"{GERMAN}\n{RUSSIAN}\n" * 20
    data = text.encode(encoding)
    assert decode(data).lstrip("\ufeff").startswith("Übungsblatt")
    assert assumed(data) == ""


def test_the_report_says_what_was_guessed_and_is_silent_where_the_file_says_it() -> None:
    (note,) = load(RUSSIAN.encode("koi8_r"), name="a.txt").notes
    assert "KOI8-R" in note
    assert load(GERMAN.encode("cp1252"), name="a.txt").notes == ()
    said = f"# -*- coding: cp1251 -*-\nx = '{RUSSIAN}'\n".encode("cp1251")
    assert load(said, name="a.py").notes == ()
    assert RUSSIAN in load(said, name="a.py").text
    head = "\\documentclass{article}\n\\usepackage[latin1]{inputenc}\n"
    tex = f"{head}\\begin{{document}}\n{GERMAN}\n\\end{{document}}"
    assert "Übungsblatt" in load(tex.encode("latin-1"), name="a.tex").text


def test_a_long_text_is_not_analysed_whole() -> None:
    data = ("Nothing special in this line.\n" * 400_000 + f"{GERMAN}\n").encode("cp850")
    assert "Lösungen" in decode(data)


@pytest.mark.parametrize("data", [b"\x81", b"\xff", b"a\x80b", bytes(range(128, 256)), b"\xe9" * 3])
def test_any_bytes_are_read_somehow(data: bytes) -> None:
    assert decode(data)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(ingest.loaders.plain.decoding).failed == 0
