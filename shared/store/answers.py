"""What the database answers, or that it does not."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.problems import Unavailable

R = TypeVar("R")


async def answer_of(question: Awaitable[R]) -> R:
    """The answer. Raises Unavailable when there is none; a duplicate key stays what it is."""
    try:
        return await question
    except DuplicateKeyError:
        raise
    except PyMongoError as error:
        raise Unavailable("the database does not answer") from error
