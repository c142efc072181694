"""Paths as the user gave them -> the files to read, sorted, each once, and what was passed over.

Folders are walked; hidden files, other endings, what `.gitignore` and `.dedupignore` exclude and folders that a
merge wrote are not sources. A path that is named itself is always read.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from dedup.errors import InputError, NothingToRead, UsageError
from dedup.read.container import ENDINGS, TEXTS

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

STDIN = "-"
MANIFEST = "manifest.json"  # of a merged folder, which is no input
_IGNORE_FILES = (".gitignore", ".dedupignore")  # the later one has the last word
_KINDS = {
    stat.S_IFSOCK: "a socket",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_LEADS_NOWHERE = "a link that leads nowhere"
_LEAVE_OUT = "leave it out with a .dedupignore file"

Identity = tuple[int, int]  # device and inode
Levels = tuple[tuple[str, tuple["GitIgnoreSpec", ...]], ...]  # folders from the top, and their ignore files


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was passed over, and why, in one short phrase."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to read: its path in outputs, the name to open it by, that for messages, and if it was named."""

    path: str
    name: str
    shown: str
    named: bool


def discover(paths: Sequence[str | os.PathLike[str]]) -> tuple[tuple[File, ...], tuple[Skipped, ...]]:
    """The files under `paths`, sorted by path, and those passed over. The order of `paths` does not matter.

    `path` is relative to the common parent folder of all that was given, POSIX style. Of a file that can be
    reached in several ways the first path is taken. Raises `InputError` for what does not exist or may not be
    read.
    """
    named = sorted({os.fsdecode(path) for path in ([paths] if isinstance(paths, str) else paths)})
    if not named:
        raise NothingToRead("no input was given", hint="name files or folders, or - for standard input")
    files: dict[str, File] = {}
    skipped: dict[str, Skipped] = {}
    identities: dict[str, Identity] = {}
    folders: list[tuple[str, str]] = []
    singles: list[tuple[str, str, os.stat_result]] = []
    for given in named:
        if given == STDIN:
            _add(files, File(STDIN, STDIN, STDIN, True))
            continue
        found = _stat_named(given)
        name = os.path.abspath(given)
        if stat.S_ISDIR(found.st_mode):
            folders.append((given, name))
        elif stat.S_ISFIFO(found.st_mode):
            _add(files, File(os.path.basename(name), name, shown(given), True))
        else:
            singles.append((given, name, found))
    root = _common_root([*(name for _, name in folders), *(os.path.dirname(name) for _, name, _ in singles)])
    for given, name, found in singles:
        file = File(_relative(name, root), name, shown(given), True)
        _check_name(file.path, file.shown)
        _add(files, file)
        identities[file.path] = (found.st_dev, found.st_ino)
    for given, name in folders:
        for item, identity in _walk(name, _relative(name, root), given):
            if isinstance(item, Skipped):
                skipped.setdefault(item.path, item)
            else:
                files.setdefault(item.path, item)
                identities[item.path] = identity
    return _each_once(files, skipped, identities)


