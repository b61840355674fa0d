"""`studyhall demo`: from nothing to a cited answer."""

from __future__ import annotations

from ingest.report import IngestReport
from rag.types import Answer, Question
from ui.commands.session import open_hall
from ui.demo import QUESTION, sample_course
from ui.render.console import console
from ui.render.terminal import print_answer, watch_answer
from ui.render.watching import print_ingest_report, watch_ingestion

_NEXT = """
[bold]3.[/bold] Go on:
   [cyan]studyhall ui[/cyan]                        the same in the browser, with the pages
   [cyan]studyhall ingest FOLDER[/cyan]             your own course
   [cyan]studyhall ask "…" --model FILE[/cyan]      answers written by a language model (any GGUF file)
   [cyan]studyhall collections remove sample-course[/cyan]
"""


def demo() -> None:
    """Ingest the sample course, ask it one question, and say how to go on.

    [bold]Example[/bold]

    [cyan]studyhall demo[/cyan]
    """
    with open_hall() as hall:
        console().print(
            "[bold]1.[/bold] The sample course is ingested, as by: studyhall ingest FOLDER -c sample-course"
        )
        for event in watch_ingestion(hall.ingest_events([sample_course()], collection="sample-course"), console()):
            if isinstance(event, IngestReport):
                print_ingest_report(event, console())
        console().print(f'\n[bold]2.[/bold] studyhall ask "{QUESTION}"')
        for answer in watch_answer(hall.ask_events(Question(QUESTION, "sample-course"))):
            if isinstance(answer, Answer):
                print_answer(answer)
    console().print(_NEXT)
