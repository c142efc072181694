"""Lines of JSON -> the records in them, and the way back: a text -> its token, escaped as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dedup.errors import FormatError
from dedup.read.container import Escaping, RecordShell, Row

_SPACE = re.compile(r"[ \t\r]*")
_UNIT = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.S)
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECODER = json.JSONDecoder()
_REPAIR = "repair the file; each line must be one JSON object"


def rows(text: str, path: str, encoding: str, text_field: str, id_field: str) -> tuple[list[Row], str]:
    """The records of a file, and what stands below the last."""
    found: list[Row] = []
    lead = ""
    for number, line in enumerate(_split(text), 1):
        if not line.strip(" \t\r\n"):
            lead += line
            continue
        record = _parse(line.rstrip("\n"), path, number, text_field, id_field)
        escaping, odd = _escaping(record.token, record.value)
        shell = RecordShell(record.id, line[: record.start], line[record.end :], lead, "\n", escaping, odd)
        found.append(Row.of(record.value, number, line.rstrip("\r\n").encode(encoding), shell))
        lead = ""
    return found, lead


def token(value: str, shell: RecordShell) -> str:
    """The JSON token of a text. The odd escapes are used where they still stand for the same characters."""
    written = _ESCAPE[shell.escaping](value)
    if not shell.odd:
        return written
    if any(at >= len(value) or json.loads(f'"{unit}"') != value[at] for at, unit in shell.odd):
        return written
    units = _UNIT.findall(written, 1, len(written) - 1)
    for at, unit in shell.odd:
        units[at] = unit
    return f'"{"".join(units)}"'


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A record's id, its text, and the token `line[start:end]` that says it."""

    id: str
    value: str
    token: str
    start: int
    end: int


def _split(text: str) -> Iterator[str]:
    """Lines with their "\\n". Not `splitlines`: U+2028 and the like may stand inside a JSON string."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _parse(line: str, path: str, number: int, text_field: str, id_field: str) -> _Parsed:
    id_, found, strings = str(number), None, []
    try:
        for key, value, start, end in _members(line):
            if key == text_field:  # of a key said twice the last counts, as everywhere in Python
                found = (value, start, end)
            if key == id_field:
                id_ = _id(value, number, id_field, path)
            if isinstance(value, str) and key not in strings:
                strings.append(key)
    except json.JSONDecodeError as error:
        what = f"not a JSON object: {error.msg} at column {error.pos + 1}"
        raise FormatError(what, path=path, line=number, hint=_REPAIR) from None
    except RecursionError:
        raise FormatError("nested too deep", path=path, line=number, hint=_REPAIR) from None
    except ValueError:  # an integer of thousands of digits
        raise FormatError("a number is too long", path=path, line=number, hint=_REPAIR) from None
    if found is None or not isinstance(found[0], str):
        what = f"no field {text_field!r}" if found is None else f"the field {text_field!r} is not a string"
        others = [repr(key) for key in strings if key != text_field]
        has = f" (strings here: {', '.join(others)})" if others else ""
        hint = f"name the field that has the text with --text-field{has}"
        raise FormatError(what, path=path, line=number, hint=hint)
    value, start, end = found
    if _SURROGATE.search(value) or _SURROGATE.search(id_):
        what = "half of a surrogate pair (\\ud800 to \\udfff) stands alone"
        raise FormatError(what, path=path, line=number, hint="replace it: it is no character")
    return _Parsed(id_, value, line[start:end], start, end)


def _id(value: Any, number: int, id_field: str, path: str) -> str:
    if value is None:
        return str(number)
    if isinstance(value, bool) or not isinstance(value, str | int):
        hint = "choose a field of strings or whole numbers with --id-field"
        raise FormatError(f"the id {id_field!r} is no string or number", path=path, line=number, hint=hint)
    return str(value)


def _members(line: str) -> Iterator[tuple[str, Any, int, int]]:
    """Key, value and the value's place of each member of the object that `line` is.

    Raises what `json.loads` would.
    """
    at = _token(line, 0, "{")
    if line[at : at + 1] == "}":
        return _end(line, at + 1)
    while True:
        if line[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting a property name in double quotes", line, at)
        key, at = _DECODER.raw_decode(line, at)
        start = _token(line, at, ":")
        value, end = _DECODER.raw_decode(line, start)
        yield key, value, start, end
        at = _space(line, end)
        if line[at : at + 1] == "}":
            return _end(line, at + 1)
        at = _token(line, at, ",")


def _end(line: str, at: int) -> None:
    if (at := _space(line, at)) != len(line):
        raise json.JSONDecodeError("Extra data", line, at)


def _token(line: str, at: int, char: str) -> int:
    """The place after `char` and the space around it."""
    at = _space(line, at)
    if line[at : at + 1] != char:
        raise json.JSONDecodeError(f"Expecting {char!r}", line, at)
    return _space(line, at + 1)


def _space(line: str, at: int) -> int:
    found = _SPACE.match(line, at)
    return found.end() if found else at


def _html(value: str) -> str:
    token = json.dumps(value, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        token = token.replace(char, f"\\u{ord(char):04x}")
    return token


_ESCAPE: dict[Escaping, Callable[[str], str]] = {
    "unicode": lambda value: json.dumps(value, ensure_ascii=False),
    "ascii": json.dumps,
    "slash": lambda value: json.dumps(value).replace("/", "\\/"),
    "html": _html,
}


def _escaping(token: str, value: str) -> tuple[Escaping, tuple[tuple[int, str], ...]]:
    """The way of escaping that gives `token`, or the nearest and where it differs."""
    for name, escape in _ESCAPE.items():
        if escape(value) == token:
            return name, ()
    units = _UNIT.findall(token, 1, len(token) - 1)
    best: tuple[Escaping, tuple[tuple[int, str], ...]] | None = None
    for name, escape in _ESCAPE.items():
        usual = _UNIT.findall(escape(value), 1, len(escape(value)) - 1)
        odd = tuple((at, unit) for at, (unit, other) in enumerate(zip(units, usual, strict=True)) if unit != other)
        if best is None or len(odd) < len(best[1]):
            best = name, odd
    assert best is not None
    return best
