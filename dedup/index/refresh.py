"""The files of a corpus -> an index that holds just these: what is new is added, what is gone leaves.

Files are told apart by size and time first and by SHA-256 where these differ, texts by what they say: a file that was
moved or renamed costs a row, a second copy of a text costs a row.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.config import ReadSettings, Settings
from dedup.corpus import Corpus, build
from dedup.errors import IndexFault
from dedup.fold import Progress, fold_character
from dedup.index import wording
from dedup.index.columns import Content, Piece, band_keys, checksum, contents, pieces, sha256, text_key
from dedup.index.store import FORMAT, SEEDS, Index, Make, build_command
from dedup.lsh import bands
from dedup.model import Source
from dedup.read import File, parse_file
from dedup.read.discover import give_up
from dedup.seed import seeds
from dedup.sketch import EMPTY, permutations, signatures

_BATCH = 1 << 24  # characters that are folded at once
_MOST = (1 << 32) - 1  # letters that an index counts, of all texts that it ever had
_UNSORTED = 8  # one of so many seeds may be one that came later, or that stands no more
_SETTLED = 2_000_000_000  # nanoseconds after which a file's time tells that it was not changed since
_UNSURE = -1  # the time of a file that may have been changed right after it was read


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many files came, left, and said something else than before."""

    added: int = 0
    removed: int = 0
    changed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Difference:
    """What an index does not know yet of the files of its corpus.

    `stale`: files that say something else than the index has. `touched`: files that say the same but have another
    time. `gone`: paths of files. `known`: paths of those that the index has.
    """

    stale: tuple[File, ...]
    touched: tuple[File, ...]
    gone: tuple[str, ...]
    known: frozenset[str]


def difference(index: Index, files: Sequence[File], leave: Collection[str] = ()) -> Difference:
    """Compare an index with the files of its corpus, those at paths to `leave` apart.

    Reads only files whose size or time is another.
    """
    known = {path: (size, modified, sha) for path, size, modified, sha in index.rows("from files")}
    stale: list[File] = []
    touched: list[File] = []
    for file in files:
        if file.path in leave:
            continue
        size, modified, sha = known.get(file.path, (-1, _UNSURE, ""))
        found = os.stat(file.name)
        if (size, modified) != (found.st_size, found.st_mtime_ns):
            same = size == found.st_size and sha256(_read(file)) == sha
            (touched if same else stale).append(file)
    gone = sorted(known.keys() - {file.path for file in files} - set(leave))
    return Difference(tuple(stale), tuple(touched), tuple(gone), frozenset(known))


def start(index: Index, settings: Settings, reading: ReadSettings, inputs: Sequence[str]) -> None:
    """Write down what a new index is made with. `inputs`: the files and folders of the corpus."""
    b, r = bands(settings.lsh_threshold, settings.num_perm)
    make = {"format": FORMAT, **asdict(Make.of(settings, reading)), "bands": b, "rows": r}
    index.append("make", [(name, str(value)) for name, value in make.items()])
    index.append("make", [("input", path) for path in inputs])
    index.append("extent", [(0,)])
    multiply, addend = permutations(settings.num_perm, settings.seed)
    index.run("insert into permutations from given", given={"multiply": multiply, "addend": addend})


def refresh(
    index: Index,
    files: Sequence[File],
    reading: ReadSettings,
    *,
    leave: Collection[str] = (),
    progress: Progress | None = None,
) -> Refreshed:
    """Bring an index up to date with the files of its corpus, those at paths to `leave` apart, in one change.

    Raises `InputError` and its kin.
    """
    new = difference(index, files, leave)
    if not (new.stale or new.touched or new.gone):
        return Refreshed()
    with index.change():
        _forget(index, "files", "path", [*(file.path for file in (*new.stale, *new.touched)), *new.gone])
        _forget(index, "sources", "file", [*(file.path for file in new.stale), *new.gone])
        index.append("files", [_row(file, _read(file)) for file in new.touched])
        done = 0
        for batch in _batches(new.stale, reading):
            _add(index, [source for _, _, sources in batch for source in sources])
            _name(index, batch)
            done += len(batch)
            if progress:
                progress("index", done, len(new.stale))
        _clear(index)
        if new.stale or new.gone:
            _sort_seeds(index)
            wording.spread(index)
    changed = sum(file.path in new.known for file in new.stale)
    return Refreshed(len(new.stale) - changed, len(new.gone), changed)


_Parsed = tuple[File, tuple[str, int, int, str], list[Source]]  # a file, its row, what stands in it


def _batches(stale: Sequence[File], reading: ReadSettings) -> Iterator[list[_Parsed]]:
    batch: list[_Parsed] = []
    size = 0
    for file in stale:
        data = _read(file)
        sources = parse_file(file, reading, data)
        batch.append((file, _row(file, data), sources))
        size += sum(len(source.text) for source in sources)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    yield batch


