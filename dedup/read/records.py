"""A `.jsonl` file, plain or gzipped -> a `Source` for each record, and the way back to the same bytes.

What is not text of a record (braces, keys, other fields, white space) is kept as it stands in *shells*: the
file is the shells with the records' string tokens between them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from dedup.errors import FormatError, RestoreError
from dedup.model import Newline, Record, Source
from dedup.read.decode import bom_encoding, codec_name, decode_as, encode, restore_newlines, unify_newlines

Escaping = Literal["unicode", "ascii", "slash", "html"]
"""How a string token is written: as it is; `\\uXXXX` for all but ASCII; that and `\\/` for slashes (PHP);
`\\u003c` for `<`, `>`, `&` and both Unicode line ends (Go)."""

_SPACE = re.compile(r"[ \t\r]*")
_UNIT = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.S)
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECODER = json.JSONDecoder()
_PROBE = 1 << 18  # bytes compressed to rule a level out
_CHUNK = 1 << 16
_REPAIR = "repair the file; each line must be one JSON object"


@dataclass(frozen=True, slots=True)
class RecordShell:
    """What stands around the text of one record.

    `lead` is blank lines above it, `before` and `after` the rest of its line (its newline included). `odd`
    lists the characters that `escaping` would write otherwise than the file: index in the string, and token.
    """

    id: str
    before: str
    after: str
    lead: str = ""
    newline: Newline = "\n"
    escaping: Escaping = "unicode"
    odd: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GzipMember:
    """One member of a gzip file: its header in hexadecimal, size unpacked, and zlib's settings."""

    header: str
    size: int
    level: int = 9
    memory: int = 8


@dataclass(frozen=True, slots=True)
class GzipShell:
    """How a gzip file was packed; `reproducible` when that gives its bytes again. `padding` counts NULs."""

    members: tuple[GzipMember, ...]
    padding: int = 0
    reproducible: bool = True


@dataclass(frozen=True, slots=True)
class Container:
    """A file whose records are sources: all it takes to write it back. `sha256` and `size` are the file's."""

    path: str
    encoding: str
    bom: bool
    sha256: str
    size: int
    shells: tuple[RecordShell, ...]
    tail: str = ""
    gzip: GzipShell | None = None
    text_field: str = "text"
    id_field: str = "id"


def read_container(
    data: bytes, path: str, *, encoding: str | None = None, text_field: str = "text", id_field: str = "id"
) -> tuple[Container, tuple[Source, ...]]:
    """The records of one file. `encoding` is UTF-8 unless given or said by a BOM.

    Raises `FormatError` for what is no JSON object with a string at `text_field`, for an id said twice and
    for a broken gzip file; `EncodingError` for bytes that do not fit the encoding.
    """
    packed = data[:2] == b"\x1f\x8b"
    gzip, body = _unpack(data, path) if packed else (None, data)
    codec = bom_encoding(body) or "utf-8" if encoding is None else codec_name(encoding)
    name, bom, text = decode_as(body, path, codec)
    shells: list[RecordShell] = []
    sources: list[Source] = []
    lines: dict[str, int] = {}
    lead = ""
    for number, line in enumerate(_split(text), 1):
        if not line.strip(" \t\r\n"):
            lead += line
            continue
        record = _parse(line.rstrip("\n"), path, number, text_field, id_field)
        if (first := lines.setdefault(record.id, number)) != number:
            what = f"the id {record.id!r} was used in line {first} already"
            raise FormatError(what, path=path, line=number, hint="make the ids unique, or choose another --id-field")
        newline, value = unify_newlines(record.value)
        escaping, odd = _escaping(record.token, record.value)
        shells.append(RecordShell(record.id, line[: record.start], line[record.end :], lead, newline, escaping, odd))
        content = line.rstrip("\r\n").encode(name)
        sources.append(
            Source(
                path=f"{path}#{record.id}",
                text=value,
                encoding=name,
                newline=newline,
                sha256=hashlib.sha256(content).hexdigest(),
                size=len(content),
                record=Record(path, len(sources), record.id),
            )
        )
        lead = ""
    sha256 = hashlib.sha256(data).hexdigest()
    container = Container(path, name, bom, sha256, len(data), tuple(shells), lead, gzip, text_field, id_field)
    return container, tuple(sources)


def write_container(container: Container, texts: Mapping[int, str]) -> bytes:
    """The file as it was, from the text of every record by its index (in the form of `Source.text`).

    With unchanged texts the bytes are the same, unless the file is gzipped and `gzip.reproducible` is false:
    then they are after unpacking. Raises `RestoreError` when a record's text is missing.
    """
    missing = next((index for index in range(len(container.shells)) if index not in texts), None)
    if missing is not None:
        what = f"the text of record {container.shells[missing].id!r} is missing"
        raise RestoreError(what, path=container.path, hint="merge again: the folder is not complete")
    return _write(container, texts, whole=True)


def write_container_subset(container: Container, texts: Mapping[int, str]) -> bytes:
    """A file with only the records that have a text in `texts`, with that text, all else kept."""
    return _write(container, texts, whole=False)


def to_json(container: Container) -> dict[str, Any]:
    """`container` as JSON types; what has its default value is left out."""
    fields: dict[str, Any] = _plain(container)
    return fields


def from_json(value: Mapping[str, Any]) -> Container:
    """The way back from `to_json`. Raises `RestoreError` when `value` is not what `to_json` gives."""
    try:
        fields = dict(value)
        fields["shells"] = tuple(_shell(shell) for shell in fields["shells"])
        if (gzip := fields.get("gzip")) is not None:
            members = tuple(_member(member) for member in gzip["members"])
            fields["gzip"] = GzipShell(**{**gzip, "members": members})
        return Container(**fields)
    except (KeyError, TypeError, ValueError, AttributeError):
        what = "the description of a JSON lines file is broken"
        raise RestoreError(what, hint="use the manifest as `dedup merge` wrote it") from None


