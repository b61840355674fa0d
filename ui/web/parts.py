"""The parts of the page and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.library.collections import DEFAULT_COLLECTION
from rag.texts import LANGUAGES, own_name, say
from ui.web.ask import StopSwitch
from ui.web.documents import Listing
from ui.web.markup import safe
from ui.web.past import Past

if TYPE_CHECKING:
    import gradio as gr

# KaTeX; a single dollar is money more often, so `markup` turns formulas in dollars into these.
DELIMITERS: list[dict[str, str | bool]] = [
    {"left": "\\(", "right": "\\)", "display": False},
    {"left": "\\[", "right": "\\]", "display": True},
]

ALL = ""  # the value of "all of them" in a chooser


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that handlers read and write."""

    exchanges: gr.State
    switch: gr.State
    view: gr.State
    listing: gr.State
    model_status: gr.Markdown
    tabs: gr.Tabs
    welcome: gr.Column
    welcome_files: gr.File
    welcome_folder: gr.UploadButton
    sample: gr.Button
    welcome_progress: gr.Markdown
    asking: gr.Column
    hello: gr.Markdown
    conversation: gr.Markdown
    question: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    fresh: gr.Button
    collection: gr.Dropdown
    document: gr.Dropdown
    model: gr.Dropdown
    tags: gr.Textbox
    pages: gr.Textbox
    until: gr.Textbox
    files: gr.File
    folder: gr.UploadButton
    url: gr.Textbox
    add_url: gr.Button
    target: gr.Dropdown
    progress: gr.Markdown
    locked: gr.Column
    which: gr.Dropdown
    password: gr.Textbox
    unlock: gr.Button
    listed: gr.Dropdown
    documents: gr.Markdown
    viewer: gr.Column
    page: gr.Markdown
    act_view: gr.Textbox
    act_docs: gr.Textbox
    act_ask: gr.Textbox
    act_past: gr.Textbox
    act_pick: gr.Textbox
    picked: gr.State
    choice: gr.BrowserState
    picked_row: gr.Column
    picked_says: gr.Markdown
    move_to: gr.Dropdown
    move: gr.Button
    remove_picked: gr.Button
    listed_words: gr.Textbox
    kept: gr.State
    past: gr.State
    past_words: gr.Textbox
    past_list: gr.Markdown
    renaming: gr.Column
    renamed: gr.Textbox
    rename: gr.Button


def hello_html() -> str:
    """Return the greeting in the place of the conversation; the page hides it while there is one."""
    says = say("Answers come from your documents only, with the page of every sentence.")
    return safe(f'<section class="hello"><h1>{say("What would you like to know?")}</h1><p>{says}</p></section>')


def _welcome_html() -> str:
    says = say(
        "Drop lecture slides, scripts, papers and notes here. Then ask: every sentence of an answer shows the page it "
        "comes from, and nothing leaves this computer."
    )
    return safe(f'<section class="welcome"><h1>{say("Ask your course material.")}</h1><p>{says}</p></section>')


def _locked_html() -> str:
    says = say(
        "It is used once and not kept. What is kept is a copy that opens without it, so that the pages can be shown."
    )
    return safe(f"<h3>{say('A password is needed')}</h3><p>{says}</p>")


def _languages_html() -> str:
    """Return the way to each language, in its own words, and out: the style hides what isn't needed."""
    ways = "".join(
        f'<button type="button" class="act" id="language-{code}" value="language:{code}" lang="{code}">'
        f"{own_name(code)}</button>"
        for code in LANGUAGES
    )
    leave = f'<button type="button" class="act leave" id="leave" value="logout:">{say("Log out")}</button>'
    return safe(f'<p class="languages">{ways}{leave}</p>')


def lay_out() -> Parts:
    """Make the components, inside the Blocks at hand, in the language spoken here: `ui/web/language.py` changes it."""
    import gradio as gr

    parts: dict[str, Any] = _states()
    with gr.Row(elem_id="top"):
        gr.Markdown(safe('<p class="wordmark">Studyhall</p>'), elem_id="wordmark")
        parts["model_status"] = _html("model-status")
        gr.Markdown(_languages_html(), elem_id="languages")
    with gr.Row(elem_id="desk", equal_height=False):
        with gr.Column(elem_id="main", min_width=300), gr.Tabs(elem_id="rooms") as parts["tabs"]:
            with gr.Tab(say("Ask"), id="ask"):
                parts |= _welcome() | _asking()
            with gr.Tab(say("Documents"), id="documents"):
                parts |= _documents()
            with gr.Tab(say("Conversations"), id="conversations"):
                parts |= _conversations()
        with gr.Column(elem_id="viewer", visible=False, min_width=300) as parts["viewer"]:
            parts["page"] = _html("page")
    return Parts(**parts)


