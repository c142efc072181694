"""A table in CSV or TSV -> its rows, and the way back: a text -> its field, in quotes where it was.

RFC 4180: a field that begins with a quote ends with one, and says a quote by two; a quote elsewhere is a character.
The first row names the fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedup.errors import FormatError, NoTextField
from dedup.read.container import Escaping, RecordShell, Row

_DELIMITERS = (",", ";", "\t")
_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class _Fields:
    """One row: where it starts and ends (its newline included), its line, and the places of its fields."""

    start: int
    end: int
    line: int
    places: list[tuple[int, int]]


def rows(text: str, path: str, encoding: str, text_field: str, id_field: str) -> tuple[list[Row], str, str, str]:
    """The rows of a table; what stands above the first, and below the last; and what parts the fields."""
    delimiter = _delimiter(text, path, text_field)
    parsed = _parse(text, path, delimiter)
    head = next(parsed)
    names = [_value(text[a:b]) for a, b in head.places]
    for name in (text_field, id_field):
        if names.count(name) > 1:
            hint = "give the columns different names, or choose another with --text-field or --id-field"
            raise FormatError(f"{names.count(name)} columns are called {name!r}", path=path, line=head.line, hint=hint)
    at, id_at = names.index(text_field), names.index(id_field) if id_field in names else None
    found: list[Row] = []
    done = head.end
    for row in parsed:
        if len(row.places) != len(names):
            what = f"has {len(row.places)} fields, and the first row {len(names)}"
            hint = "mend the row; a field with a comma or a newline in it stands in quotes"
            raise FormatError(what, path=path, line=row.line, hint=hint)
        start, end = row.places[at]
        escaping: Escaping = "quoted" if text.startswith('"', start, end) else "bare"
        id_ = _value(text[slice(*row.places[id_at])]) if id_at is not None else ""
        lead, before, after = text[done : row.start], text[row.start : start], text[end : row.end]
        shell = RecordShell(id_ or str(row.line), before, after, lead, "\n", escaping)
        content = text[row.start : row.end].rstrip("\r\n").encode(encoding)
        found.append(Row.of(_value(text[start:end]), row.line, content, shell))
        done = row.end
    return found, text[: head.end], text[done:], delimiter


def field(value: str, shell: RecordShell, delimiter: str) -> str:
    """A text as a field of a table: in quotes where it was, and where it must."""
    if shell.escaping == "bare" and not value.startswith('"') and not re.search(f"[{delimiter}\r\n]", value):
        return value
    return '"' + value.replace('"', '""') + '"'


def _value(token: str) -> str:
    return token[1:-1].replace('""', '"') if token.startswith('"') else token


def _delimiter(text: str, path: str, text_field: str) -> str:
    """What parts the names in the first row, so that the text field is among them."""
    candidates = ("\t",) if ".tsv" in path.lower() else _DELIMITERS
    names: list[str] = []
    for delimiter in candidates:
        head = next(_parse(text, path, delimiter), None)
        names = [_value(text[a:b]) for a, b in head.places] if head else []
        if text_field in names:
            return delimiter
    others = f" (fields here: {', '.join(map(repr, names))})" if names and len(names) < 20 else ""
    hint = f"name the field that has the text with --text-field{others}"
    raise NoTextField(f"no field {text_field!r}", path=path, line=1, hint=hint)


def _parse(text: str, path: str, delimiter: str) -> Iterator[_Fields]:
    """The rows of a table; blank lines between them are none."""
    bare = re.compile(f"[^{delimiter}\r\n]*")
    quoted = re.compile(r'"(?:[^"]|"")*"')
    at, line = 0, 1
    while at < len(text):
        if blank := _END.match(text, at):
            at, line = blank.end(), line + 1
            continue
        start, places = at, []
        while True:
            form = quoted if text.startswith('"', at) else bare
            found = form.match(text, at)
            if found is None:
                raise _unquoted(path, line, "a quote is not closed")
            places.append(found.span())
            at = found.end()
            if not text.startswith(delimiter, at):
                break
            at += 1
        end = _END.match(text, at)
        if end is None and at < len(text):
            raise _unquoted(path, line, "something follows the quote that closes a field")
        after = end.end() if end else at
        yield _Fields(start, after, line, places)
        line += len(_END.findall(text, start, after))
        at = after


def _unquoted(path: str, line: int, what: str) -> FormatError:
    hint = 'inside quotes write a quote twice: "say ""no"""'
    return FormatError(f"in the row that begins here {what}", path=path, line=line, hint=hint)
