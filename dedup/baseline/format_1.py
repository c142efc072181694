"""A baseline of format 1, counts alone -> format 2, in which each paragraph has a sketch too: an empty one here."""

from __future__ import annotations

from typing import Any


def upgrade(told: dict[str, Any]) -> dict[str, Any]:
    """Raises `KeyError`, `AttributeError` for what is no baseline of format 1."""
    paragraphs = {paragraph: {"count": count, "sketch": ""} for paragraph, count in told["paragraphs"].items()}
    return {**told, "format": 2, "paragraphs": paragraphs}
