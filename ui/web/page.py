"""The page, built and mounted in the server's application; Gradio is kept from using the network."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.responses import Response

from rag.errors import NotFound
from rag.library.uploads import incoming
from rag.texts import say, speaking
from ui.guard import Address
from ui.hall import Studyhall
from ui.render.markdown import conversation_markdown
from ui.version import VERSION
from ui.web.ask import Stage
from ui.web.handlers import Handlers
from ui.web.intake import Intake, file_name
from ui.web.language import translated_page
from ui.web.markup import text
from ui.web.parts import lay_out
from ui.web.past import unpacked
from ui.web.theme import theme
from ui.web.wiring import wire

if TYPE_CHECKING:
    import gradio as gr

_HERE = Path(__file__).parent
_ASSETS = {"studyhall.css": "text/css", "studyhall.js": "text/javascript", "studyhall.svg": "image/svg+xml"}
_HEAD = f"""<link rel="icon" type="image/svg+xml" href="/studyhall.svg?v={VERSION}">
<link rel="stylesheet" href="/studyhall.css?v={VERSION}">
<style>:root {{{{ --drop-says: "{{drop}}"; }}}}</style>
<script defer src="/studyhall.js?v={VERSION}" data-language="{{language}}" data-login="{{login}}"
 data-copied="{{copied}}"
 data-about="{{about}}" data-means="{{means}}" data-question="{{question}}" data-files="{{files}}"></script>
"""
# Tabs and reloads whose state is kept, the latest: each costs 0.18 MB, and Gradio would let go of none before 10,000.
_TABS = 500
_UNUSED = ("run_history", "ssr_mode", "mcp_server", "pwa", "enable_monitoring")  # of what Gradio can
# Gradio's page names addresses on the web that nobody asks for: previews of shared links, examples of uploads.
_FOREIGN = re.compile(r'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*|<link rel="manifest"[^>]*>\s*')
_EXAMPLE = re.compile(r'"https://github\.com/gradio-app/[^"]*"')


def mount(app: FastAPI, hall: Studyhall, intake: Intake, address: Address) -> None:
    """Put the page at ``/`` of an application, with the files it needs."""
    prepare(hall)
    import gradio as gr

    for name, kind in _ASSETS.items():
        _serve_asset(app, name, kind)
    _serve_conversations(app, hall)

    def mounted() -> None:
        gr.mount_gradio_app(
            app,
            build(hall, intake),
            path="/",
            server_name=address.host,
            server_port=address.port,
            theme=theme(),
            max_file_size=hall.settings.upload_mb * 1_000_000,
            show_error=True,
            footer_links=[],
            app_kwargs=dict.fromkeys(("docs_url", "redoc_url", "openapi_url")),
            **dict.fromkeys(_UNUSED, False),
        )

    in_event_loop(mounted)
    # Each open tab holds a connection that Gradio ends when this is set, or else never.
    app.state.stop_tabs = app.routes[-1].app.stop_event.set  # type: ignore[attr-defined]  # the one just mounted


def in_event_loop(work: Callable[[], None]) -> None:
    """Do something while an event loop runs: where none does, Gradio makes several and never closes them."""

    async def worked() -> None:
        work()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(worked())
    else:
        work()


def prepare(hall: Studyhall) -> None:
    """Tell Gradio, before it is imported, to stay at home: no analytics, no hub, uploads into the home."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # Gradio counts events for a dashboard that we leave off, with pandas, after every single one.
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    os.environ["GRADIO_TEMP_DIR"] = str(incoming(hall.uploads))
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("HF_HUB_OFFLINE", "1")


def polish(html: str, language: str, *, login: bool = False) -> str:
    """Return a page of Gradio's as ours: in a language, with our style and script, without addresses on the web.

    Other pages are ours already.
    """
    if "gradio_config" not in html:
        return html
    with speaking(language):
        head = _HEAD.format(
            language=language,
            login="yes" if login else "",
            copied=text(say("Copied")),
            about=text(say("Ask about this")),
            means=text(say("What does “…” mean?")),
            question=text(say("Your question")),
            files=text(say("Choose files")),
            drop=say(
                "Drop PDF, Word, PowerPoint, Excel, HTML, Markdown, text, zip or other files here, or click to choose"
            ),
        )
    ours = _EXAMPLE.sub('""', _FOREIGN.sub("", translated_page(html, language)))
    return ours.replace("</head>", f"{head}</head>", 1)


def build(hall: Studyhall, intake: Intake) -> gr.Blocks:
    """Build the page and wire it."""
    import gradio as gr

    with gr.Blocks(title="Studyhall", fill_width=True, analytics_enabled=False) as blocks:
        parts = lay_out()
        wire(Handlers(hall, intake, parts), parts, blocks)
    blocks.state_session_capacity = _TABS
    blocks.queue(default_concurrency_limit=8, api_open=False)
    return blocks


def _serve_conversations(app: FastAPI, hall: Studyhall) -> None:
    """Serve each kept conversation as a Markdown file, to be saved."""

    @app.get("/conversation/{key}.md")
    def conversation(key: str) -> Response:
        try:
            listed = {one.conversation_id: one.title for one in hall.conversations.all()}
            said = unpacked(hall.conversations.exchanges(key))
        except NotFound as exc:
            return Response(str(exc), 404, media_type="text/plain")
        title = listed.get(key, key)
        answered = [(one.question, one.answer) for one in said if one.answer and one.stage is Stage.DONE]
        name = quote(f"{file_name(title)[:80]}.md")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
        return Response(conversation_markdown(title, answered), media_type="text/markdown", headers=headers)


def _serve_asset(app: FastAPI, name: str, kind: str) -> None:
    @app.get(f"/{name}")
    def asset() -> Response:
        return Response((_HERE / name).read_bytes(), media_type=kind, headers={"Cache-Control": "no-cache"})