def _states() -> dict[str, Any]:
    """Make the state of a session, and the hidden boxes that receive clicks inside our HTML."""
    import gradio as gr

    acts = {
        name: gr.Textbox(elem_id=name.replace("_", "-"), visible="hidden", show_label=False, container=False)
        for name in ("act_view", "act_docs", "act_ask", "act_past", "act_pick")
    }
    remembered = {"exchanges": gr.State(()), "switch": gr.State(StopSwitch())}
    remembered |= {"kept": gr.State(""), "past": gr.State(Past()), "picked": gr.State(())}
    # The secret is none: what is kept in the browser is the names of a collection and a model.
    remembered["choice"] = gr.BrowserState([ALL, None], storage_key="studyhall-choice", secret="studyhall")
    return remembered | {"view": gr.State(None), "listing": gr.State(Listing()), **acts}


def _html(name: str, value: str = "") -> gr.Markdown:
    import gradio as gr

    return gr.Markdown(value, elem_id=name, latex_delimiters=DELIMITERS, container=False)


def _welcome() -> dict[str, Any]:
    import gradio as gr

    parts: dict[str, Any] = {}
    with gr.Column(elem_id="welcome", visible=False) as parts["welcome"]:
        gr.Markdown(_welcome_html())
        parts["welcome_files"] = _drop_zone("welcome-files")
        with gr.Row(elem_classes="beside"):
            parts["welcome_folder"] = gr.UploadButton(say("Add a folder"), file_count="directory", size="md")
            parts["sample"] = gr.Button(say("Load the sample course"), elem_id="sample", size="md")
        parts["welcome_progress"] = _html("welcome-progress")
    return parts


def _asking() -> dict[str, Any]:
    import gradio as gr

    parts: dict[str, Any] = {}
    with gr.Column(elem_id="asking") as parts["asking"]:
        parts["hello"] = _html("hello", hello_html())
        parts["conversation"] = _html("conversation")
        with gr.Column(elem_id="composer"):
            with gr.Row(elem_id="question-row", equal_height=True):
                parts["question"] = gr.Textbox(
                    label=say("Your question"),
                    show_label=False,
                    placeholder=say("Ask a question …"),
                    lines=1,
                    max_lines=6,
                    autofocus=True,
                    container=False,
                    elem_id="question",
                    scale=1,
                )
                parts["ask"] = gr.Button(say("Ask"), variant="primary", elem_id="ask", scale=0, min_width=84)
                parts["stop"] = gr.Button(
                    say("Stop"), variant="stop", elem_id="stop", visible=False, scale=0, min_width=84
                )
            with gr.Row(elem_id="scope"):
                parts["collection"] = _chooser(say("Collection"), "scope-collection", ALL)
                parts["document"] = _chooser(say("Document"), "scope-document", ALL)
                # Until the page is filled there is no choice, and the usual model answers: empty would be none.
                parts["model"] = gr.Dropdown(
                    [], value=None, label=say("Answered by"), elem_id="scope-model", visible=False
                )
                parts["fresh"] = gr.Button(say("Start anew"), elem_id="fresh", size="sm", scale=0, visible=False)
            with gr.Accordion(say("Look only at …"), open=False, elem_id="narrow"), gr.Row():
                parts["tags"] = _narrowing(say("Tags"), "narrow-tags", say("exam, week 5"))
                parts["pages"] = _narrowing(say("Pages"), "narrow-pages", "10-20")
                parts["until"] = _narrowing(say("Up to week or lecture"), "narrow-until", "5")
    return parts


