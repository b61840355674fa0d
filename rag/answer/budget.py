"""How many tokens of passages a prompt may hold: what the context has room for and the machine reads in time."""

from __future__ import annotations

from dataclasses import dataclass

from rag.errors import PromptTooLong

LEAST = 48  # tokens of passages below which an answer would stand on nothing
_ASSUMED_SPEED = 60.0  # prompt tokens a second, before this machine has been measured with this model


@dataclass(frozen=True, slots=True)
class PromptLimits:
    """What bounds a prompt. All in tokens, but for the time and the speed."""

    context: int  # the model's context
    answer: int  # kept free for the answer
    overhead: int  # instructions, history and question
    passages: int  # the most that is useful
    seconds: float  # the most time that reading the prompt should take
    speed: float | None = None  # measured prompt tokens a second


def passage_budget(limits: PromptLimits) -> int:
    """Return the tokens that passages may take; raises PromptTooLong when there is no room for any.

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
    # A slow machine still gets some passages: an answer that takes longer beats one that stands on nothing.
    return min(room, limits.passages, max(in_time, 400))
