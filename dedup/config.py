"""Settings and where each comes from: defaults < `[tool.dedup]` < DEDUP_* < the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from dedup.errors import UsageError

Unit = Literal["paragraph", "sentence", "passage"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is told. Letters are letters of a dense script (script.py); others count two fifths of one.

    Raises `UsageError` for a value that makes no sense.
    """

    min_length: int = 12  # letters: nothing shorter is a match
    similarity: float = 0.75  # less similar matches are `reworked`: logged, never removed
    cover: float = 0.8  # share of a unit's letters that must stand elsewhere for the unit to leave the corpus
    unit: Unit = "paragraph"  # what leaves the corpus as one piece
    lsh_threshold: float = 0.5  # Jaccard similarity of shingles at which paragraphs become candidates
    num_perm: int = 128  # permutations of a MinHash signature
    seed: int = 1  # of the permutations
    jobs: int = 0  # processes; 0: as many as there are processors
    memory: str | None = None  # what a run may take, for example "2GB"; None: what it needs

    @property
    def memory_bytes(self) -> int | None:
        """`memory` as a number."""
        return None if self.memory is None else _bytes(self.memory)

    @property
    def processes(self) -> int:
        """`jobs` for what takes as much memory in each: one where memory is bounded."""
        return self.jobs if self.memory is None else 1

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name))


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """How sources are read: what `read.read` is told."""

    encoding: str | None = None  # of every file; None: told from its bytes
    text_field: str = "text"  # of a JSON record
    id_field: str = "id"


@dataclass(frozen=True, slots=True)
class FileSettings:
    """Files beside the inputs that a run heeds. In a project file their paths start from its folder."""

    decisions: str | None = None  # what a reviewer decided (decisions.py)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is in force. `origin`: "default", a pyproject.toml, a DEDUP_* variable or an option."""

    name: str
    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings of a run, and where each comes from."""

    settings: Settings
    reading: ReadSettings
    files: FileSettings
    origins: tuple[Setting, ...]


ENVIRONMENT = "DEDUP_"
PROJECT = "pyproject.toml"
_DEFAULT = "default"
_HOMES = (Settings, ReadSettings, FileSettings)
_DEFAULTS: dict[str, Any] = {field.name: field.default for home in _HOMES for field in fields(home)}
_FILES = {field.name for field in fields(FileSettings)}
_KEYS = {name.replace("_", "-"): name for name in _DEFAULTS}

_SHARE: tuple[Callable[[Any], bool], str, str] = (
    lambda share: 0 < share <= 1,
    "above 0 and at most 1",
    "write 85 % as 0.85",
)
_LIMITS: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    "min_length": (lambda letters: letters >= 1, "1 or more", ""),
    "similarity": _SHARE,
    "cover": _SHARE,
    "unit": (lambda unit: unit in get_args(Unit), "paragraph, sentence or passage", ""),
    "lsh_threshold": (lambda share: 0 < share < 1, "between 0 and 1", ""),
    "num_perm": (lambda count: count >= 2, "2 or more", ""),
    "seed": (lambda seed: 0 <= seed < 2**32, "between 0 and 4294967295", ""),
    "memory": (
        lambda size: size is None or _bytes(size) >= _LEAST,
        "a size of 400MB or more",
        "for example --memory 2GB",
    ),
    "jobs": (lambda count: count >= 0, "0 or more", "0 takes as many processes as there are processors"),
}
_LEAST = 400_000_000  # bytes; the program itself takes most of it
_KINDS = {int: "a whole number", float: "a number", str: "a text"}


def load(
    options: Mapping[str, Any] | None = None,
    *,
    folder: str | os.PathLike[str] = ".",
    environ: Mapping[str, str] | None = None,
) -> Configuration:
    """Settings from all places, the later ones first.

    `options`: what the command line says, by field name, None where it says nothing. The project file is the
    nearest pyproject.toml in `folder` or above it; its tables below `[tool.dedup]` are other readers' business.
    Raises `UsageError` for a key that is no setting and for a value that makes no sense.
    """
    environ = os.environ if environ is None else environ
    found = {name: Setting(_key(name), default, _DEFAULT) for name, default in _DEFAULTS.items()}
    project = nearest_project(Path(folder))
    if project is not None:
        shown = os.path.relpath(project, folder).replace(os.sep, "/")
        for name, value in _of_project(project, shown):
            beside = os.path.normpath(os.path.join(os.path.dirname(shown), value)) if name in _FILES else value
            found[name] = Setting(_key(name), beside, shown)
    for name in _DEFAULTS:
        variable = ENVIRONMENT + name.upper()
        if environ.get(variable):
            found[name] = Setting(_key(name), _parsed(name, environ[variable], variable), variable)
    for name, value in (options or {}).items():
        if value is not None:
            option = f"--{_key(name)}"
            parsed = _parsed(name, value, option) if isinstance(value, str) else value
            found[name] = Setting(_key(name), parsed, option)
    for name in _LIMITS:
        _check(name, found[name].value, found[name].origin)
    settings, reading, files = (home(**{f.name: found[f.name].value for f in fields(home)}) for home in _HOMES)
    assert isinstance(settings, Settings)
    assert isinstance(reading, ReadSettings)
    assert isinstance(files, FileSettings)
    return Configuration(settings, reading, files, tuple(found.values()))


def nearest_project(folder: Path) -> Path | None:
    """The nearest pyproject.toml in a folder or above it."""
    folder = folder.absolute()
    return next((path for at in (folder, *folder.parents) if (path := at / PROJECT).is_file()), None)


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word most like a mistyped one, if one is like it."""
    from difflib import get_close_matches  # noqa: PLC0415  (only where something is wrong)

    return next(iter(get_close_matches(word, list(words), n=1)), None)


