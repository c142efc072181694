"""Rows -> JSON lines, as every file of rows has them."""

from __future__ import annotations

import json
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False).encode


def line(row: dict[str, Any]) -> str:
    """One JSON line. Lone surrogates, which UTF-8 cannot say, are escaped."""
    text = _encode(row)
    return text if text.isprintable() or _encodes(text) else json.dumps(row)


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
