"""What becomes of a state when it is stored and read again."""

from __future__ import annotations

import bson

from shared.entry import S
from shared.store.database import CODEC


def stored(state: S) -> S:
    """The state as another process reads it. A service decides on what it remembers as on what is stored, so that a
    rule may not leave in a state what comes back different: a list for a tuple, a microsecond, a text for a date."""
    document = bson.encode(state.model_dump(), codec_options=CODEC)
    return type(state).model_validate(bson.decode(document, codec_options=CODEC))
