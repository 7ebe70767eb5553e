"""Where the documents are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
FOR_PEOPLE = ROOT / "docs"
# Beside the code, so that an installed package has what the gateway shows.
GENERATED = Path(__file__).parent / "generated"
# One for each version of each message, made by hand, for ever: what histories hold must stay readable.
EXAMPLES = ROOT / "tests" / "contract" / "examples"
