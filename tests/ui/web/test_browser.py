"""The page in a real browser: files are dropped, a question is asked, a citation opens its page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.answer.generate import Writer
from tests import pdf_samples
from tests.conftest import SAMPLE_COURSE
from tests.fake_parts import OnPiece, ScriptedModel, go_on
from tests.ui.web.conftest import Served, serving
from ui.hall import Studyhall
from ui.password import PagePassword

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
QUESTION = "Why does BM25 divide by the length of the document?"
PATIENCE_MS = 60_000


@dataclass
class Tab:
    """A tab, with what it asked of whom and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        self.page.fill("#question textarea", question)
        self.page.keyboard.press("Enter")

    def room(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def drop(self, *paths: Path) -> None:
        self.page.set_input_files("#files input[type=file]", list(paths))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("No Chromium is installed.")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed.")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def served(hall: Studyhall) -> Iterator[Served]:
    with serving(hall) as running:
        yield running


@pytest.fixture
def tab(browser: Browser, served: Served) -> Iterator[Tab]:
    opened = open_tab(browser, served)
    yield opened
    opened.page.context.close()
    assert [url for url in opened.requests if not url.startswith((served.url, "data:", "blob:"))] == []
    assert opened.errors == []


def open_tab(browser: Browser, served: Served, **how: Any) -> Tab:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, **how).new_page()
    page.set_default_timeout(PATIENCE_MS)
    tab = Tab(page)
    page.on("request", lambda request: tab.requests.append(request.url))
    page.on("console", lambda message: tab.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: tab.errors.append(str(error)))
    page.goto(served.url)
    page.wait_for_selector("#welcome:visible, #asking:visible")
    return tab


def answered_by(hall: Studyhall, *replies: str, on_piece: OnPiece = go_on) -> None:
    writer = Writer(ScriptedModel(*replies, on_piece=on_piece), hall.engine.settings)
    hall.engine._writers["scripted"] = writer
    hall.engine.use_model("scripted")


def test_a_question_is_bounded_and_its_finds_are_explained(browser: Browser, hall: Studyhall, tmp_path: Path) -> None:
    for week, word in ((1, "leaves"), (6, "roots")):
        (tmp_path / f"week{week}.md").write_text(f"# Heaps\n\nA heap is a complete tree whose {word} are sorted.\n")
    hall.ingest([tmp_path / "week1.md", tmp_path / "week6.md"])
    with serving(hall) as served:
        tab = open_tab(browser, served)
        page = tab.page
        page.wait_for_selector("#question textarea:visible")
        assert not page.is_visible("#narrow-until input, #narrow-until textarea")
        page.click("text=Look only at")
        page.fill("#narrow-until input, #narrow-until textarea", "5")
        tab.ask("What is a heap?")
        page.wait_for_selector(".exchange.done")
        assert "week1" in page.inner_text(".exchange.done") or "leaves" in page.inner_text(".exchange.done")
        assert "roots" not in page.inner_text(".exchange.done")
        page.click("text=Why these passages")
        page.wait_for_selector(".explained td:visible")
        assert page.locator(".explained tbody tr").count() == 1
        tab.ask("What is this course about?")  # nothing is searched for: there is nothing to explain
        page.wait_for_selector(".exchange.done >> nth=1")
        assert "roots" not in page.inner_text(".exchange.done >> nth=1")
        assert page.locator("text=Why these passages").count() == 1
        assert tab.errors == []
        page.context.close()


def test_from_an_empty_page_to_a_marked_quote_and_back(tab: Tab, served: Served) -> None:
    page = tab.page
    page.wait_for_selector("text=Ask your course material.")
    page.set_input_files("#welcome-files input[type=file]", [SAMPLE_COURSE / "lecture-notes.pdf"])
    page.wait_for_selector("#question textarea:visible")
    assert [info.source.rpartition("/")[2] for info in served.hall.documents()] == ["lecture-notes.pdf"]

    tab.ask(QUESTION)
    page.wait_for_selector(".exchange.done .quotes .chip")
    page.locator(".quotes .chip").first.click()
    page.wait_for_selector("#viewer .page-box")
    box, picture = page.locator(".page-box").first.bounding_box(), page.locator(".page img").bounding_box()
    assert box is not None
    assert picture is not None
    assert picture["x"] <= box["x"] <= picture["x"] + picture["width"]
    assert 20 < box["width"] <= picture["width"]

    # The words of the picture can be selected, and asked about.
    line = page.locator(".page-line", has_text="extends the binary").first.bounding_box()
    assert line is not None
    page.mouse.move(line["x"] + 2, line["y"] + line["height"] / 2)
    page.mouse.down()
    page.mouse.move(line["x"] + line["width"] - 2, line["y"] + line["height"] / 2, steps=5)
    page.mouse.up()
    page.click(".ask-about")
    page.wait_for_selector("#question textarea:focus")
    assert "extends the binary model" in page.input_value("#question textarea")
    page.fill("#question textarea", "")

    place = page.locator(".viewer-title p")
    number = int(place.inner_text().split()[1])
    page.click("#view-next")
    page.wait_for_selector(f"text=Page {number + 1} of 16")
    page.locator("#viewer .sheet").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector(f"text=Page {number} of 16")
    page.click("#view-closer")
    page.wait_for_selector(".page.zoom-140")
    page.keyboard.press("Escape")
    page.wait_for_selector("#viewer", state="hidden")

    tab.room("Documents")
    page.locator(".document-line").click()
    page.click("#docs-ask-remove")
    page.click("#docs-remove")
    page.wait_for_selector("text=No documents here yet")
    assert served.hall.documents() == []


