"""Bytes of one text file -> a `Source`, and the way back: text -> the same bytes.

A BOM is believed first, then strict UTF-8, then a guess (`guess.py`), which is taken only when it gives the
same bytes back.
"""

from __future__ import annotations

import codecs
import hashlib
import re

from dedup.errors import EncodingError, NotText, UsageError
from dedup.model import Newline, Source
from dedup.read.guess import guess, guess_wide, is_broken_utf8

_NAME_IT = "say which encoding it is with --encoding, or convert the file to UTF-8"
_NOT_TEXT = "leave it out, or convert it to text first"
_STRAY = 200  # characters to one NUL in a text that lost a byte here and there; a binary file has more
_CUT_OFF = 64  # bytes from which on something almost UTF-16 is that and damaged, not a binary file
_UNICODE = ("utf-8", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")  # one way to write each character
_BOMS = (*_UNICODE, "gb18030")
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"\x28\xb5\x2f\xfd", b"Rar!\x1a")
_MAGIC = (
    b"%PDF-",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"\x7fELF",
    b"\xd0\xcf\x11\xe0",
    b"SQLite format 3\x00",
    b"PAR1",
    b"RIFF",
    b"OggS",
    b"fLaC",
    b"ID3\x02",
    b"ID3\x03",
    b"ID3\x04",
    b"\xca\xfe\xba\xbe",
    b"\x00asm",
    b"\x93NUMPY",
)
# Bytes no text has, in any encoding that keeps ASCII where it is; ESC, SO and SI belong to ISO 2022.
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\v\f\r\b\x0e\x0f\x1a\x1b"})


def decode(data: bytes, path: str, encoding: str | None = None) -> Source:
    """The text of one file. `path` becomes the source's path; `encoding` is used strictly when given.

    Raises `NotText` for a binary file, `EncodingError` when the encoding cannot be told, when the bytes do
    not fit it or would not come back the same, and `UsageError` when there is no encoding called `encoding`.
    """
    if data.startswith(_PACKED):
        hint = "unpack it first; of packed files .gz and .zst ones of texts and records are read"
        raise NotText("a packed file, not text", path=path, hint=hint)
    if data.startswith(_MAGIC):
        raise _not_text(path)
    name, bom, raw = _find(data, path) if encoding is None else decode_as(data, path, codec_name(encoding))
    newline, text = unify_newlines(raw)
    return Source(
        path=path,
        text=text,
        encoding=name,
        newline=newline,
        bom=bom,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )


def encode(text: str, *, encoding: str = "utf-8", newline: Newline = "\n", bom: bool = False) -> bytes:
    """The bytes that `decode` made `text` from, with the source's `encoding`, `newline` and `bom`.

    Raises `EncodingError` when `text` has a character that `encoding` lacks: text of another source can.
    """
    raw = ("\ufeff" if bom else "") + restore_newlines(text, newline)
    try:
        return raw.encode(encoding)
    except UnicodeEncodeError as error:
        what = f"{encoding} has no character U+{ord(raw[error.start]):04X}"
        raise EncodingError(what, hint="write the text as UTF-8") from None


def decode_as(data: bytes, path: str, encoding: str) -> tuple[str, bool, str]:
    """The encoding, whether there is a BOM, and the text without it, of bytes that must be `encoding`.

    `encoding` is a name that `codec_name` gives. The one returned says the byte order, if any.
    """
    name = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(encoding, encoding)
    if encoding in ("utf-16", "utf-32") and data.startswith("\ufeff".encode(f"{encoding}-be")):
        name = f"{encoding}-be"
    mark = "\ufeff".encode(name) if name in _BOMS else b""
    bom = bool(mark) and data.startswith(mark)
    body = data[len(mark) :] if bom else data
    try:
        text = body.decode(name)
    except UnicodeError as error:
        at = error.start + len(data) - len(body) if isinstance(error, UnicodeDecodeError) else 0
        what = f"not valid {encoding} at byte {at}"
        raise EncodingError(what, path=path, line=data.count(b"\n", 0, at) + 1, hint=_NAME_IT) from None
    if _STRAY * text.count("\0") > len(text):
        raise _not_text(path)
    if not _gives_back(text, name, body):
        hint = "convert the file to UTF-8: this encoding writes some characters in more than one way"
        raise EncodingError(f"read as {encoding} it would not come back byte for byte", path=path, hint=hint)
    return name, bom, text


