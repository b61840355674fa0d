"""The token budget for passages: limited by the model's context and by the machine's reading speed."""

from __future__ import annotations

from dataclasses import dataclass

from rag.errors import PromptTooLong

LEAST = 48  # tokens of passages; fewer are no basis for an answer
_ASSUMED_SPEED = 60.0  # prompt tokens per second, before this model is measured on this machine


@dataclass(frozen=True, slots=True)
class PromptLimits:
    """The limits of a prompt, in tokens unless stated otherwise."""

    context: int  # size of the model's context
    answer: int  # reserved for the answer
    overhead: int  # instructions, history and question
    passages: int  # most that are useful
    seconds: float  # most time for reading the prompt
    speed: float | None = None  # measured prompt tokens per second


def passage_budget(limits: PromptLimits) -> int:
    """Return the token budget for passages; raises PromptTooLong when there is no room for any.

    >>> passage_budget(PromptLimits(context=4096, answer=512, overhead=300, passages=2500, seconds=10, speed=100))
    700
    """
    room = limits.context - limits.answer - limits.overhead
    if room < LEAST:
        message = (
            f"The question needs {limits.overhead + limits.answer + LEAST} tokens with its instructions and the "
            f"answer, but the model's context holds {limits.context}."
        )
        raise PromptTooLong(message, remedy="Ask a shorter question, or choose a model with a larger context.")
    in_time = int((limits.speed or _ASSUMED_SPEED) * limits.seconds) - limits.overhead
    # A slow machine still gets some passages: a late answer beats one without evidence.
    return min(room, limits.passages, max(in_time, 400))
