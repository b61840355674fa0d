"""The prompts, composed of the lexicon's sentences.

Passages are data: numbered, fenced, and declared as data in the instructions. The chat model applies its own template
and tokenises passages so that control tokens in them stay plain text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from rag import lexicon
from rag.answer.forms import USUAL, PromptForm
from rag.types import Passage, Turn

# The refusals. The page and the command line show them; a model that finds nothing for an overview must answer with
# one, word for word, by which it is recognised.
REFUSALS = {language: lexicon.text("refusal", language) for language in lexicon.LANGUAGES}
_REMEMBERED = 2000  # characters of an answer that are sent again


def no_documents(language: str) -> str:
    """Return the sentence shown while there is nothing to search; in English for languages without one."""
    return lexicon.text("no_documents", language)


def refusal(language: str) -> str:
    """Return the refusal in a language; in English for languages without one."""
    return lexicon.text("refusal", language)


def _asked(question: str, passages: Sequence[Passage], language: str) -> str:
    above, below = lexicon.text("label_passages", language), lexicon.text("label_question", language)
    return "\n\n".join([above, *(_fenced(one, language) for one in passages), f"{below} {question}"])


def evidence_messages(
    question: str, evidence: Sequence[Passage], *, language: str, form: PromptForm = USUAL, manner: str = ""
) -> list[BaseMessage]:
    """Return the messages for a question with evidence, in a form that suits the model; `manner` is that of a preset.

    The usual form mentions neither markers nor refusals. Small models copied the refusal of their instructions with
    the answer before them, and wrote markers instead of sentences: Qwen2.5 1.5B refused 22 of 38 answerable questions.
    """
    messages: list[BaseMessage] = []
    told = [_instructions(form.instructions, language)] if form.instructions else []
    if told := [*told, *([manner] if manner else [])]:
        messages.append(SystemMessage("\n".join(told)))
    if form.example:
        shown = [lexicon.text("example_excerpts", language), lexicon.text("example_question", language)]
        messages.append(HumanMessage(_excerpts(shown[:1], shown[1], language, form)))
        messages.append(AIMessage(lexicon.text("example_answer", language)))
    places = ["", *(_place(one, language) for one in evidence)]  # told once for neighbours of the same page
    excerpts = [
        f"[{one.number}]{'' if place == before else f' {place}'}\n{one.text}"
        for one, before, place in zip(evidence, places, places[1:], strict=False)
    ]
    return [*messages, HumanMessage(_excerpts(excerpts, question, language, form))]


def _instructions(name: str, language: str) -> str:
    return lexicon.text(name, language).format(refusal=refusal(language))


def _excerpts(excerpts: Sequence[str], question: str, language: str, form: PromptForm) -> str:
    above = form.opening or lexicon.text("label_excerpts", language)
    return "\n\n".join([above, *excerpts, f"{lexicon.text('label_question', language)} {question}"])


def _remembered(answer: str) -> str:
    """Return an earlier answer; a long list is cut, for it would leave no room for passages."""
    if len(answer) <= _REMEMBERED:
        return answer
    kept = answer[:_REMEMBERED]
    return f"{kept.rpartition(chr(10))[0] or kept} …"


def whole_messages(
    question: str, passages: Sequence[Passage], *, language: str, task: Literal["summary", "about", "listing"]
) -> list[BaseMessage]:
    """Return the messages for an overview: the passages are sections in reading order, not hits."""
    instructions = lexicon.text("instructions_whole", language)
    instructions = instructions.format(task=lexicon.text(f"task_{task}", language), refusal=refusal(language))
    return [SystemMessage(instructions), HumanMessage(_asked(question, passages, language))]


def drafting(passage: Passage, *, language: str) -> list[BaseMessage]:
    """Return the messages that request a question about a passage."""
    return [SystemMessage(lexicon.text("drafting", language)), HumanMessage(_fenced(passage, language))]


def condensing(question: str, *, language: str, history: Sequence[Turn]) -> list[BaseMessage]:
    """Return the messages that ask for a standalone question: the conversation, then the task."""
    said: list[BaseMessage] = []
    for turn in history:
        said += [HumanMessage(turn.question), AIMessage(_remembered(turn.answer))]
    return [*said, HumanMessage(lexicon.text("condensing", language).format(question=question))]


def _place(passage: Passage, language: str) -> str:
    """Return title and page of a passage, as its heading in a prompt."""
    title = " ".join(passage.title.split())
    if passage.page is None:
        return title
    return f"{title}, {lexicon.text('label_page', language).format(page=passage.page_label or passage.page)}"


def _fenced(passage: Passage, language: str) -> str:
    place = [_place(passage, language)]
    if passage.headings:
        place.append(" ".join(" > ".join(passage.headings[-2:]).split()))
    # As in Markdown, the fence is longer than any in the text: it can't be closed from inside.
    longest = max(map(len, re.findall(r">{3,}", passage.text)), default=2) + 1
    return f"[{passage.number}] {', '.join(place)}\n{'<' * longest}\n{passage.text}\n{'>' * longest}"