def bom_encoding(data: bytes) -> str | None:
    """The encoding whose BOM stands at the start of `data`."""
    return next((name for name in _BOMS if data.startswith("\ufeff".encode(name))), None)


def codec_name(encoding: str) -> str:
    """Python's own name of a text encoding. Raises `UsageError` when there is none."""
    try:
        info = codecs.lookup(encoding)
        "".encode(encoding)  # refuses codecs that are no text encodings, such as rot13
    except (LookupError, ValueError, TypeError):
        hint = "use a name such as utf-8, gb18030, big5, shift_jis, euc-kr, utf-16-le or windows-1251"
        raise UsageError(f"there is no text encoding called {encoding!r}", hint=hint) from None
    return info.name


def unify_newlines(raw: str) -> tuple[Newline, str]:
    """The newline that `raw` uses throughout, and `raw` with "\\n" for it; ("", raw) where it mixes them."""
    pairs = raw.count("\r\n")
    alone = raw.count("\r") - pairs
    feeds = raw.count("\n") - pairs
    if not pairs and not alone:
        return "\n", raw
    if not alone and not feeds:
        return "\r\n", raw.replace("\r\n", "\n")
    if not pairs and not feeds:
        return "\r", raw.replace("\r", "\n")
    return "", raw


def restore_newlines(text: str, newline: Newline) -> str:
    """The way back from `unify_newlines`."""
    return text if newline in ("", "\n") else text.replace("\n", newline)


def _find(data: bytes, path: str) -> tuple[str, bool, str]:
    """As `decode_as`, for bytes whose encoding is not said."""
    marked = bom_encoding(data)
    for name in (marked, "utf-16-le" if marked == "utf-32-le" else None):
        text = name and _strict(data, name)
        if name and text and "\0" not in text:
            return name, True, text[1:]
    nul = _STRAY * data.count(b"\0") > len(data)
    if not nul and (text := _strict(data, "utf-8")) is not None:
        if _mostly_controls(data):
            raise _not_text(path)
        return _escaped(data) or ("utf-8", False, text)
    wide = guess_wide(data)
    if wide and (_strict(data, wide) is not None or (nul and len(data) >= _CUT_OFF)):
        return decode_as(data, path, wide)
    if nul or _mostly_controls(data):
        raise _not_text(path)
    if is_broken_utf8(data):
        return decode_as(data, path, "utf-8")
    return _guessed(data, path)


def _guessed(data: bytes, path: str) -> tuple[str, bool, str]:
    explanations = guess(data)
    if len(explanations) != 1:
        rivals = ": " + " or ".join(names[0] for names in explanations) if explanations else ""
        raise EncodingError(f"its encoding cannot be told{rivals}", path=path, hint=_NAME_IT)
    for name in explanations[0]:
        text = _strict(data, name)
        if text is not None and _gives_back(text, name, data):
            return codec_name(name), False, text
    what = f"it looks like {explanations[0][0]} but would not come back byte for byte"
    raise EncodingError(what, path=path, hint="convert the file to UTF-8")


def _escaped(data: bytes) -> tuple[str, bool, str] | None:
    """ISO 2022, which looks like ASCII and shifts to Han and kana with escape sequences."""
    if not data.isascii() or not re.search(rb"\x1b\$[()@AB]", data):
        return None
    for name in ("iso2022_jp", "iso2022_jp_2004", "iso2022_kr"):
        text = _strict(data, name)
        if text is not None and not text.isascii() and _gives_back(text, name, data):
            return name, False, text
    return None


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeError:
        return None


def _gives_back(text: str, name: str, data: bytes) -> bool:
    try:
        return name in _UNICODE or text.encode(name) == data
    except UnicodeError:
        return False


def _mostly_controls(data: bytes) -> bool:
    sample = data[:0x40000]
    return 50 * (len(sample) - len(sample.translate(None, _CONTROLS))) > len(sample)


def _not_text(path: str) -> NotText:
    return NotText("a binary file, not text", path=path, hint=_NOT_TEXT)
