"""`[tool.dedup.check]` of the nearest pyproject.toml -> what a check is told besides the settings."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dedup.config import nearest, nearest_project
from dedup.errors import UsageError


@dataclass(frozen=True, slots=True)
class Terms:
    """Paths are absolute, or as they were typed. None: not said.

    `corpus`: the files and folders that changed inputs are compared with. `max_new`: findings that are put up with.
    """

    corpus: tuple[str, ...] = ()
    baseline: str | None = None
    decisions: str | None = None
    index: str | None = None
    since: str | None = None
    max_new: int = 0
    folder: str = field(default=".", compare=False)  # in which the project file lies


_KINDS: dict[str, tuple[type, str]] = {
    "corpus": (list, 'a list of paths, for example ["texts"]'),
    "baseline": (str, 'a path, for example "dedup-baseline.json"'),
    "decisions": (str, 'a path, for example "decisions.jsonl"'),
    "index": (str, 'a path, for example ".cache/texts.duckdb"'),
    "since": (str, 'a git ref, for example "origin/main"'),
    "max-new": (int, "a whole number, 0 or more"),
}
_PATHS = ("baseline", "decisions", "index")


def load_terms(folder: str | os.PathLike[str] = ".") -> Terms:
    """Read the table. Raises `UsageError` for a key that is none and a value that makes no sense."""
    project = nearest_project(Path(folder))
    if project is None:
        return Terms()
    import tomllib  # noqa: PLC0415  (only where there is a file)

    shown = os.path.relpath(project, folder).replace(os.sep, "/")
    try:
        table = tomllib.loads(project.read_text(encoding="utf-8")).get("tool", {}).get("dedup", {}).get("check", {})
    except (OSError, ValueError, AttributeError) as error:
        raise UsageError(f"cannot be read: {error}", path=shown, hint="mend it") from None
    if not isinstance(table, dict):
        raise UsageError("[tool.dedup.check] is no table", path=shown, hint="write [tool.dedup.check] on its own line")
    given = {key.replace("-", "_"): _value(key, value, project.parent, shown) for key, value in table.items()}
    return Terms(**given, folder=str(project.parent))


def _value(key: str, value: Any, folder: Path, shown: str) -> Any:
    if key not in _KINDS:
        near = nearest(key, _KINDS)
        hint = f"did you mean {near!r}?" if near else f"the settings are {', '.join(_KINDS)}"
        raise UsageError(f"[tool.dedup.check] has no setting {key!r}", path=shown, hint=hint)
    kind, words = _KINDS[key]
    sensible = type(value) is kind
    if isinstance(value, list):
        sensible = sensible and bool(value) and all(isinstance(path, str) for path in value)
    if isinstance(value, int):
        sensible = sensible and value >= 0
    if not sensible:
        raise UsageError(f"{key} must be {words}", path=shown, hint="correct it")
    if kind is list:
        return tuple(os.path.join(folder, path) for path in value)
    return os.path.join(folder, value) if key in _PATHS else value