def _bytes(size: str) -> int:
    """The bytes that a size says; 0 where it says none."""
    said = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:([kmgt])(i?)b?)?\s*", size, re.IGNORECASE)
    if said is None:
        return 0
    base = 1024 if said[3] else 1000
    return int(float(said[1]) * base ** (" kmgt".index(said[2].lower()) if said[2] else 0))


def _key(name: str) -> str:
    return name.replace("_", "-")


def _of_project(project: Path, shown: str) -> Iterable[tuple[str, Any]]:
    """The settings in `[tool.dedup]`, by field name."""
    import tomllib  # noqa: PLC0415  (only where there is a file)

    try:
        table = tomllib.loads(project.read_text(encoding="utf-8")).get("tool", {}).get("dedup", {})
    except (OSError, ValueError, AttributeError) as error:
        hint = "mend it, or run dedup where there is none"
        raise UsageError(f"cannot be read: {error}", path=shown, hint=hint) from None
    if not isinstance(table, dict):
        raise UsageError("[tool.dedup] is no table", path=shown, hint="write [tool.dedup] on a line of its own")
    for key, value in table.items():
        if key in _KEYS:
            yield _KEYS[key], _typed(_KEYS[key], value, shown)
        elif not isinstance(value, dict):
            near = nearest(key, _KEYS)
            hint = f"did you mean {near!r}?" if near else f"the settings are {', '.join(_KEYS)}"
            raise UsageError(f"[tool.dedup] has no setting {key!r}", path=shown, hint=hint)


def _kind(name: str) -> type:
    return str if _DEFAULTS[name] is None else type(_DEFAULTS[name])


def _typed(name: str, value: Any, said_in: str) -> Any:
    """A TOML value as its setting has it: a whole number stands for a number, nothing else for another."""
    kind = _kind(name)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        what = f"{_key(name)} must be {_KINDS[kind]}, not {value!r}"
        raise UsageError(what, path=said_in, hint=f"{_key(name)} = {_example(name)} would do")
    return value


def _parsed(name: str, text: str, said_in: str) -> Any:
    kind = _kind(name)
    try:
        return kind(text)
    except ValueError:
        what = f"{_key(name)} must be {_KINDS[kind]}, not {text!r}"
        raise UsageError(what, path=said_in, hint=f"{_example(name)} would do") from None


def _example(name: str) -> str:
    default = _DEFAULTS[name]
    return f'"{default or ("decisions.jsonl" if name in _FILES else "utf-8")}"' if _kind(name) is str else str(default)


def _check(name: str, value: Any, said_in: str | None = None) -> None:
    sensible, wanted, hint = _LIMITS[name]
    if not sensible(value):
        hint = hint or f"the default is {_DEFAULTS[name]}"
        if name == "unit" and (near := nearest(str(value), get_args(Unit))):
            hint = f"did you mean {near!r}?"
        raise UsageError(f"{_key(name)} must be {wanted}, not {value!r}", path=said_in, hint=hint)
