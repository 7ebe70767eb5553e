"""What a JSON Schema says about one value, in a few words that people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

_FORMATS = {"uuid": "UUID", "date-time": "time", "date": "date"}
_SIMPLE = {"boolean": "yes or no", "null": "nothing", "object": "object"}
_LARGEST = 2**53


class Word(NamedTuple):
    """A piece of the description; `code` is to be shown as typed, `ref` names a schema that says more."""

    text: str
    code: bool = False
    ref: str = ""


def words(schema: Schema) -> list[Word]:
    """The type with its bounds: `list of`, `Line`; `text, at most 500`; ``one of `a`, `b` ``."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return [Word(name, ref=name)]
    if "const" in schema:
        return [Word(str(schema["const"]), code=True)]
    if "enum" in schema:
        return [Word("one of "), *_joined([[Word(str(one), code=True)] for one in schema["enum"]], ", ")]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _choice(schema[choice])
    return _typed(schema)


def _typed(schema: Schema) -> list[Word]:
    match schema.get("type"):
        case "array":
            return [Word("list of "), *words(schema.get("items", {})), *_bounds(schema, "Items")]
        case "object" if isinstance(inner := schema.get("additionalProperties"), Mapping):
            return [Word("by name: "), *words(inner)]
        case "string":
            form = _FORMATS.get(schema.get("format", ""), "text")
            return [Word(form), *_bounds(schema, "Length"), *_pattern(schema)]
        case "integer" if schema.get("minimum") == 0 and schema.get("maximum") == _LARGEST:
            return [Word("fen")]
        case "integer":
            return [Word("whole number"), *_range(schema)]
        case "number":
            return [Word("number"), *_range(schema)]
        case other:
            return [Word(_SIMPLE.get(str(other), "anything"))]


def plain(schema: Schema) -> str:
    """The same as Markdown."""
    return "".join(f"`{word.text}`" if word.code else word.text for word in words(schema))


def refs(schema: Any) -> list[str]:
    """The schemas that this one speaks of, each once."""
    found: list[str] = []
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            found += [value.rpartition("/")[2]] if key == "$ref" else refs(value)
    elif isinstance(schema, list):
        for one in schema:
            found += refs(one)
    return list(dict.fromkeys(found))


def _joined(parts: list[list[Word]], between: str) -> list[Word]:
    found: list[Word] = []
    for n, part in enumerate(parts):
        found += [Word(between), *part] if n else part
    return found


def _choice(options: list[Schema]) -> list[Word]:
    some = [words(option) for option in options if option.get("type") != "null"]
    if len(some) == len(options):
        return _joined(some, " or ")
    return [*_joined(some, " or "), Word(", or nothing")]


def _bounds(schema: Schema, of: str) -> list[Word]:
    least, most = schema.get(f"min{of}"), schema.get(f"max{of}")
    if least is not None and most is not None:
        return [Word(f", {least} to {most}")]
    if most is not None:
        return [Word(f", at most {most}")]
    return [Word(f", at least {least}")] if least else []


def _pattern(schema: Schema) -> list[Word]:
    return [Word(", "), Word(schema["pattern"], code=True)] if "pattern" in schema else []


def _range(schema: Schema) -> list[Word]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if (more := schema.get("exclusiveMinimum")) is not None:
        return [
            Word(
                f" > {_number(more)}"
                if most in (None, _LARGEST)
                else f" > {_number(more)}, ≤ {_number(most)}"
            )
        ]
    if least is not None and most not in (None, _LARGEST):
        return [Word(f", {_number(least)} to {_number(most)}")]
    if least is not None:
        return [Word(f" ≥ {_number(least)}")]
    return [Word(f" ≤ {_number(most)}")] if most not in (None, _LARGEST) else []


def _number(value: Any) -> str:
    """180.0 is 180 to people."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
