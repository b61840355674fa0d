"""The handlers of the page as plain functions and generators, over a real home."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.answer.generate import Writer
from rag.errors import InputError, ModelError, NotFound
from rag.models.remote import RemoteModel
from rag.models.remote_models import RemoteModels
from rag.types import AnswerStatus, DocumentState, Filter
from tests import pdf_samples
from tests.fake_parts import ScriptedModel
from tests.locked_zip import locked_zip
from ui.hall import Studyhall
from ui.web import documents as docs
from ui.web import models
from ui.web.ask import Exchange, Selection, Stage, StopSwitch, ask, chip_target, turns
from ui.web.batches import Step, Upload
from ui.web.conversation import conversation_html
from ui.web.documents import Listing
from ui.web.handlers import Handlers, parse_filter
from ui.web.intake import Intake
from ui.web.locked import EACH
from ui.web.page import build, in_event_loop, prepare
from ui.web.parts import Parts
from ui.web.past import Past, packed, unpacked
from ui.web.viewer import View, after_button, view_of, viewer_html

pytestmark = pytest.mark.slow

QUESTION = "Why does BM25 divide by the length of the document?"
NOWHERE = Selection(model="")


@pytest.fixture
def intake(hall: Studyhall) -> Iterator[Intake]:
    opened = Intake(hall)
    yield opened
    opened.close()


@pytest.fixture
def handlers(read_hall: Studyhall, intake: Intake) -> Handlers:
    return Handlers(read_hall, intake, _names())


@pytest.fixture
def writing(read_hall: Studyhall) -> Callable[..., ScriptedModel]:
    """Let a scripted model answer as if it were the one in the settings."""

    def answer_with(*replies: str, **more: Any) -> ScriptedModel:
        chat = ScriptedModel(**more).enqueue(*replies)
        engine = read_hall.engine
        engine.settings = replace(engine.settings, model="scripted")
        writer = Writer(chat, engine.settings)
        engine._writers["scripted"] = writer
        return chat

    return answer_with


def _names() -> Parts:
    """Return parts that are only names: handlers use them as keys."""
    return Parts(**{name: name for name in Parts.__slots__})


def _asked(hall: Studyhall, question: str = QUESTION, selection: Selection = NOWHERE, **more: Any) -> list[Exchange]:
    return list(ask(hall, question, selection, stopped=more.pop("stopped", threading.Event()), **more))


# ---- asking


def test_bounds_that_a_person_typed_are_understood() -> None:
    assert parse_filter("exam, week 5 ,", "10-20", " 5 ") == Filter(("exam", "week 5"), (10, 20), 5)
    assert parse_filter("", "", "") == Filter()
    for pages, until in (("x", ""), ("", "five")):
        with pytest.raises(InputError):
            parse_filter("", pages, until)


def test_without_a_model_the_answer_is_a_quote_with_its_source(read_hall: Studyhall) -> None:
    exchanges = _asked(read_hall)
    assert [exchanges[0].stage, exchanges[-1].stage] == [Stage.SEARCHING, Stage.DONE]
    answer = exchanges[-1].answer
    assert answer is not None
    assert answer.status is AnswerStatus.QUOTED
    html = conversation_html(exchanges[-1:])
    said = html.replace("<mark>", "").replace("</mark>", "")  # the words that answer
    assert "because long documents repeat their words" in said
    assert 'href="#view:cite:0:1"' in html
    assert "Quoted without a language model" in html


def test_with_a_model_the_quotes_come_first_and_the_written_answer_takes_their_place(
    read_hall: Studyhall, writing: Callable[..., ScriptedModel]
) -> None:
    writing("BM25 divides by the length because long documents repeat their words [1].")
    exchanges = _asked(read_hall, selection=Selection())
    assert list(dict.fromkeys(exchange.stage for exchange in exchanges)) == [
        Stage.SEARCHING,
        Stage.READING,
        Stage.WRITING,
        Stage.DONE,
    ]
    draft = next(exchange for exchange in exchanges if exchange.stage is Stage.READING)
    assert "while the answer is being written" in conversation_html([draft])
    assert "[1]" in exchanges[-2].written
    assert "#view:" not in conversation_html([exchanges[-2]])  # its markers number excerpts, not the passages
    html = conversation_html(exchanges[-1:])
    assert "Written by scripted" in html
    assert "while the answer is being written" not in html
    assert 'class="chip act" href="#view:cite:0:1"' in html
    assert "<h3>Sources</h3>" in html


def test_quotes_that_stand_in_for_a_written_text_say_so(
    read_hall: Studyhall, writing: Callable[..., ScriptedModel]
) -> None:
    writing("Napoleon marched to Moscow.", ModelError("The server is gone."))
    html = conversation_html(_asked(read_hall, selection=Selection())[-1:])
    assert "Most of what the language model wrote is not in the documents" in html
    assert "Quoted in place of what scripted wrote" in html
    html = conversation_html(_asked(read_hall, selection=Selection())[-1:])
    assert "The language model gave no answer: The server is gone." in html
    assert "because long documents repeat their words" in html.replace("<mark>", "").replace("</mark>", "")


def test_a_model_that_declines_is_said_to_have_read(
    read_hall: Studyhall, writing: Callable[..., ScriptedModel]
) -> None:
    writing("The excerpts do not mention it.")
    html = conversation_html(_asked(read_hall, selection=Selection())[-1:])
    assert "scripted found no answer in the passages" in html
    assert "The nearest passages" in html


def test_stop_ends_the_answer_and_keeps_what_is_there(
    read_hall: Studyhall, writing: Callable[..., ScriptedModel]
) -> None:
    stopped = threading.Event()
    writing(
        "BM25 divides by the length and says very much more about it.",
        on_piece=lambda n, stop: n == 3 and stop.set(),
    )
    exchange = _asked(read_hall, selection=Selection(), stopped=stopped)[-1]
    assert exchange.stage is Stage.STOPPED
    html = conversation_html([exchange])
    assert "BM25 divides" in html
    assert "very much more" not in html
    assert "Stopped." in html


def test_each_session_has_a_stop_switch_of_its_own() -> None:
    first = StopSwitch()
    second = copy.deepcopy(first)
    one, other = first.ready(), second.ready()
    first.press()
    assert (one.is_set(), other.is_set()) == (True, False)


def test_a_refusal_shows_the_nearest_passages(read_hall: Studyhall, writing: Callable[..., ScriptedModel]) -> None:
    writing("The documents don't say.")
    exchange = _asked(read_hall, "What does BM25 cost in Euros?", Selection())[-1]
    html = conversation_html([exchange])
    assert "The documents don" in html
    assert 'href="#view:near:0:1"' in html


def test_an_answer_about_the_whole_is_a_list_under_each_document(read_hall: Studyhall) -> None:
    exchange = _asked(read_hall, "summarise everything")[-1]
    answer = exchange.answer
    assert answer is not None
    html = conversation_html([exchange])
    assert html.count("<li>") == len(answer.citations)
    assert f"<h3>{answer.citations[0].title}</h3>" in html
    assert all(f'href="#view:cite:0:{citation.marker}"' in html for citation in answer.citations)
    assert "Read as a question about" in html
    assert view_of(read_hall, answer.citations[0]) is not None


def test_an_error_is_told_with_its_remedy(read_hall: Studyhall) -> None:
    exchange = _asked(read_hall, selection=Selection(model="missing.gguf"))[-1]
    assert exchange.stage is Stage.FAILED
    html = conversation_html([exchange])
    assert "There is no model" in html
    assert "Give the path of a GGUF file" in html


def test_an_empty_home_says_so(hall: Studyhall) -> None:
    exchange = _asked(hall)[-1]
    assert exchange.answer is not None
    assert exchange.answer.status is AnswerStatus.NO_DOCUMENTS


def test_a_question_can_be_asked_of_one_document(read_hall: Studyhall, tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text("# Other\n\nBM25 divides nothing by the length of any document here.\n", encoding="utf-8")
    read_hall.ingest([other])
    only = read_hall.find("other.md").document_id
    exchange = _asked(read_hall, selection=Selection(document=only, model=""))[-1]
    assert {passage.document_id for passage in exchange.passages} == {only}


def test_only_what_was_answered_is_remembered(read_hall: Studyhall) -> None:
    done = _asked(read_hall)[-1]
    history = [done, Exchange("broken", Stage.FAILED), replace(done, stage=Stage.STOPPED)]
    assert [turn.question for turn in turns(history)] == [QUESTION]


def test_chips_lead_to_citations_and_passages(read_hall: Studyhall) -> None:
    exchanges = [_asked(read_hall)[-1]]
    answer = exchanges[0].answer
    assert answer is not None
    assert chip_target(exchanges, "cite:0:1") is answer.citations[0]
    assert chip_target(exchanges, "near:0:1") is exchanges[0].passages[0]
    for nonsense in ("cite:1:1", "cite:0:99", "cite:x:1", "", "near:0"):
        assert chip_target(exchanges, nonsense) is None


def test_what_people_and_models_write_is_shown_and_never_run(
    read_hall: Studyhall, writing: Callable[..., ScriptedModel]
) -> None:
    writing("See <img src=x onerror=alert(1)> ![x](http://evil.example/x.png) [y](http://evil.example) BM25 [1].")
    html = conversation_html(_asked(read_hall, "<script>alert(1)</script> BM25 length?", Selection())[-1:])
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="http' not in html
    assert "\n" not in html


def test_the_conversation_grows_as_handlers_yield(handlers: Handlers) -> None:
    updates = list(handlers.ask(QUESTION, (), "", "", "", StopSwitch(), ""))
    assert updates[0]["question"] == ""
    assert updates[0]["stop"]["visible"] is True
    assert updates[-1]["stop"]["visible"] is False
    said = [update["exchanges"] for update in updates if "exchanges" in update]
    assert said[-1][-1].stage is Stage.DONE
    again = list(handlers.ask("And stemming?", said[-1], "", "", "", StopSwitch(), ""))
    assert "turn-1" in [update["conversation"] for update in again if "conversation" in update][-1]


def test_whoever_asks_before_the_page_is_filled_gets_the_usual_model(
    handlers: Handlers, writing: Callable[..., ScriptedModel]
) -> None:
    writing("Long documents repeat their words [1].")
    last = list(handlers.ask(QUESTION, (), "", "", None, StopSwitch(), ""))[-2]
    assert last["exchanges"][-1].answer.model == "scripted"


def test_an_empty_question_asks_nothing(handlers: Handlers) -> None:
    assert list(handlers.ask("  ", (), "", "", "", StopSwitch(), "")) == [{"question": ""}]


# ---- the page beside the answer


def test_a_citation_opens_the_text_with_the_quote_marked(read_hall: Studyhall) -> None:
    answer = _asked(read_hall)[-1].answer
    assert answer is not None
    html = viewer_html(read_hall, view_of(read_hall, answer.citations[0]))
    quote = answer.citations[0].quote.split()
    assert html.count("<mark>") == 1
    marked = html.partition("<mark>")[2].partition("</mark>")[0]
    assert marked.replace("&#10;", " ").split() == quote
    assert "Ranking" in html
    assert "view:close" in html


def test_a_pdf_is_drawn_with_boxes_around_the_quote(sample_hall: Studyhall) -> None:
    answer = _asked(sample_hall)[-1].answer
    assert answer is not None
    citation = next(one for one in answer.citations if one.source.endswith(".pdf"))
    view = view_of(sample_hall, citation)
    html = viewer_html(sample_hall, view)
    assert f"Page {citation.page} of 16" in html
    assert "data:image/png;base64," in html
    assert 'class="page-box"' in html
    other = after_button(view, "next")
    assert other is not None
    assert other.number == view.number + 1


def test_pages_turn_and_zoom_within_their_bounds(sample_hall: Studyhall) -> None:
    first = View(sample_hall.find("lecture-notes.pdf").document_id)
    assert after_button(first, "previous") == first
    assert after_button(first, "wider") == first
    assert after_button(first, "close") is None
    beyond = viewer_html(sample_hall, replace(first, number=99))
    assert "Page 16 of 16" in beyond
    assert 'value="view:next" title="Next page" disabled' in beyond


def test_a_slide_shows_its_text(sample_hall: Studyhall) -> None:
    html = viewer_html(sample_hall, View(sample_hall.find("slides-evaluation.pptx").document_id, 2))
    assert "Slide 2 of 10" in html
    assert 'class="sheet"' in html


@pytest.mark.parametrize("name", ["exercise-sheet-3.docx", "reading-web-crawling.html", "notes-index-compression.md"])
def test_every_part_of_a_document_without_pages_can_be_read(sample_hall: Studyhall, name: str) -> None:
    info = sample_hall.find(name)
    text = sample_hall.document(info.document_id).text
    shown = [viewer_html(sample_hall, View(info.document_id, number)) for number in range(1, 12)]
    for words in ("the", text.split()[-1].strip("|`*.$\\")[:12]):
        assert any(words in html for html in shown)


def test_a_removed_document_is_told_kindly(read_hall: Studyhall) -> None:
    assert "was removed" in viewer_html(read_hall, View("gone"))


# ---- conversations


def conversed(handlers: Handlers, *questions: str, kept: str = "") -> str:
    """Ask questions in one conversation; return its id."""
    said: tuple[Exchange, ...] = ()
    for question in questions:
        updates = list(handlers.ask(question, said, "", "", "", StopSwitch(), kept))
        kept, said = updates[0]["kept"], updates[-2]["exchanges"]
    return kept


def test_a_conversation_comes_back_as_it_was(handlers: Handlers, read_hall: Studyhall) -> None:
    updates = list(handlers.ask(QUESTION, (), "", "", "", StopSwitch(), ""))
    key, said, html = updates[0]["kept"], updates[-2]["exchanges"], updates[-2]["conversation"]
    assert f'id="kept-{key}"' in html
    opened = handlers.past(f"open:{key}#1", Past())
    assert (opened["exchanges"], opened["conversation"], opened["kept"]) == (said, html, key)
    again = list(handlers.ask("And stemming?", opened["exchanges"], "", "", "", StopSwitch(), key))
    assert len(handlers.past(f"open:{key}#2", Past())["exchanges"]) == len(again[-2]["exchanges"]) == 2
    assert [(one.title, one.exchanges) for one in read_hall.conversations.all()] == [(QUESTION, 2)]


def test_two_tabs_have_two_conversations(handlers: Handlers, read_hall: Studyhall) -> None:
    first, second = conversed(handlers, QUESTION), conversed(handlers, "What is stemming?")
    assert first != second
    assert len(read_hall.conversations.all()) == 2


def test_an_answer_whose_tab_goes_is_kept_as_far_as_it_came(handlers: Handlers, read_hall: Studyhall) -> None:
    asked = handlers.ask(QUESTION, (), "", "", "", StopSwitch(), "")
    key = next(asked)["kept"]
    asked.close()
    (exchange,) = handlers.past(f"open:{key}#1", Past())["exchanges"]
    assert (exchange.question, exchange.stage) == (QUESTION, Stage.FAILED)
    assert "closed before it answered" in exchange.error


def test_conversations_are_found_renamed_deleted_and_brought_back(handlers: Handlers) -> None:
    key = conversed(handlers, QUESTION)
    conversed(handlers, "What is stemming?")
    assert handlers.find_past("BM25 divide")["past_list"].count("document-line") == 1
    assert "No conversation has these words" in handlers.find_past("quicksort pivots")["past_list"]
    renaming = handlers.past(f"rename:{key}#1", Past())
    assert renaming["renamed"] == QUESTION
    renamed = handlers.rename("Exam <b>prep</b>", renaming["past"])
    assert "Exam &lt;b&gt;prep&lt;/b&gt;" in renamed["past_list"]
    removed = handlers.past(f"remove:{key}#2", renamed["past"])
    assert "Exam" not in removed["past_list"]
    assert "Undo" in removed["past_list"]
    assert "Exam" in handlers.past("undo#3", removed["past"])["past_list"]
    with pytest.raises(NotFound):
        handlers.past("open:0123456789abcdef#4", Past())


def test_a_conversation_that_was_deleted_in_another_tab_goes_on_as_a_new_one(
    handlers: Handlers, read_hall: Studyhall
) -> None:
    key = conversed(handlers, QUESTION)
    read_hall.conversations.remove(key)
    assert conversed(handlers, "What is stemming?", kept=key) != key
    assert [one.title for one in read_hall.conversations.all()] == ["What is stemming?"]


def test_the_greeting_offers_the_latest_conversations(handlers: Handlers) -> None:
    assert "Go on with" not in handlers.fresh()["hello"]
    key = conversed(handlers, QUESTION)
    hello = handlers.fresh()["hello"]
    assert f"#past:open:{key}" in hello
    assert 'class="recent"' in hello


def test_an_answer_of_another_version_says_so() -> None:
    lost, cut = unpacked(['{"question": 3}', packed(Exchange("What is a heap?", Stage.WRITING, written="A heap is"))])
    assert "another version" in lost.error
    assert (cut.question, cut.stage) == ("What is a heap?", Stage.STOPPED)


# ---- documents


def test_dropped_files_become_documents_and_their_copies_go(
    hall: Studyhall, intake: Intake, notes: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing")
    batch = intake.add(uploads=[Upload(notes, "Übung 3.md"), Upload(broken, "broken.pdf")], collection="WS 24/25")
    htmls = [docs.progress_html([state]) for state in intake.follow(batch)]
    assert "1 file ready, 1 could not be added." in htmls[-1]
    assert "broken.pdf is damaged" in htmls[-1]
    assert str(tmp_path) not in htmls[-1]
    assert [(item.name, item.step) for item in batch.items.values()] == [
        ("Übung 3.md", Step.DONE),
        ("broken.pdf", Step.FAILED),
    ]
    assert [path for path in hall.uploads.rglob("*") if path.is_file()] == []
    listed = {info.title: info for info in hall.documents()}
    assert listed["Ranking"].source.endswith("Übung 3.md")
    assert listed["Ranking"].collection == "WS 24/25"
    assert hall.original(listed["Ranking"].document_id) is not None


def test_the_same_name_again_is_an_update(hall: Studyhall, intake: Intake, tmp_path: Path) -> None:
    for words in ("first", "second"):
        path = tmp_path / f"{words}.tmp"
        path.write_text(f"# Notes\n\nThis is the {words} version of these notes.\n", encoding="utf-8")
        batch = intake.add(uploads=[Upload(path, "notes.md")], collection="main")
        list(intake.follow(batch))
    assert "updated" in docs.progress_html([batch])
    (info,) = hall.documents()
    assert "second version" in hall.document(info.document_id).text


def test_two_files_of_one_name_are_two_documents(hall: Studyhall, intake: Intake, tmp_path: Path) -> None:
    uploads = []
    for week in ("week 1", "week 2"):
        path = tmp_path / week
        path.write_text(f"# {week}\n\nThe notes of {week}, at some length.\n", encoding="utf-8")
        uploads.append(Upload(path, "notes.md"))
    list(intake.follow(intake.add(uploads=uploads, collection="main")))
    assert sorted(info.title for info in hall.documents()) == ["week 1", "week 2"]


def test_of_a_folder_only_documents_are_taken_in(hall: Studyhall, intake: Intake, notes: Path, tmp_path: Path) -> None:
    others = [tmp_path / name for name in (".DS_Store", "~$ranking.docx", "tool.exe")]
    for path in others:
        path.write_bytes(b"other")
    batch = intake.add_folder([Upload(path, path.name) for path in (notes, *others)], collection="main")
    list(intake.follow(batch))
    assert "1 file ready, 3 of other formats left out." in docs.progress_html([batch])
    assert not any(path.exists() for path in others)


def test_what_needs_a_password_waits_for_it_and_is_read_once_it_is_given(
    hall: Studyhall, intake: Intake, tmp_path: Path
) -> None:
    handlers = Handlers(hall, intake, _names())
    dropped = []
    for name, data in (
        ("exam.pdf", pdf_samples.encrypted()),
        ("notes.zip", locked_zip("notes.md", b"# Notes\n\nAbout heaps.", pdf_samples.PASSWORD.encode())),
    ):
        (tmp_path / name).write_bytes(data)
        dropped.append({"path": str(tmp_path / name), "orig_name": name})
    last = list(handlers.add_files(dropped, "main", Listing()))[-1]
    assert last["locked"]["visible"] is True
    assert [name for name, _ in last["which"]["choices"]] == ["All 2 of them", "exam.pdf", "notes.zip"]

    *_, wrong = handlers.unlock("wrong", EACH, Listing())
    assert wrong["locked"]["visible"] is True
    first, *_, right = handlers.unlock(pdf_samples.PASSWORD, EACH, Listing())
    assert first["password"] == ""
    assert right["locked"]["visible"] is False
    assert sorted(info.state for info in hall.documents()) == [DocumentState.READY] * 2
    assert not [path for path in hall.uploads.rglob("*") if path.is_file()]


def test_ingestion_does_not_keep_questions_waiting(read_hall: Studyhall) -> None:
    with read_hall._ingesting:
        assert _asked(read_hall)[-1].stage is Stage.DONE


def test_batches_wait_for_each_other(hall: Studyhall, intake: Intake, notes: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text("# Other\n\nSomething else is written here.\n", encoding="utf-8")
    batches = [intake.add(uploads=[Upload(path, path.name)], collection="main") for path in (notes, other)]
    for batch in batches:
        list(intake.follow(batch))
    assert len(hall.documents()) == 2
    assert intake.active() == []


def test_a_start_takes_up_what_was_left_unfinished(read_hall: Studyhall, intake: Intake) -> None:
    read_hall.engine.library.embedding_state.forget()
    assert [info.state for info in read_hall.documents()] == [DocumentState.PARSED]
    list(intake.follow(intake.resume()))
    assert [info.state for info in read_hall.documents()] == [DocumentState.READY]
    assert intake.shown() == []


def test_a_start_makes_no_collection(hall: Studyhall, intake: Intake) -> None:
    list(intake.follow(intake.resume()))
    assert hall.collections() == []


def test_the_list_tells_what_there_is(read_hall: Studyhall) -> None:
    (info,) = read_hall.documents()
    html = docs.list_html(read_hall, Listing())
    assert "1 document" in html
    assert "Markdown" in html
    assert f'href="#docs:open:{docs.key(info)}"' in html
    opened = docs.after_click(read_hall, Listing(), f"open:{docs.key(info)}")
    details = docs.list_html(read_hall, opened)
    assert "ranking.md" in details
    assert "Ask about it" in details


def test_what_an_older_version_has_read_is_read_again_with_a_click(read_hall: Studyhall, intake: Intake) -> None:
    (info,) = read_hall.documents()
    assert "older version" not in docs.list_html(read_hall, Listing())
    with read_hall.engine.library.database.write() as db:
        db.execute("UPDATE documents SET reading = 0, text = replace(text, 'BM25', 'XY99')")
    assert "1 document was read by an older version of Studyhall." in docs.list_html(read_hall, Listing())
    assert [finding.what for finding in read_hall.examine() if not finding.well] == ["readings"]
    last = list(Handlers(read_hall, intake, _names()).document("read-again#1", Listing()))[-1]
    assert "older version" not in last["documents"]
    assert "BM25" in read_hall.document(info.document_id).text
    assert [finding for finding in read_hall.examine() if not finding.well] == []


def test_removing_asks_first(read_hall: Studyhall) -> None:
    (info,) = read_hall.documents()
    opened = docs.after_click(read_hall, Listing(), f"open:{docs.key(info)}")
    assert docs.after_click(read_hall, opened, "remove") == Listing()
    assert read_hall.documents()
    asking = docs.after_click(read_hall, opened, "ask-remove")
    assert "Keep it" in docs.list_html(read_hall, asking)
    assert docs.after_click(read_hall, asking, "keep") == opened
    docs.after_click(read_hall, asking, "remove")
    assert read_hall.documents() == []


def test_a_file_in_two_collections_is_removed_from_one(read_hall: Studyhall, notes: Path) -> None:
    read_hall.ingest([notes], collection="other / one")
    info = next(info for info in read_hall.documents() if info.collection == "other / one")
    docs.after_click(read_hall, Listing(opened=docs.key(info), removing=True), "remove")
    assert [info.collection for info in read_hall.documents()] == ["main"]


def test_the_sample_course_loads_with_a_click(hall: Studyhall, intake: Intake) -> None:
    handlers = Handlers(hall, intake, _names())
    first = next(iter(handlers.load(Listing())))
    assert first["welcome"]["visible"] is True
    last = list(handlers.add_sample(Listing()))[-1]
    assert last["welcome"]["visible"] is False
    assert {info.collection for info in hall.documents()} == {"Sample course"}
    assert all(info.state is DocumentState.READY for info in hall.documents())


def test_a_closed_tab_loses_nothing(hall: Studyhall, intake: Intake, notes: Path) -> None:
    handlers = Handlers(hall, intake, _names())
    dropped = handlers.add_files([{"path": str(notes), "orig_name": "ranking.md"}], "main", Listing())
    next(dropped)
    dropped.close()
    # Whoever opens the page next sees it through.
    assert "Ranking" in list(handlers.load(Listing()))[-1]["documents"]


def test_the_page_says_on_which_computer_a_model_writes(read_hall: Studyhall) -> None:
    known, engine = RemoteModels(read_hall.models_folder), read_hall.engine
    known.add(RemoteModel("campus", "m", "https://llm.example.edu/v1"))
    known.add(RemoteModel("desk", "m", "http://127.0.0.1:8080/v1"))
    engine.settings = replace(engine.settings, model="campus")
    assert "campus on llm.example.edu<" in models.status_html(read_hall)
    offered = [("campus on llm.example.edu", "campus"), ("desk", "desk"), ("Quotes, no model", "")]
    assert models.choices(read_hall) == offered
    (read_hall.models_folder / "remote.toml").write_text("damaged")
    assert "campus<" in models.status_html(read_hall)
    assert models.choices(read_hall) == [("campus", "campus"), ("Quotes, no model", "")]


def test_the_model_is_named_or_how_to_get_one(read_hall: Studyhall, writing: Callable[..., ScriptedModel]) -> None:
    assert "studyhall models use" in models.status_html(read_hall)
    (read_hall.models_folder / "tiny.gguf").write_bytes(b"GGUF")
    assert models.choices(read_hall) == [("tiny.gguf", "tiny.gguf"), ("Quotes, no model", "")]
    writing()
    assert "scripted" in models.status_html(read_hall)


def test_the_page_is_built_and_nothing_in_it_is_an_api(read_hall: Studyhall, intake: Intake) -> None:
    prepare(read_hall)
    pages: list[Any] = []
    in_event_loop(lambda: pages.append(build(read_hall, intake)))
    dependencies = pages[0].get_config_file()["dependencies"]
    assert dependencies
    assert {dependency["api_visibility"] for dependency in dependencies} == {"private"}


def test_what_is_picked_is_moved_or_removed_together(handlers: Handlers, tmp_path: Path) -> None:
    other = tmp_path / "trees.md"
    other.write_text("# Trees\n\nA tree has no circle.\n", encoding="utf-8")
    handlers.hall.ingest([other])
    keys = [docs.key(info) for info in handlers.hall.documents()]
    picked = handlers.pick(f"set:{' '.join(keys)}#1", (), Listing())
    assert picked["picked"] == tuple(keys)
    assert "2 documents selected" in picked["picked_says"]
    (moved,) = handlers.move("Week 3", tuple(keys), Listing())
    assert moved["picked"] == ()
    assert {info.collection for info in handlers.hall.documents()} == {"Week 3"}
    keys = [docs.key(info) for info in handlers.hall.documents()]
    assert "Remove 2 documents?" in handlers.ask_to_remove(tuple(keys))["picked_says"]
    assert handlers.pick("keep#2", tuple(keys), Listing())["picked"] == tuple(keys)
    handlers.pick("remove#3", (*keys, "gone:main:gone"), Listing())
    assert handlers.hall.documents() == []


def test_the_list_is_filtered_by_words_of_a_name(handlers: Handlers) -> None:
    shown = handlers.list_collection("", "RANK")
    assert "ranking" in shown["documents"].casefold()
    assert "No document is called so." in handlers.list_collection("", "rank xyz")["documents"]


def test_what_was_chosen_is_there_at_the_next_visit_as_far_as_it_still_exists(handlers: Handlers) -> None:
    handlers.hall.create_collection("Week 3")
    (handlers.hall.models_folder / "tiny.gguf").write_bytes(b"GGUF")
    chosen = handlers.choose("Week 3", "tiny.gguf")
    assert "tiny.gguf" in chosen["model_status"]
    shown = next(handlers.load(Listing(), chosen["choice"]))
    assert (shown["collection"]["value"], shown["model"]["value"]) == ("Week 3", "tiny.gguf")
    assert "tiny.gguf" in shown["model_status"]
    (handlers.hall.models_folder / "tiny.gguf").unlink()
    handlers.hall.remove_collection("Week 3")
    shown = next(handlers.load(Listing(), chosen["choice"]))
    assert (shown["collection"]["value"], shown["model"]["value"]) == ("", "")
    assert "No language model" in shown["model_status"]