def _documents() -> dict[str, Any]:
    import gradio as gr

    parts: dict[str, Any] = {}
    with gr.Column(elem_id="adding"):
        gr.Markdown(safe(f"<h2>{say('Add documents')}</h2>"))
        parts["files"] = _drop_zone("files")
        with gr.Row(elem_classes="beside", equal_height=False):
            parts["target"] = gr.Dropdown(
                [DEFAULT_COLLECTION],
                value=DEFAULT_COLLECTION,
                label=say("Into collection (type a new name to make one)"),
                allow_custom_value=True,
                elem_id="target",
                scale=2,
            )
            parts["folder"] = gr.UploadButton(say("Add a folder"), file_count="directory", scale=0, min_width=130)
        with gr.Row(elem_classes="beside", equal_height=False):
            parts["url"] = gr.Textbox(
                label=say("Web page"), placeholder="https://…", lines=1, max_lines=1, elem_id="url", scale=2
            )
            parts["add_url"] = gr.Button(say("Add page"), elem_id="add-url", scale=0, min_width=130)
        parts["progress"] = _html("progress")
        parts |= _password()
    with gr.Column(elem_id="library"):
        with gr.Row(elem_id="library-head"):
            gr.Markdown(safe(f"<h2>{say('Your documents')}</h2>"))
            parts["listed"] = _chooser(say("Collection"), "listed", ALL)
        parts["listed_words"] = gr.Textbox(
            show_label=False,
            label=say("Find a document by its name"),
            placeholder=say("Find a document by its name"),
            lines=1,
            max_lines=1,
            container=False,
            elem_id="listed-words",
        )
        parts |= _picked()
        parts["documents"] = _html("documents")
    return parts


def _picked() -> dict[str, Any]:
    """Make the row for what is picked in the list; it is there as long as something is."""
    import gradio as gr

    parts: dict[str, Any] = {}
    with gr.Column(elem_id="picked", visible=False) as parts["picked_row"]:
        parts["picked_says"] = _html("picked-says")
        with gr.Row(elem_classes="beside", equal_height=False):
            parts["move_to"] = gr.Dropdown(
                [],
                label=say("Into collection (type a new name to make one)"),
                allow_custom_value=True,
                elem_id="move-to",
            )
            parts["move"] = gr.Button(say("Move"), elem_id="move", scale=0, min_width=110)
            parts["remove_picked"] = gr.Button(say("Remove …"), elem_id="remove-picked", scale=0, min_width=110)
    return parts


def _conversations() -> dict[str, Any]:
    import gradio as gr

    parts: dict[str, Any] = {}
    with gr.Column(elem_id="past"):
        gr.Markdown(safe(f"<h2>{say('Your conversations')}</h2>"))
        parts["past_words"] = gr.Textbox(
            label=say("Search in questions and answers"), lines=1, max_lines=1, elem_id="past-words"
        )
        with gr.Column(elem_id="renaming", visible=False) as parts["renaming"], gr.Row(elem_classes="beside"):
            parts["renamed"] = gr.Textbox(label=say("New name"), lines=1, max_lines=1, elem_id="renamed", scale=2)
            parts["rename"] = gr.Button(say("Rename"), elem_id="rename", scale=0, min_width=130)
        parts["past_list"] = _html("past-list")
    return parts


def _password() -> dict[str, Any]:
    """Make the question for a password, which is there as long as some file waits for it."""
    import gradio as gr

    parts: dict[str, Any] = {}
    with gr.Column(elem_id="locked", visible=False) as parts["locked"]:
        gr.Markdown(_locked_html())
        with gr.Row(elem_classes="beside", equal_height=False):
            parts["which"] = gr.Dropdown([], label=say("File"), elem_id="which", scale=2)
            parts["password"] = gr.Textbox(
                label=say("Password"),
                type="password",
                lines=1,
                max_lines=1,
                elem_id="password",
                scale=2,
                html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
            )
            parts["unlock"] = gr.Button(say("Unlock"), elem_id="unlock", scale=0, min_width=130)
    return parts


def _drop_zone(name: str) -> gr.File:
    import gradio as gr

    return gr.File(label=say("Drop files here"), show_label=False, file_count="multiple", elem_id=name, height=150)


def _narrowing(label: str, name: str, example: str) -> gr.Textbox:
    import gradio as gr

    return gr.Textbox(label=label, elem_id=name, placeholder=example, lines=1, max_lines=1, min_width=120)


def _chooser(label: str, name: str, value: str) -> gr.Dropdown:
    import gradio as gr

    return gr.Dropdown([(say("All"), value)], value=value, label=label, elem_id=name, min_width=120, scale=1)
