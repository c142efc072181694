"""A git repository -> what is new in it: since a commit, or staged for the next one. Git itself is asked."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dedup.errors import GitFault

_DEFAULT_BRANCHES = ("origin/main", "origin/master", "main", "master")


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new. Paths are relative to the root of the repository, POSIX style.

    `added`, `modified`: paths of files; one that was only renamed is neither. `blobs`: the bytes that files have in
    the commit to be, where these are not those of the work tree; None for a file that it does not have. `base`: the
    commit that was compared with, for a reader.
    """

    added: frozenset[str]
    modified: frozenset[str]
    blobs: dict[str, bytes | None] = field(default_factory=dict)
    base: str = ""


def repository(folder: str | os.PathLike[str] = ".") -> str | None:
    """The root of the work tree that a folder is in; None where there is none, or no git."""
    try:
        return _git(folder, "rev-parse", "--show-toplevel").rstrip("\n")
    except GitFault:
        return None


def since(root: str, ref: str | None = None) -> Changes:
    """What the work tree has that a commit has not, untracked files too.

    `ref`: the commit; None: where HEAD left the default branch. Raises `GitFault` for a commit that is not there,
    and says what to fetch where a shallow clone ends too early.
    """
    base = _fork(root) if ref is None else _commit(root, ref)
    added, modified = _status(_git(root, "diff", *_NAMES, base, "--"))
    untracked = _paths(_git(root, "ls-files", "--others", "--exclude-standard", "-z"))
    return Changes(frozenset({*added, *untracked}), frozenset(modified), base=base)


def staged(root: str) -> Changes:
    """What the next commit has that HEAD has not, as it is staged."""
    added, modified = _status(_git(root, "diff", "--cached", *_NAMES, "--"))
    dirty = _paths(_git(root, "diff", "--name-only", "-z", "--ignore-submodules", "--"))
    untracked = _paths(_git(root, "ls-files", "--others", "--exclude-standard", "-z"))
    blobs: dict[str, bytes | None] = dict.fromkeys(untracked)
    blobs.update(_blobs(root, dirty))
    return Changes(frozenset(added), frozenset(modified), blobs, base="HEAD")


_NAMES = ("--name-status", "-z", "--find-renames", "--ignore-submodules")


def _status(answer: str) -> tuple[list[str], list[str]]:
    """The paths that are new and those that say something else, of the answer of `git diff --name-status -z`."""
    added: list[str] = []
    modified: list[str] = []
    fields = iter(_paths(answer))
    for status in fields:
        path = next(fields)
        if status[0] in "RC":
            path = next(fields)
        if (status in ("R100", "C100") and status[0] == "R") or status[0] == "D":
            continue
        (added if status[0] in "AC" else modified).append(path)
    return added, modified


def _fork(root: str) -> str:
    branch = _default_branch(root)
    try:
        return _git(root, "merge-base", "HEAD", branch).strip()
    except GitFault:
        if _shallow(root):
            hint = "git fetch --unshallow origin, or fetch-depth: 0 where CI checks out; or name a commit with --since"
            raise GitFault(f"the clone is too shallow to see where HEAD left {branch}", hint=hint) from None
        raise GitFault(f"HEAD and {branch} have no commit in common", hint="name a commit with --since") from None


def _default_branch(root: str) -> str:
    try:
        return _git(root, "rev-parse", "--abbrev-ref", "origin/HEAD").strip()
    except GitFault:
        for branch in _DEFAULT_BRANCHES:
            if _exists(root, branch):
                return branch
    hint = "name a commit with --since, what is staged with --staged, or files"
    if _shallow(root):
        hint = f"git fetch origin main:refs/remotes/origin/main, or {hint}"
    raise GitFault("there is no default branch to compare with", hint=hint)


def _commit(root: str, ref: str) -> str:
    if _exists(root, ref):
        return _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").strip()
    hint = "git log shows the commits that there are"
    if _shallow(root):
        hint = f"the clone is shallow: git fetch --depth=1 origin {ref}, or fetch-depth: 0 where CI checks out"
    raise GitFault(f"there is no commit {ref!r}", hint=hint)


def _exists(root: str, ref: str) -> bool:
    try:
        _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    except GitFault:
        return False
    return True


def _shallow(root: str) -> bool:
    return _git(root, "rev-parse", "--is-shallow-repository").strip() == "true"


def _blobs(root: str, paths: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
    """The staged bytes of paths."""
    for path in paths:
        done = _run(root, "cat-file", "blob", f":0:{path}")
        yield path, done.stdout if done.returncode == 0 else None


def _paths(answer: str) -> list[str]:
    return [path for path in answer.split("\0") if path]


def _git(folder: str | os.PathLike[str], *arguments: str) -> str:
    done = _run(folder, *arguments)
    if done.returncode:
        message = os.fsdecode(done.stderr).strip().splitlines() or [f"git {arguments[0]} failed"]
        raise GitFault(f"git says: {message[0].removeprefix('fatal: ')}", hint=f"git {' '.join(arguments)} says more")
    return os.fsdecode(done.stdout)


def _run(folder: str | os.PathLike[str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", "-C", os.fspath(folder), *arguments], capture_output=True, check=False)
    except OSError:
        raise GitFault("git cannot be run", hint="install git, or name the files to check") from None