def _shell(fields: Mapping[str, Any]) -> RecordShell:
    shell = RecordShell(**{**fields, "odd": tuple((int(at), str(unit)) for at, unit in fields.get("odd", ()))})
    if shell.escaping not in get_args(Escaping) or shell.newline not in get_args(Newline):
        raise ValueError(shell)
    if any(len(json.loads(f'"{unit}"')) != 1 for _, unit in shell.odd):
        raise ValueError(shell)
    return shell


def _member(fields: Mapping[str, Any]) -> GzipMember:
    member = GzipMember(**fields)
    bytes.fromhex(member.header)
    if member.level not in range(1, 10) or member.memory not in range(1, 10):
        raise ValueError(member)
    return member


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    return {
        field.name: _plain(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if getattr(value, field.name) != field.default
    }


# --- lines and tokens


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


def _string(text: str, shell: RecordShell) -> str:
    """The JSON token of a text. The odd escapes are used where they still stand for the same characters."""
    value = restore_newlines(text, shell.newline)
    token = _ESCAPE[shell.escaping](value)
    if not shell.odd:
        return token
    if any(at >= len(value) or json.loads(f'"{unit}"') != value[at] for at, unit in shell.odd):
        return token
    units = _UNIT.findall(token, 1, len(token) - 1)
    for at, unit in shell.odd:
        units[at] = unit
    return f'"{"".join(units)}"'


def _write(container: Container, texts: Mapping[int, str], *, whole: bool) -> bytes:
    parts = []
    for index, shell in enumerate(container.shells):
        if index in texts:
            parts += [shell.lead, shell.before, _string(texts[index], shell), shell.after]
    text = "".join(parts) + container.tail
    body = encode(text, encoding=container.encoding, bom=container.bom)
    return body if container.gzip is None else _pack(body, container.gzip, whole=whole)


# --- gzip (RFC 1952)


def _unpack(data: bytes, path: str) -> tuple[GzipShell, bytes]:
    at, bodies, members, reproducible = 0, [], [], True
    settings: tuple[int, int] | None = None
    while data[at : at + 2] == b"\x1f\x8b":
        start = _header_end(data, at, path)
        body, end = _inflate(data, start, path)
        if end + 8 > len(data):
            raise _broken(path, "the gzip file is cut off")
        if struct.unpack_from("<II", data, end) != (zlib.crc32(body), len(body) & 0xFFFFFFFF):
            raise _broken(path, "the gzip checksum does not fit")
        if reproducible:
            settings = _settings(body, data[start:end], settings)
            reproducible = settings is not None
        level, memory = settings or (9, 8)
        members.append(GzipMember(data[at:start].hex(), len(body), level, memory))
        bodies.append(body)
        at = end + 8
    padding = len(data) - at
    if data.count(0, at) != padding:
        raise _broken(path, "something follows the gzip data")
    return GzipShell(tuple(members), padding, reproducible), b"".join(bodies)


def _inflate(data: bytes, start: int, path: str) -> tuple[bytes, int]:
    """The member unpacked whose deflate stream begins at `start`, and where the stream ends."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    parts = []
    at = start
    try:
        while not unpacker.eof and at < len(data):
            parts.append(unpacker.decompress(data[at : at + _CHUNK]))
            at += _CHUNK
    except zlib.error:
        raise _broken(path, "the gzip data is damaged") from None
    if not unpacker.eof:
        raise _broken(path, "the gzip file is cut off")
    return b"".join(parts), min(at, len(data)) - len(unpacker.unused_data)


def _header_end(data: bytes, at: int, path: str) -> int:
    try:
        method, flags = data[at + 2], data[at + 3]
        end = at + 10
        if flags & 4:
            end += 2 + int.from_bytes(data[end : end + 2], "little")
        for flag in (8, 16):
            if flags & flag:
                end = data.index(0, end) + 1
        end += 2 if flags & 2 else 0
    except (IndexError, ValueError):
        raise _broken(path, "the gzip file is cut off") from None
    if method != 8 or flags & 0xE0:
        raise _broken(path, "the gzip data is of an unknown kind")
    if end > len(data):
        raise _broken(path, "the gzip file is cut off")
    return end


def _settings(body: bytes, packed: bytes, likely: tuple[int, int] | None) -> tuple[int, int] | None:
    """The level and memory with which zlib packs `body` to `packed`."""
    usual = [(level, memory) for memory in (8, 9) for level in (9, 6, 1, 2, 3, 4, 5, 7, 8)]
    for level, memory in [*([likely] if likely else []), *usual]:
        probe = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, memory).compress(body[:_PROBE])
        if packed.startswith(probe) and _deflate(body, level, memory) == packed:
            return level, memory
    return None


def _deflate(body: bytes, level: int, memory: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, memory)
    return packer.compress(body) + packer.flush()


def _pack(body: bytes, shell: GzipShell, *, whole: bool) -> bytes:
    sizes = [member.size for member in shell.members]
    members = shell.members if whole and sum(sizes) == len(body) else shell.members[:1]
    parts, at = [], 0
    for member in members:
        part = body[at : at + member.size] if len(members) > 1 else body
        at += len(part)
        ends = struct.pack("<II", zlib.crc32(part), len(part) & 0xFFFFFFFF)
        parts += [bytes.fromhex(member.header), _deflate(part, member.level, member.memory), ends]
    return b"".join(parts) + bytes(shell.padding)


def _broken(path: str, what: str) -> FormatError:
    return FormatError(what, path=path, hint="get the file again, or unpack what is left of it with `gzip -dc`")