def test_a_written_answer_with_its_sources_formulas_and_doubts(tab: Tab, served: Served) -> None:
    served.hall.ingest([SAMPLE_COURSE / "lecture-notes.pdf"])
    answered_by(
        served.hall,
        "BM25 extends the binary model by term frequency and document length [1]. Cats chase $b = 0$ mice.",
        "The documents don't say.",
    )
    page = tab.page
    page.reload()
    page.wait_for_selector("text=scripted")
    tab.ask(QUESTION)
    page.wait_for_selector(".exchange.done .sources li")
    assert "Cats chase" in page.locator(".unsupported").last.inner_text()
    assert page.locator(".written .katex").count() == 1
    page.locator(".sources a").first.click()
    page.wait_for_selector("#viewer .page-box")
    assert page.evaluate("document.activeElement.closest('.sources') !== null")

    tab.ask("What do cats chase?")
    page.wait_for_selector(".exchange.done .nearest li")
    page.locator(".nearest a").first.click()
    page.wait_for_selector("#viewer .page-box")


def test_what_cannot_be_read_is_told_by_name(tab: Tab, served: Served, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing")
    tab.room("Documents")
    tab.drop(broken, SAMPLE_COURSE / "notes-query-processing.md")
    tab.page.wait_for_selector("text=1 file ready, 1 could not be added.")
    assert "broken.pdf is damaged" in tab.page.locator("#progress").inner_text()
    assert tab.page.locator(".document .state.failed").count() == 1
    assert [path for path in served.hall.uploads.rglob("*") if path.is_file()] == []


def test_stop_ends_an_answer(tab: Tab, served: Served, notes: Path) -> None:
    served.hall.ingest([notes])
    written = " ".join(f"Document {number} repeats its words." for number in range(400))
    answered_by(served.hall, written, on_piece=lambda n, stop: n < 40 or stop.wait())  # then it waits for Stop
    page = tab.page
    page.reload()
    page.wait_for_selector("#question textarea:visible")
    tab.ask(QUESTION)
    page.wait_for_selector(".exchange.writing")
    page.click("#stop")
    page.wait_for_selector(".exchange.stopped")
    page.wait_for_selector("#ask:visible")
    # What was written until then stays, and the rest is never written.
    assert page.locator(".exchange.stopped").inner_text().count("repeats its words") < 400


def test_two_tabs_that_ask_at_once_both_get_answers(tab: Tab, served: Served, browser: Browser, notes: Path) -> None:
    served.hall.ingest([notes])
    answered_by(served.hall, *["Long documents repeat their words [1]."] * 2)
    other = open_tab(browser, served)
    tab.page.reload()
    tab.page.wait_for_selector("#question textarea:visible")
    for one in (tab, other):
        one.ask(QUESTION)
    for one in (tab, other):
        one.page.wait_for_selector(".exchange.done .written")
        assert "Long documents repeat their words" in one.page.locator(".exchange.done .written").inner_text()
    other.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_on_a_narrow_screen(browser: Browser, served: Served, scheme: str) -> None:
    served.hall.ingest([SAMPLE_COURSE / "lecture-notes.pdf"])
    narrow = open_tab(browser, served, color_scheme=scheme)
    page = narrow.page
    page.set_viewport_size({"width": 420, "height": 900})
    narrow.ask(QUESTION)
    page.wait_for_selector(".exchange.done .chip")
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    page.locator(".chip").first.click()
    page.wait_for_selector(".page-box")
    covering = page.locator("#viewer").bounding_box()
    assert covering is not None
    assert (covering["x"], covering["y"], covering["width"]) == (0, 0, 420)
    page.click("#view-close")
    page.wait_for_selector("#viewer", state="hidden")
    narrow.room("Documents")
    page.wait_for_selector(".document-line")
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    page.context.close()
    assert narrow.errors == []


def test_a_locked_document_is_opened_with_its_password_and_its_page_is_shown(tab: Tab, tmp_path: Path) -> None:
    page = tab.page
    (tmp_path / "exam.pdf").write_bytes(pdf_samples.encrypted())
    tab.room("Documents")
    tab.drop(tmp_path / "exam.pdf")
    page.wait_for_selector("#locked:visible")
    field = page.locator("#password input")
    assert field.get_attribute("type") == "password"
    field.fill(pdf_samples.PASSWORD)
    page.click("#unlock")
    page.wait_for_selector("#locked", state="hidden")
    page.locator(".document-line").click()
    page.click("#docs-read")
    page.wait_for_selector(".page img")


def test_a_conversation_survives_a_reload_and_is_found_the_next_day(
    browser: Browser, served: Served, notes: Path
) -> None:
    served.hall.ingest([notes])
    tab = open_tab(browser, served)
    tab.ask(QUESTION)
    page = tab.page
    page.wait_for_selector(".exchange.done", timeout=PATIENCE_MS)
    page.wait_for_function("location.search.startsWith('?c=')", timeout=PATIENCE_MS)
    address = page.url
    page.reload()
    page.wait_for_selector(".exchange.done", timeout=PATIENCE_MS)
    assert page.url == address
    assert QUESTION in page.inner_text("#conversation")
    another = open_tab(browser, served)  # the next day
    another.page.get_by_role("link", name=QUESTION).click(timeout=PATIENCE_MS)
    another.page.wait_for_selector(".exchange.done", timeout=PATIENCE_MS)
    assert another.page.url == address
    another.room("Conversations")
    another.page.get_by_role("button", name="Delete").click()
    another.page.get_by_role("button", name="Undo").click(timeout=PATIENCE_MS)
    another.page.wait_for_selector("#past-list .document-line", timeout=PATIENCE_MS)
    for opened in (tab, another):
        assert opened.errors == []
        opened.page.context.close()


def test_the_page_speaks_german_where_the_browser_does_and_english_where_that_is_chosen(
    browser: Browser, served: Served, notes: Path
) -> None:
    served.hall.ingest([notes])
    tab = open_tab(browser, served, locale="de-DE")
    page = tab.page
    assert page.locator("html").get_attribute("lang") == "de"
    tab.ask("Wer hat die Mona Lisa gemalt?")
    page.wait_for_selector(".exchange.done")
    assert "Die nächsten Textstellen" in page.inner_text(".exchange.done")
    tab.room("Dokumente")
    assert "1 Dokument" in page.inner_text("#documents .summary")
    assert "bereit" in page.inner_text("#documents .state")
    page.get_by_role("button", name="English").click()
    page.get_by_role("tab", name="Documents").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    page.wait_for_selector(".exchange.done", state="attached")
    # What was answered in German stays so.
    assert "Die nächsten Textstellen" in page.locator(".exchange.done").text_content()
    page.reload()  # the choice is kept
    page.get_by_role("tab", name="Documents").wait_for()
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="Deutsch").click()
    page.get_by_role("tab", name="Dokumente").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # A page that is left while Gradio listens tells that its stream was aborted.
    assert [error for error in tab.errors if "AbortError" not in error] == []
    page.context.close()