def shown(name: str) -> str:
    """A path that can be printed, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def give_up(error: OSError, name: str) -> NoReturn:
    """Raise the `InputError` that an operating system error on the path `name` means."""
    if isinstance(error, PermissionError):
        hint = f"change its permissions, or {_LEAVE_OUT}"
        raise InputError("no permission to read it", path=shown(name), hint=hint) from None
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        hint = "check the spelling; paths are relative to the folder you are in"
        raise InputError("no such file or folder", path=shown(name), hint=hint) from None
    what = (error.strerror or type(error).__name__).lower()
    raise InputError(f"cannot be read: {what}", path=shown(name), hint=f"try again, or {_LEAVE_OUT}") from None


def _stat_named(given: str) -> os.stat_result:
    try:
        found = os.stat(given)
    except ValueError:
        hint = "check the spelling"
        raise InputError("no file can be called so", path=given.replace("\0", "\\x00"), hint=hint) from None
    except OSError as error:
        if os.path.islink(given) and not isinstance(error, PermissionError):
            hint = "mend the link or leave it out"
            raise InputError(_LEADS_NOWHERE, path=shown(given), hint=hint) from None
        give_up(error, given)
    kind = _KINDS.get(stat.S_IFMT(found.st_mode))
    if kind and not stat.S_ISFIFO(found.st_mode):
        raise InputError(
            f"{kind}, not a file", path=shown(given), hint="name a file, a folder, or - for standard input"
        )
    return found


def _common_root(folders: list[str]) -> str:
    try:
        return os.path.commonpath(folders) if folders else ""
    except ValueError:
        what = "the inputs stand on different drives and have no common folder"
        raise UsageError(what, hint="copy them to one drive") from None


def _relative(name: str, root: str) -> str:
    path = os.path.relpath(name, root).replace(os.sep, "/")
    return "" if path == "." else path


def _check_name(path: str, name: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        what = "the file's name is not UTF-8, so it cannot be written to an output"
        raise InputError(what, path=name, hint=f"rename it, or {_LEAVE_OUT}") from None


def _add(files: dict[str, File], file: File) -> None:
    other = files.setdefault(file.path, file)
    if other.name != file.name:
        what = f"this and {other.shown} would both be called {file.path!r}"
        raise InputError(what, path=file.shown, hint="give one of them another name")


def _each_once(
    files: dict[str, File], skipped: dict[str, Skipped], identities: dict[str, Identity]
) -> tuple[tuple[File, ...], tuple[Skipped, ...]]:
    first: dict[Identity, str] = {}
    kept = []
    for path in sorted(files):
        identity = identities.get(path)
        original = path if identity is None else first.setdefault(identity, path)
        if original == path:
            kept.append(files[path])
        else:
            skipped[path] = Skipped(path, f"the same file as {original}")
    taken = {file.path for file in kept}
    return tuple(kept), tuple(skipped[path] for path in sorted(skipped) if path not in taken)


def _walk(top: str, path: str, given: str) -> Iterator[tuple[File | Skipped, Identity]]:
    """Files and skipped files under one folder. `path` is its path in outputs, `given` that for messages."""
    seen: dict[Identity, str] = {}
    waiting = [(top, path, given, _levels_above(top))]
    while waiting:
        folder, path, called, levels = waiting.pop()
        try:
            identity = _identity(os.stat(folder))
            if (first := seen.setdefault(identity, path)) != path:
                yield Skipped(path, f"the same folder as {first or 'the input folder'}"), identity
                continue
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except FileNotFoundError:
            yield Skipped(path, "vanished"), (0, 0)
            continue
        except OSError as error:
            give_up(error, called)
        levels = _level(folder, levels)
        inside = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            below = f"{path}/{entry.name}" if path else entry.name
            name = os.path.join(called, entry.name)
            mode, identity = _look(entry, name)
            if _ignored(entry.path, stat.S_ISDIR(mode), levels):
                continue
            if stat.S_ISDIR(mode):
                if not is_result(entry.path):
                    inside.append((entry.path, below, name, levels))
            elif is_source(entry.name):
                _check_name(below, shown(name))
                if stat.S_ISREG(mode):
                    yield File(below, entry.path, shown(name), False), identity
                else:
                    gone = _LEADS_NOWHERE if entry.is_symlink() else "vanished"
                    yield Skipped(below, _KINDS.get(stat.S_IFMT(mode), gone)), identity
        waiting += reversed(inside)


def _look(entry: os.DirEntry[str], name: str) -> tuple[int, Identity]:
    """Mode and identity of what an entry is or leads to; (0, …) when it leads nowhere."""
    try:
        found = os.stat(entry.path)  # not entry.stat(), which has no inode on Windows
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError) or error.errno == errno.ELOOP:
            return 0, (0, 0)
        give_up(error, name)
    return found.st_mode, _identity(found)


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


def is_source(name: str) -> bool:
    """Whether a file of this name is read when a walk meets it."""
    lower = name.lower()
    return lower.endswith(ENDINGS) or os.path.splitext(lower)[1] in ("", *TEXTS)


# --- ignore files


def _levels_above(top: str) -> Levels:
    """The ignore files of the folders above `top`, up to the root of its repository."""
    above: list[str] = []
    folder = top
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return ()  # no repository
        folder = parent
        above.append(folder)
    levels: Levels = ()
    for folder in reversed(above):
        levels = _level(folder, levels)
    # A folder that was named is wanted, even where its repository ignores it.
    return () if _ignored(top, True, levels) else levels


def _level(folder: str, levels: Levels) -> Levels:
    specs = []
    for name in _IGNORE_FILES:
        path = os.path.join(folder, name)
        try:
            with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
                from pathspec import GitIgnoreSpec  # noqa: PLC0415  (only where there is such a file)

                specs.append(GitIgnoreSpec.from_lines(file))
        except (FileNotFoundError, IsADirectoryError):
            continue
        except (ValueError, re.error) as error:
            raise InputError(f"a pattern is not valid: {error}", path=shown(path), hint="correct it") from None
        except OSError as error:
            give_up(error, path)
    return (*levels, (folder.rstrip(os.sep) + os.sep, tuple(specs))) if specs else levels


def _ignored(name: str, is_folder: bool, levels: Levels) -> bool:
    """Whether the innermost ignore file that says something about a path excludes it."""
    for folder, specs in reversed(levels):
        path = name[len(folder) :].replace(os.sep, "/") + ("/" if is_folder else "")
        for spec in reversed(specs):
            verdict = _folder_verdict(spec, path) if is_folder else spec.check_file(path).include
            if verdict is not None:
                return verdict
    return False


def _folder_verdict(spec: GitIgnoreSpec, path: str) -> bool | None:
    """The last pattern that fits counts. `check_file` is for files: `*` and `!*/` make it exclude folders."""
    fits = (pattern for pattern in reversed(list(spec.patterns)) if pattern.include is not None)
    return next((pattern.include for pattern in fits if pattern.match_file(path)), None)


def is_result(folder: str | os.PathLike[str]) -> bool:
    """Whether a merge wrote a folder: what is in it is no input, and may be replaced by another merge."""
    try:
        with open(os.path.join(folder, MANIFEST), encoding="utf-8") as file:
            manifest = json.load(file)
    except (OSError, ValueError, RecursionError):
        return False
    program = manifest.get("program") if isinstance(manifest, dict) else None
    return isinstance(program, dict) and program.get("name") == "dedup"
