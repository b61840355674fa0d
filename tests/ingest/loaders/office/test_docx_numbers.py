"""Word files: headings and paragraphs carry the numbers that their reader sees."""

from __future__ import annotations

from tests.ingest.loaders.office.docx_files import lines, p, read, root, word


def level(depth: int, text: str, kind: str = "decimal", more: str = "") -> str:
    counted = f'<w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}'
    return f'<w:lvl w:ilvl="{depth}">{counted}<w:lvlText w:val="{text}"/></w:lvl>'


def numbering(*levels: str, more: str = "") -> str:
    drawn = f'<w:abstractNum w:abstractNumId="1">{"".join(levels)}</w:abstractNum>'
    return root("w:numbering", f'{drawn}<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>{more}')


def style(name: str, *, numbered: str = "", based: str = "", called: str = "") -> str:
    above = f'<w:basedOn w:val="{based}"/>' if based else ""
    place = f"<w:pPr><w:numPr>{numbered}</w:numPr></w:pPr>" if numbered else ""
    written = called or name.replace("Heading", "heading ")
    return f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{written}"/>{above}{place}</w:style>'


def in_list(depth: int, number: int = 1) -> str:
    return f'<w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/>'


def own(depth: int, number: int = 1) -> str:
    return f"<w:numPr>{in_list(depth, number)}</w:numPr>"


def numbered_lines(body: str, numbers: str, *styles: str) -> list[str]:
    parts: dict[str, str | bytes] = {
        "word/numbering.xml": numbers,
        "word/styles.xml": root("w:styles", "".join(styles)),
    }
    return lines(body, parts=parts)


PLAIN = (level(0, "%1"), level(1, "%1.%2"), level(2, "%1.%2.%3"))
STYLES = (style("Heading1", numbered=in_list(0)), style("Heading2", numbered=in_list(1)))


def test_a_heading_carries_the_number_that_its_reader_sees() -> None:
    body = p("Sets", "Heading1") + p("So.") + p("Measures", "Heading1") + p("Outer", "Heading2") + p("Null", "Heading2")
    parts: dict[str, str | bytes] = {
        "word/numbering.xml": numbering(*PLAIN),
        "word/styles.xml": root("w:styles", "".join(STYLES)),
    }
    document = read(word(body, parts=parts))
    assert [document.text[one.start : one.end] for one in document.blocks] == [
        "1 Sets",
        "So.",
        "2 Measures",
        "2.1 Outer",
        "2.2 Null",
    ]
    assert [one.level for one in document.blocks] == [1, 0, 1, 2, 2]


def test_a_style_inherits_its_list_and_says_its_level_itself() -> None:
    styles = (
        style("Heading1", numbered=in_list(0)),
        style("Heading2", numbered='<w:ilvl w:val="1"/>', based="Heading1"),
    )
    assert numbered_lines(p("A", "Heading1") + p("B", "Heading2"), numbering(*PLAIN), *styles) == ["1 A", "1.1 B"]


def test_the_list_says_which_style_stands_for_its_level() -> None:
    linked = (level(0, "%1"), level(1, "%1.%2", more='<w:pStyle w:val="Heading2"/>'))
    styles = (style("Heading1", numbered=in_list(0)), style("Heading2", numbered='<w:numId w:val="1"/>'))
    assert numbered_lines(p("A", "Heading1") + p("B", "Heading2"), numbering(*linked), *styles) == ["1 A", "1.1 B"]


def test_a_heading_is_numbered_directly_or_taken_out_of_its_list() -> None:
    body = p("A", "Heading1", own(0)) + p("Preface", "Heading1", own(0, 0)) + p("B", "Heading2", own(1))
    assert numbered_lines(body, numbering(*PLAIN), *STYLES) == ["1 A", "Preface", "1.1 B"]


def test_headings_count_in_roman_numerals_letters_and_words_of_their_own() -> None:
    levels = (
        level(0, "Part %1:", "upperRoman"),
        level(1, "%2.", "upperLetter"),
        level(2, "%1.%2.%3", more="<w:isLgl/>"),
        level(3, "第%4章", "chineseCounting"),
        level(4, "%5", "decimalZero"),
    )
    places = (0, 0, 1, 1, 2, 3, 4)
    body = "".join(p(f"h{at}", "Heading1", own(place)) for at, place in enumerate(places))
    expected = ["Part I: h0", "Part II: h1", "A. h2", "B. h3", "2.2.1 h4", "第一章 h5", "01 h6"]
    assert numbered_lines(body, numbering(*levels), *STYLES) == expected


def test_a_list_begins_where_it_says_and_goes_on_in_the_same_count() -> None:
    again = (
        '<w:num w:numId="2"><w:abstractNumId w:val="1"/>'
        '<w:lvlOverride w:ilvl="1"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    body = p("a", "Heading1") + p("b", "Heading2") + p("c", "Heading2", own(1, 2)) + p("d", "Heading2")
    expected = ["1 a", "1.1 b", "1.5 c", "1.6 d"]
    assert numbered_lines(body, numbering(*PLAIN, more=again), *STYLES) == expected


def test_a_level_may_count_on_below_a_new_heading() -> None:
    levels = (level(0, "%1"), level(1, "§ %2", more='<w:lvlRestart w:val="0"/>'))
    body = "".join(p(text, f"Heading{depth}") for text, depth in (("a", 1), ("b", 2), ("c", 1), ("d", 2)))
    assert numbered_lines(body, numbering(*levels), *STYLES) == ["1 a", "§ 1 b", "2 c", "§ 2 d"]


def test_points_and_hidden_numbers_are_not_part_of_a_heading() -> None:
    levels = (level(0, "\uf0b7", "bullet"), level(1, "%2", more="<w:rPr><w:vanish/></w:rPr>"))
    assert numbered_lines(p("a", "Heading1") + p("b", "Heading2"), numbering(*levels), *STYLES) == ["a", "b"]


def test_the_format_of_a_list_may_be_that_of_a_style() -> None:
    linked = (
        '<w:abstractNum w:abstractNumId="2"><w:numStyleLink w:val="Legal"/></w:abstractNum>'
        '<w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>'
    )
    legal = style("Legal", numbered='<w:numId w:val="1"/>')
    assert numbered_lines(p("a", "Heading1", own(0, 2)), numbering(*PLAIN, more=linked), legal) == ["1 a"]


def test_a_paragraph_is_numbered_by_its_style_too() -> None:
    levels = (level(0, "Theorem %1."),)
    styles = (style("Theorem", numbered=in_list(0)),)
    document = numbered_lines(p("So.", "Theorem") + p("Thus."), numbering(*levels), *styles)
    assert document == ["Theorem 1. So.", "Thus."]


def test_headings_in_cells_are_counted_and_numbered() -> None:
    cell = f"<w:tbl><w:tr><w:tc>{p('a', 'Heading1')}</w:tc><w:tc>{p('x')}</w:tc></w:tr></w:tbl>"
    assert numbered_lines(cell + p("b", "Heading1"), numbering(*PLAIN), *STYLES) == ["1 a | x", "2 b"]


def test_a_style_based_on_itself_and_one_without_a_name_do_no_harm() -> None:
    odd = style("Heading1", based="Heading1", numbered=in_list(0)) + "<w:style/><w:style w:type='odd' w:styleId='x'/>"
    assert numbered_lines(p("a", "Heading1"), numbering(*PLAIN), odd) == ["1 a"]
