"""The file of an index: its tables, what it was made with, who may open it, and changes that are whole or not at all.

A process that is killed leaves what was there before: DuckDB writes a change beside the data and takes it over when
it is complete. Two processes never write at once: the second waits, then says so.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup import fold
from dedup.config import ReadSettings, Settings
from dedup.errors import IndexBusy, IndexFault
from dedup.seed import SEED_WEIGHT
from dedup.sketch import DENSE_SHINGLE, LIGHT_SHINGLE, SCHEME

try:  # the engine without the package around it, which takes longer to load than most searches, for no use here
    import _duckdb as duckdb
except ImportError:
    import duckdb  # type: ignore[no-redef]

FORMAT = 4

PATIENCE = 20.0
"""Seconds that a process waits for another one to let go of the index."""

_SCHEMA = """
create table make (name varchar, value varchar);
create table files (path varchar, size ubigint, modified bigint, sha256 varchar);
create table sources (path varchar, file varchar, content uinteger);
create table contents (
  id uinteger, key varchar, opening blob, characters uinteger, first uinteger, count uinteger, paragraphs blob,
  checksum ubigint
);
create table extent (letters ubigint);
create table pieces (
  content uinteger, number uinteger, letters blob, weight uinteger, start uinteger, offsets blob, further blob
);
create table paragraphs (hash ubigint, content uinteger);
create table later (key ubigint, place uinteger);
create table bands (key ubigint, content uinteger, paragraph uinteger);
create table words (key uinteger, places integer);
create table spread (places uinteger, words uinteger);
create table forms (point uinteger, form varchar);
create table permutations (multiply uinteger, addend uinteger);
"""

SEEDS = """
create table seeds (key ubigint using compression uncompressed, place uinteger using compression uncompressed);
create view standing as select key, place from seeds union all select key, place from later;
"""
"""The seeds in order, as `standing.py` reads them, and with those that came later and are not sorted in yet."""


@dataclass(frozen=True, slots=True)
class Make:
    """All that the rows of an index depend on besides the texts: two indexes of one make can be compared."""

    folding: int
    seed_weight: int
    dense_shingle: int
    light_shingle: int
    scheme: str
    num_perm: int
    seed: int
    lsh_threshold: float
    encoding: str | None
    text_field: str
    id_field: str

    @classmethod
    def of(cls, settings: Settings, reading: ReadSettings) -> Make:
        """What an index for these settings is made with."""
        return cls(
            fold.VERSION,
            SEED_WEIGHT,
            DENSE_SHINGLE,
            LIGHT_SHINGLE,
            SCHEME,
            settings.num_perm,
            settings.seed,
            settings.lsh_threshold,
            reading.encoding,
            reading.text_field,
            reading.id_field,
        )


class Index:
    """An open index. Columns go in and come out as numpy arrays."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: str):
        self.path = path
        self._connection = connection

    def query(self, sql: str, **tables: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """The columns that a statement gives. `tables`: columns that it may join with, by their names in it."""
        for name, columns in tables.items():
            self._connection.register(name, dict(columns))
        found: dict[str, NDArray[Any]] = self._connection.execute(sql).fetchnumpy()
        for name in tables:
            self._connection.unregister(name)
        return found

    def begin(self, sql: str, **tables: Mapping[str, NDArray[Any]]) -> Callable[[], dict[str, NDArray[Any]]]:
        """A query that goes on beside other work: what is returned waits for its columns."""
        pool = ThreadPoolExecutor(1)
        found = pool.submit(Index(self._connection.cursor(), self.path).query, sql, **tables)
        pool.shutdown(wait=False)
        return found.result

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows that a statement gives."""
        return self._connection.execute(sql).fetchall()

    def run(self, sql: str, **tables: Mapping[str, NDArray[Any]]) -> None:
        """A statement that gives nothing back."""
        self.query(sql, **tables)

    def append(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows of numbers, texts and bytes at the end of a table."""
        if rows:
            columns = {f"column{at}": _column(values) for at, values in enumerate(zip(*rows, strict=True))}
            self.run(f"insert into {table} from given", given=columns)

    @contextmanager
    def change(self) -> Iterator[None]:
        """All that is done in it happens, or nothing."""
        self._connection.begin()
        try:
            yield
            self.commit()
        except BaseException:
            self._connection.rollback()
            raise

    def commit(self) -> None:
        """Make a change that was begun."""
        self._connection.commit()

    def make(self) -> dict[str, str]:
        """What the index was made with."""
        return dict(self.rows("select name, value from make where name <> 'input'"))

    def inputs(self) -> tuple[str, ...]:
        """The files and folders of its corpus, as they were named when it was made."""
        return tuple(value for (value,) in self.rows("select value from make where name = 'input' order by value"))

    def forms(self) -> dict[int, str]:
        """What is known of `fold_character`."""
        return dict(self.rows("select point, form from forms"))

    def permutations(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The permutations of its signatures."""
        found = self.query("select multiply, addend from permutations")
        return np.ascontiguousarray(found["multiply"]), np.ascontiguousarray(found["addend"])

    def bands(self) -> tuple[int, int]:
        """Bands, and rows of each."""
        make = self.make()
        return int(make["bands"]), int(make["rows"])


def _column(values: Sequence[Any]) -> NDArray[Any]:
    column = np.empty(len(values), np.int64 if isinstance(values[0], int) and max(values) < 2**63 else object)
    column[:] = values
    return column


@contextmanager
def opened(path: str | os.PathLike[str], *, write: bool = False) -> Iterator[Index]:
    """Open an index that is there. Raises `IndexFault` when it is not, is none, or is in another process's hands."""
    shown = os.fspath(path)
    if not os.path.isfile(path):
        raise IndexFault("there is no index", path=shown, hint=f"make it: {build_command(shown)}")
    connection = _connected(shown, write=write)
    try:
        index = Index(connection, shown)
        _check_format(index)
        yield index
    finally:
        connection.close()


@contextmanager
def fresh(path: str | os.PathLike[str]) -> Iterator[Index]:
    """A new, empty index that takes its place at `path` when all went well."""
    shown = os.fspath(path)
    partial = f"{os.path.realpath(shown)}.{os.getpid()}.partial"
    try:
        os.makedirs(os.path.dirname(partial), exist_ok=True)
        connection = duckdb.connect(partial)
        try:
            connection.execute(_SCHEMA + SEEDS)
            yield Index(connection, shown)
        finally:
            connection.close()
        os.replace(partial, os.path.realpath(shown))
        Path(f"{os.path.realpath(shown)}.wal").unlink(missing_ok=True)  # of the index that was replaced
    except (OSError, duckdb.IOException) as error:
        reason = str(getattr(error, "strerror", None) or error).rpartition(": ")[2].lower()
        hint = "name another file with --index"
        raise IndexFault(f"cannot be written: {reason}", path=shown, hint=hint) from None
    finally:
        for left in (partial, f"{partial}.wal"):
            with suppress(OSError):
                os.unlink(left)


def check_replaceable(path: str) -> None:
    """Raises `IndexFault` for a file that is no index, of whatever format: it may be somebody's work."""
    if not os.path.isfile(path) or os.path.getsize(path) == 0:
        return
    connection = _connected(path, write=False)
    try:
        Index(connection, path).make()
    except duckdb.Error:
        what = "is a DuckDB file, but no index"
        raise IndexFault(what, path=path, hint="name another file with --index") from None
    finally:
        connection.close()


def check_make(index: Index, make: Make) -> None:
    """Raises `IndexFault` for an index that was made with other settings than those of the run."""
    have = index.make()
    for name, value in asdict(make).items():
        if have.get(name) != str(value):
            what = f"was made with {name.replace('_', '-')} {have.get(name)}, not {value}"
            raise IndexFault(what, path=index.path, hint=f"make it anew: {build_command(index.path)}")


def build_command(path: str) -> str:
    """What to type to make an index."""
    return f"dedup index build CORPUS --index {path}"


def _connected(path: str, *, write: bool) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return duckdb.connect(path, read_only=not write)
        except duckdb.IOException as error:
            message = str(error).lower()
            if "lock" not in message:
                break
            if time.monotonic() > deadline:
                what = "another process is at work on this index"
                raise IndexBusy(what, path=path, hint="wait for it to end, then run the command again") from None
            time.sleep(0.05)
        except duckdb.Error:
            break
    hint = f"name another file; if it was an index, delete it, then {build_command(path)}"
    raise IndexFault("is no index, or a broken one", path=path, hint=hint)


def _check_format(index: Index) -> None:
    try:
        have = index.make().get("format")
    except duckdb.Error:
        what = "is a DuckDB file, but no index"
        raise IndexFault(what, path=index.path, hint="name another file with --index") from None
    hint = f"make it anew: {build_command(index.path)}"
    if have != str(FORMAT):
        raise IndexFault(f"its format is {have}, this program writes {FORMAT}", path=index.path, hint=hint)