def _add(index: Index, sources: Sequence[Source]) -> None:
    """Add the texts that the index does not have."""
    known = {key for (key,) in index.rows("select key from contents")}
    new = {key: source for source in sources if (key := text_key(source.text)) not in known}
    if not new:
        return
    forms = index.forms()
    corpus = build([replace(source, path=key) for key, source in new.items()], forms=forms)
    _remember_forms(index, corpus, forms)
    ((first_id,),) = index.rows("select coalesce(max(id) + 1, 0) from contents")
    ((extent,),) = index.rows("select letters from extent")
    ids, firsts = np.full(len(corpus.sources), -1, np.int64), np.full(len(corpus.sources), -1, np.int64)
    end = extent
    kept: list[Content] = []
    for number, content in contents(corpus):
        ids[number], firsts[number] = first_id + len(kept), end
        end += len(content.letters)
        kept.append(content)
    if end > _MOST:
        raise IndexFault(
            f"is full: it has had {end:,} letters", path=index.path, hint=f"make it anew: {build_command(index.path)}"
        )
    index.run(f"update extent set letters = {end}")
    packed = [pieces(content) for content in kept]
    index.append(
        "contents",
        [
            _content_row(first_id + at, first, content, own)
            for at, (first, content, own) in enumerate(zip(firsts[firsts >= 0].tolist(), kept, packed, strict=True))
        ],
    )
    index.append(
        "pieces",
        [(first_id + at, number, *astuple(piece)) for at, one in enumerate(packed) for number, piece in enumerate(one)],
    )
    hashes = np.concatenate([content.hashes for content in kept])
    sizes = [len(content.hashes) for content in kept]
    owner = np.repeat(first_id + np.arange(len(kept)), sizes).astype(np.uint32)
    filled = np.flatnonzero(hashes)
    index.run("insert into paragraphs from given", given={"hash": hashes[filled], "content": owner[filled]})
    wording.add(index, wording.counted(corpus.folded, ids < 0))
    _add_seeds(index, corpus, firsts, "later" if extent else "seeds")
    _add_bands(index, corpus, ids)


def _add_seeds(index: Index, corpus: Corpus, places: NDArray[np.int64], table: str) -> None:
    """`places`: those of the first letters of the texts, below 0 for texts that are not added."""
    starts = corpus.folded.starts
    keys = seeds(corpus.folded.letters, starts)
    keys[np.repeat(places < 0, np.diff(starts))] = 0
    at = np.flatnonzero(keys)
    order = at[np.argsort(keys[at], kind="stable")]
    source = np.searchsorted(starts, order, side="right") - 1
    columns: dict[str, NDArray[Any]] = {
        "key": keys[order],
        "place": (order + (places - starts[:-1])[source]).astype(np.uint32),
    }
    index.run(f"insert into {table} from given", given=columns)


def _sort_seeds(index: Index) -> None:
    """Sort in what was added later, and leave out what stands no more, when that has become much of all."""
    ((sorted_in,),) = index.rows("select count(*) from seeds")
    ((later,),) = index.rows("select count(*) from later")
    ((letters,),) = index.rows("select coalesce(sum(count), 0)::bigint from contents")
    gone = max(0, sorted_in + later - letters)
    if later + gone <= sorted_in // _UNSORTED:
        return
    index.run("drop view standing")
    index.run("alter table seeds rename to former")
    index.run(SEEDS)
    index.run(
        "insert into seeds select s.key, s.place from (from former union all from later) s "
        "asof join (from contents where count > 0) c on s.place >= c.first where s.place < c.first + c.count "
        "order by s.key, s.place"
    )
    index.run("drop table former")
    index.run("delete from later")


def _add_bands(index: Index, corpus: Corpus, ids: NDArray[np.int64]) -> None:
    paragraphs = corpus.paragraphs
    sketches = signatures(corpus.folded.letters, paragraphs.first, paragraphs.last, known=index.permutations())
    b, r = index.bands()
    own = np.flatnonzero((ids[paragraphs.source] >= 0) & (sketches.min(axis=1, initial=EMPTY) != EMPTY))
    number = own - np.searchsorted(paragraphs.source, paragraphs.source[own])
    keys = band_keys(sketches[own], b, r).ravel()
    order = np.argsort(keys, kind="stable")
    columns: dict[str, NDArray[Any]] = {
        "key": keys[order],
        "content": np.repeat(ids[paragraphs.source[own]], b)[order].astype(np.uint32),
        "paragraph": np.repeat(number, b)[order].astype(np.uint32),
    }
    index.run("insert into bands from given", given=columns)


def _remember_forms(index: Index, corpus: Corpus, forms: dict[int, str]) -> None:
    seen = {point for source in corpus.sources for point in map(ord, set(source.text))}
    index.append("forms", [(point, fold_character(chr(point))) for point in sorted(seen - forms.keys())])


def _content_row(number: int, first: int, content: Content, packed: Sequence[Piece]) -> tuple[object, ...]:
    paragraphs = content.paragraphs.tobytes()
    return (
        number,
        content.key,
        content.opening,
        content.characters,
        first,
        len(content.letters),
        paragraphs,
        checksum(paragraphs, packed),
    )


def _name(index: Index, batch: Sequence[_Parsed]) -> None:
    """Write down which source says which text."""
    ids = dict(index.rows("select key, id from contents"))
    rows = [(source.path, file.path, ids[text_key(source.text)]) for file, _, found in batch for source in found]
    index.append("sources", rows)
    index.append("files", [row for _, row, _ in batch])


def _forget(index: Index, table: str, column: str, paths: Sequence[str]) -> None:
    if paths:
        given = {"path": np.array(paths, object)}
        index.run(f"delete from {table} where {column} in (select path from given)", given=given)


def _clear(index: Index) -> None:
    """Let go of the texts that no source says."""
    gone = [number for (number,) in index.rows("select id from contents where id not in (select content from sources)")]
    if not gone:
        return
    wording.add(index, wording.of_contents(index, gone), -1)
    given = {"id": np.array(gone, np.uint32)}
    index.run("delete from contents where id in (select id from given)", given=given)
    for table in ("pieces", "paragraphs", "bands"):
        index.run(f"delete from {table} where content in (select id from given)", given=given)


def _read(file: File) -> bytes:
    try:
        return Path(file.name).read_bytes()
    except OSError as error:
        give_up(error, file.shown)


def _row(file: File, data: bytes) -> tuple[str, int, int, str]:
    found = os.stat(file.name)
    settled = time.time_ns() - found.st_mtime_ns > _SETTLED
    return file.path, found.st_size, found.st_mtime_ns if settled else _UNSURE, sha256(data)
