"""The files of a corpus whose rows in an index hold, and the texts in them, read when they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from dedup.config import ReadSettings
from dedup.errors import IndexFault
from dedup.index.columns import sha256
from dedup.index.store import Index
from dedup.model import Source
from dedup.read import File, parse_file
from dedup.read.discover import give_up


class Texts:
    """The files that `files` names, but for those in `replaced`: paths whose rows say nothing any more."""

    def __init__(self, index: Index, files: Sequence[File], replaced: Iterable[str], reading: ReadSettings):
        self._index = index
        self._files = {file.path: file for file in files}
        for path in replaced:
            self._files.pop(path, None)
        self._reading = reading
        self._read: dict[str, Source] = {}

    def holds(self, file: str) -> bool:
        """Whether the rows of a file hold."""
        return file in self._files

    def read(self, path: str) -> Source:
        """A source of the corpus. Raises `IndexFault` when its file was changed since the index was brought up to
        date."""
        if path not in self._read:
            name, sha = self._homes[path]
            file = self._files[name]
            try:
                data = Path(file.name).read_bytes()
            except OSError as error:
                give_up(error, file.shown)
            if sha256(data) != sha:
                hint = "run the command again, when nobody writes to the corpus"
                raise IndexFault("was changed just now", path=file.shown, hint=hint)
            self._read.update((source.path, source) for source in parse_file(file, self._reading, data))
        return self._read[path]

    def paragraphs(self, hashes: Collection[int]) -> Counter[int]:
        """How often paragraphs stand in the files that hold, by hash (columns.paragraph_hashes)."""
        counts: Counter[int] = Counter()
        sql = (
            "select p.hash, s.file, count(*) from paragraphs p join wanted w on p.hash = w.hash "
            "join sources s on s.content = p.content group by p.hash, s.file"
        )
        found = self._index.query(sql, wanted={"hash": np.fromiter(hashes, np.uint64, len(hashes))})
        for paragraph, file, count in zip(*(column.tolist() for column in found.values()), strict=True):
            if self.holds(file):
                counts[paragraph] += count
        return counts

    @cached_property
    def _homes(self) -> dict[str, tuple[str, str]]:
        """For each source its file and the SHA-256 of the file."""
        sql = "select s.path, s.file, f.sha256 from sources s join files f on f.path = s.file"
        return {path: (file, sha) for path, file, sha in self._index.rows(sql)}