def test_an_answer_is_copied_with_its_pages_and_its_question_asked_again_or_changed(
    browser: Browser, served: Served
) -> None:
    served.hall.ingest([SAMPLE_COURSE / "lecture-notes.pdf"])
    tab = open_tab(browser, served, permissions=["clipboard-read", "clipboard-write"])
    page = tab.page
    tab.ask(QUESTION)
    page.wait_for_selector(".exchange.done")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("“")
    assert "(lecture-notes.pdf), page 8" in copied
    assert "\n" in copied
    page.get_by_role("button", name="Edit the question").click()
    assert page.locator("#question textarea").input_value() == QUESTION
    page.fill("#question textarea", "What is stemming?")
    page.get_by_role("button", name="Ask again").click()  # the first question, not what stands in the box
    page.locator(".exchange").nth(1).wait_for()
    assert QUESTION in page.locator(".exchange").nth(1).inner_text()
    page.wait_for_selector(".exchange.done:nth-child(2), .exchange.done >> nth=1")
    assert tab.errors == []
    page.context.close()


def test_whoever_comes_over_the_network_logs_in_and_out(browser: Browser, hall: Studyhall, own_home: Path) -> None:
    PagePassword(own_home).set("correct horse battery")
    with serving(hall, host="0.0.0.0") as served:
        page = browser.new_context().new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(served.url)
        assert page.url == f"{served.url}/login"
        page.fill("#password", "wrong")
        page.keyboard.press("Enter")
        assert page.locator("[role=alert]").inner_text() == "That is not the password."
        page.fill("#password", "correct horse battery")
        page.keyboard.press("Enter")
        page.wait_for_selector("#welcome:visible, #asking:visible")
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
        page.goto(served.url)
        assert page.url == f"{served.url}/login"
        page.context.close()
