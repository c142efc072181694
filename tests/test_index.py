"""The index of a corpus: it finds what a scan finds, follows its files, and survives what kills a process."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repository import Repository
from terminal import ROOT, environment
from texts import lay, prose, scratch

from dedup.align import align
from dedup.config import ReadSettings, Settings
from dedup.corpus import Corpus
from dedup.corpus import build as compile_corpus
from dedup.errors import IndexBusy, IndexFault
from dedup.index import store
from dedup.index.columns import pack_letters, pack_offsets, unpack_letters, unpack_offsets
from dedup.index.current import Wanted, build, cached, kept
from dedup.index.files import corpus_files
from dedup.index.lookup import look_up
from dedup.index.refresh import Refreshed, refresh
from dedup.index.store import opened
from dedup.index.texts import Texts
from dedup.index.verify import verify
from dedup.match import stages
from dedup.matches import RELATIONS, Matches
from dedup.model import Relation, Source
from dedup.read import File, parse_file
from dedup.spans import of_matches

READING = ReadSettings()
SEEDS = ROOT / "seeds"


def wanted(path: Path, options: Settings | None = None) -> Wanted:
    return Wanted(str(path), (".",), options or Settings(), READING)


def sources_of(files: Sequence[File]) -> list[Source]:
    return [source for file in files for source in parse_file(file, READING, Path(file.name).read_bytes())]


def told(corpus: Corpus, matches: Matches, new: set[str]) -> list[tuple[object, ...]]:
    """Every match of new sources with all that is known of it, in order."""
    a, b = of_matches(corpus, matches)
    paths = [source.path for source in corpus.sources]
    columns = (a.start, a.end, a.line, b.start, b.end, b.line, matches.equal, matches.score, matches.anchors)
    columns += (matches.anchored, matches.lsh, matches.relation)
    return [
        (paths[a.source[row]], paths[b.source[row]], *(column[row].item() for column in columns))
        for row in range(len(matches))
        if paths[a.source[row]] in new or paths[b.source[row]] in new
    ]


def looked_up(folder: Path, index: Path, new: set[str], options: Settings | None = None) -> list[tuple[object, ...]]:
    options = options or Settings()
    files = corpus_files([folder], folder)
    with cached(wanted(index, options), files, new) as open_index:
        texts = Texts(open_index, files, new, READING)
        own = sources_of([file for file in files if file.path in new])
        found = look_up(open_index, own, [source.path for source in own], texts, options)
        return told(found.corpus, found.matches, {source.path for source in own})


def scanned(folder: Path, new: set[str], options: Settings | None = None) -> list[tuple[object, ...]]:
    files = corpus_files([folder], folder)
    corpus = compile_corpus(sources_of(files))
    matches = stages(corpus, options or Settings()).matches.told(corpus)
    return told(corpus, matches, {source.path for source in sources_of([file for file in files if file.path in new])})


@pytest.mark.parametrize("new", [1, 2, 4])
def test_a_lookup_finds_in_the_seeds_what_a_scan_finds(tmp_path: Path, new: int) -> None:
    paths = {path.name for path in sorted(SEEDS.iterdir())[:new]}
    expected = scanned(SEEDS, paths)
    assert len(expected) > 50
    assert looked_up(SEEDS, tmp_path / "index", paths) == expected


SENTENCES = [sentence for script in ("han", "latin", "korean") for p in prose(script, 5, 4, 5) for sentence in p]


@st.composite
def heaps(draw: st.DrawFn) -> dict[str, str]:
    """Files that share sentences and paragraphs, whole copies, and one boilerplate sentence in many places."""
    pieces = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6).map("".join)
    texts = draw(st.lists(st.lists(pieces, min_size=1, max_size=5).map("\n".join), min_size=2, max_size=6))
    texts += draw(st.lists(st.sampled_from(texts), max_size=2))
    names = draw(st.permutations([f"{name}.txt" for name in "abcdefgh"]))
    heap = dict(zip(names, texts, strict=False))
    if draw(st.booleans()):
        heap["many.txt"] = "\n".join(f"{SENTENCES[0]}{SENTENCES[at % 30]}" for at in range(24))
    return heap


@settings(max_examples=12, deadline=None)
@given(heaps(), st.data())
def test_a_lookup_finds_what_a_scan_finds(heap: dict[str, str], data: st.DataObject) -> None:
    new = set(data.draw(st.lists(st.sampled_from(sorted(heap)), min_size=1, max_size=3, unique=True)))
    with scratch() as folder:
        corpus = lay(folder / "corpus", heap)
        assert looked_up(corpus, folder / "index", new) == scanned(corpus, new)


@contextmanager
def pieces_of(letters: int) -> Iterator[None]:
    """Texts cut into pieces so short that every look-up meets their ends, of which no more is fetched than it meets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.index.columns.PIECE", letters)
        patch.setattr("dedup.index.held.PIECE", letters)
        patch.setattr("dedup.index.letters._REACH", 1)
        yield


@settings(max_examples=12, deadline=None)
@given(heaps(), st.data(), st.sampled_from([1, 7, 50]))
def test_what_a_lookup_finds_does_not_depend_on_how_texts_are_cut(
    heap: dict[str, str], data: st.DataObject, letters: int
) -> None:
    new = set(data.draw(st.lists(st.sampled_from(sorted(heap)), min_size=1, max_size=3, unique=True)))
    with scratch() as folder, pieces_of(letters):
        corpus = lay(folder / "corpus", heap)
        assert looked_up(corpus, folder / "index", new) == scanned(corpus, new)


def test_a_lookup_counts_what_only_the_paragraphs_of_the_corpus_say(tmp_path: Path) -> None:
    """Its one seed, which the new text has not, stands in eighteen places: that makes a formula of the match."""
    said = "甲乙丙" * 8
    heap = {f"{name}.txt": f"{name}{name}。\n{said}丁。" for name in "子丑寅卯辰巳午未申酉乾坎艮震巽離坤兌"}
    corpus = lay(tmp_path / "corpus", heap | {"new.txt": f"龘龘。\n{said}戊。"})
    found = looked_up(corpus, tmp_path / "index", {"new.txt"})
    assert [row[-1] for row in found] == [RELATIONS.index(Relation.FORMULA)]
    assert found == scanned(corpus, {"new.txt"})


def test_a_passage_is_followed_into_pieces_where_it_has_no_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(sentence for paragraph in prose("han", 3, 30, 6) for sentence in paragraph)
    edited = "".join("某" if at > 100 and at % 5 == 0 else letter for at, letter in enumerate(text[:400]))
    corpus = lay(tmp_path / "corpus", {"a.txt": text, "b.txt": edited, "c.txt": "".join(prose("han", 4, 30, 6)[0])})
    aligned: list[int] = []
    monkeypatch.setattr("dedup.index.letters.align", lambda *given: aligned.append(len(given[1].a)) or align(*given))
    with pieces_of(16):
        found = looked_up(corpus, tmp_path / "index", {"b.txt"})
    assert found == scanned(corpus, {"b.txt"})
    assert found[0][3] > 300  # characters
    assert sum(map(bool, aligned)) > 2  # times it was fetched what an extension came upon


@pytest.mark.parametrize("seed", [6, 30])
def test_lines_that_stand_in_many_places_with_letters_changed_are_linked_as_in_a_scan(
    tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    sentences = [sentence for paragraph in prose("han", 5, 4, 5) for sentence in paragraph]
    letters = sorted(set("".join(sentences)))
    line = "".join(sentences[:2])[: draw.randint(12, 40)]

    def edited() -> str:
        changed = list(line)
        for _ in range(draw.randint(0, 4)):
            changed[draw.randrange(len(changed))] = draw.choice(letters)
        return "".join(changed)

    heap = {f"{name}.txt": "\n".join(edited() for _ in range(draw.randint(3, 9))) for name in "abcdef"}
    corpus = lay(tmp_path / "corpus", heap)
    for name in heap:
        assert looked_up(corpus, tmp_path / name, {name}) == scanned(corpus, {name})


def names_and_common_words() -> tuple[str, str, str, str]:
    """Two lists of the same names, other words between them, a text in which those words are common, and another."""
    draw = random.Random(5)

    def word(letters: int) -> str:
        return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=letters))

    names = [word(18) for _ in range(14)]
    common = " ".join(f"{said} {word(9)}" for _ in range(60) for said in ("then", "was", "and", "had"))
    one, other = (" ".join(f"{name} {said}" for name in names) for said in ("then was", "and had"))
    return one, other, common, " ".join(word(9) for _ in range(400))


@pytest.mark.parametrize("stays", [True, False])
def test_a_list_of_names_is_a_match_where_the_words_between_them_are_no_longer_common(
    tmp_path: Path, stays: bool
) -> None:
    one, other, common, rest = names_and_common_words()
    corpus, index = lay(tmp_path / "corpus", {"a.txt": common, "b.txt": other, "d.txt": rest}), tmp_path / "index"
    if stays:
        lay(corpus, {"c.txt": common})
    build(wanted(index), corpus_files([corpus], corpus))
    lay(corpus, {"a.txt": one})
    found = looked_up(corpus, index, {"a.txt"})
    assert found == scanned(corpus, {"a.txt"})
    assert bool(found) != stays


def test_texts_that_begin_alike_are_put_in_their_order(tmp_path: Path) -> None:
    head = "".join(sentence for paragraph in prose("han", 9, 12, 6) for sentence in paragraph)
    tails = ["".join(prose("han", 20 + at, 1, 4)[0]) for at in range(4)]
    heap = {f"{at}.txt": f"{head}\n{tail}\n" for at, tail in enumerate(tails)}
    corpus = lay(tmp_path / "corpus", heap)
    assert looked_up(corpus, tmp_path / "index", {"1.txt"}) == scanned(corpus, {"1.txt"})


@given(st.lists(st.integers(1, 0x10FFFF), max_size=50))
def test_letters_come_back_as_they_went_in(points: list[int]) -> None:
    letters = np.array(points, np.uint32)
    assert unpack_letters(pack_letters(letters), len(letters)).tolist() == points


@given(st.lists(st.integers(0, 40), max_size=50).map(sorted))
def test_offsets_come_back_as_they_went_in(positions: list[int]) -> None:
    offsets = np.array(positions, np.int32)
    assert unpack_offsets(*pack_offsets(offsets)).tolist() == positions


# --- files that come, go and move


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that an index says, without the numbers and times that differ from one to the next."""
    with opened(path) as index:
        key = "(select key from contents c where c.id = t.content)"
        queries = {
            "make": "select name, value from make where name <> 'input'",
            "files": "select path, size, sha256 from files",
            "sources": f"select path, file, {key} from sources t",
            "pieces": f"select {key}, number, letters, weight, start, offsets, further from pieces t",
            "contents": "select key, opening, characters, count, checksum from contents",
            "paragraphs": f"select hash, {key} from paragraphs t",
            "seeds": "select t.key, c.key, place - c.first from standing t, contents c "
            "where place >= c.first and place < c.first + c.count",
            "words": "select key, sum(places) from words group by key having sum(places) <> 0",
            "spread": "from spread",
            "bands": f"select key, {key}, paragraph from bands t",
        }
        return {name: sorted(index.rows(sql)) for name, sql in queries.items()}


HEAP = {f"{name}.txt": "".join(f"{''.join(p)}\n" for p in prose("han", at, 3, 3)) for at, name in enumerate("abcdef")}


def test_an_updated_index_is_what_a_fresh_one_is(tmp_path: Path) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    build(wanted(index), corpus_files([corpus], corpus))
    (corpus / "a.txt").write_text(HEAP["a.txt"] + HEAP["b.txt"], encoding="utf-8")
    (corpus / "b.txt").unlink()
    (corpus / "c.txt").rename(corpus / "moved.txt")
    shutil.copy(corpus / "d.txt", corpus / "copy.txt")
    (corpus / "records.jsonl").write_text('{"id": "x", "text": "天地玄黄宇宙洪荒日月盈昃辰宿列张"}\n', encoding="utf-8")
    (corpus / "binary.txt").write_bytes(b"\0\1\2\3" * 100)
    files = corpus_files([corpus], corpus)
    with opened(index, write=True) as open_index:
        assert refresh(open_index, files, READING) == Refreshed(added=4, removed=2, changed=1)
        assert not refresh(open_index, files, READING)
        verify(open_index)
    build(wanted(tmp_path / "fresh"), files)
    assert dump(index) == dump(tmp_path / "fresh")


def test_words_of_texts_that_left_leave_with_time(tmp_path: Path) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    build(wanted(index), corpus_files([corpus], corpus))
    before = dump(index)
    rows = []
    for text in (HEAP["b.txt"], HEAP["c.txt"], HEAP["a.txt"]) * 3:
        (corpus / "a.txt").write_text(text, encoding="utf-8")
        with opened(index, write=True) as open_index:
            refresh(open_index, corpus_files([corpus], corpus), READING)
            rows.append(open_index.rows("select count(*) from words")[0][0])
    assert max(rows) <= 2 * len(before["words"])
    assert {**dump(index), "files": ()} == {**before, "files": ()}


def test_moving_a_file_costs_no_new_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    build(wanted(index), corpus_files([corpus], corpus))
    (corpus / "c.txt").rename(corpus / "moved.txt")
    monkeypatch.setattr("dedup.index.refresh.build", lambda *_: pytest.fail("a text was folded again"))
    with opened(index, write=True) as open_index:
        assert refresh(open_index, corpus_files([corpus], corpus), READING) == Refreshed(added=1, removed=1)


def test_a_file_that_was_only_touched_is_not_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    build(wanted(index), corpus_files([corpus], corpus))
    os.utime(corpus / "a.txt", (1, 1))
    monkeypatch.setattr("dedup.index.refresh.parse_file", lambda *_: pytest.fail("a file was parsed again"))
    with opened(index, write=True) as open_index:
        assert not refresh(open_index, corpus_files([corpus], corpus), READING)


def test_a_kept_index_that_does_not_know_the_corpus_is_an_error(tmp_path: Path) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    build(wanted(index), corpus_files([corpus], corpus))
    (corpus / "a.txt").write_text("天地玄黄", encoding="utf-8")
    files = corpus_files([corpus], corpus)
    with (
        pytest.raises(IndexFault, match=r"does not know the corpus as it is: a\.txt") as error,
        kept(wanted(index), files, ()),
    ):
        pass
    assert error.value.hint == f"bring it up to date: dedup index update --index {index}"
    with kept(wanted(index), files, {"a.txt"}):
        pass


@pytest.mark.parametrize("option", ["num_perm", "seed", "lsh_threshold"])
def test_an_index_of_another_make_is_an_error_that_names_the_command(tmp_path: Path, option: str) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    files = corpus_files([corpus], corpus)
    build(wanted(index), files)
    other = Settings(**{option: {"num_perm": 64, "seed": 2, "lsh_threshold": 0.6}[option]})
    with (
        pytest.raises(IndexFault, match=f"was made with {option.replace('_', '-')}") as error,
        kept(wanted(index, other), files, ()),
    ):
        pass
    assert error.value.hint == f"make it anew: dedup index build CORPUS --index {index}"


def test_another_way_to_fold_makes_another_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    build(wanted(index), corpus_files([corpus], corpus))
    monkeypatch.setattr("dedup.fold.VERSION", 99)
    with pytest.raises(IndexFault, match="was made with folding"), kept(wanted(index), [], ()):
        pass


@pytest.mark.parametrize("content", [b"", b"no index at all", b"\0" * 5000])
def test_a_file_that_is_no_index_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "index").write_bytes(content)
    with pytest.raises(IndexFault, match="is no index"), opened(tmp_path / "index"):
        pass


def test_the_cache_mends_itself(tmp_path: Path) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "cache" / "index"
    files = corpus_files([corpus], corpus)
    for spoil in (lambda: None, lambda: index.write_bytes(b"no index"), index.unlink):
        spoil()
        with cached(wanted(index), files, ()) as open_index:
            assert open_index.rows("select count(*) from files") == [(6,)]
    with cached(wanted(index, Settings(num_perm=64)), files, ()) as open_index:
        assert open_index.make()["num_perm"] == "64"


# --- verify


@pytest.mark.parametrize(
    "damage",
    [
        "delete from seeds where place = 7",
        "update seeds set key = key + 1 where place = 3",
        "insert into seeds values (1, 1)",
        "insert into seeds values (1, 4000000000)",
        "update contents set first = 0",
        "delete from extent",
        "delete from bands where paragraph = 0",
        "update words set places = places + 1",
        "update spread set words = words + 1",
        "update paragraphs set hash = 5",
        "update pieces set letters = letters || '\\x00\\x01'::blob",
        "update pieces set weight = weight + 1",
        "delete from pieces where content = 1",
        "insert into pieces select 99, number, letters, weight, start, offsets, further from pieces",
        "delete from contents where id = 1",
        "delete from sources where path = 'a.txt'",
        "insert into files select * from files",
    ],
)
def test_verify_sees_damage(tmp_path: Path, damage: str) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    build(wanted(index), corpus_files([corpus], corpus))
    with opened(index, write=True) as open_index:
        verify(open_index)
        open_index.run(damage)
        with pytest.raises(IndexFault, match="broken: ") as error:
            verify(open_index)
    assert error.value.hint == f"make it anew: dedup index build CORPUS --index {index}"


# --- processes that die, and processes that meet


DYING = """
import os, sys
from dedup.config import ReadSettings
from dedup.index import store
from dedup.index.files import corpus_files
from dedup.index.refresh import refresh

corpus = sys.argv[1]
done = fatal = 0

def step():
    global done
    done += 1
    if done == fatal:
        os._exit(9)

def stepping(wrapped):
    def call(self, *arguments, **tables):
        step()
        result = wrapped(self, *arguments, **tables)
        step()
        return result
    return call

store.Index.query, store.Index.commit = stepping(store.Index.query), stepping(store.Index.commit)
for row in sys.stdin:
    point, path = row.rstrip("\\n").split(" ", 1)
    child = os.fork()
    if child == 0:
        fatal = int(point)
        with store.opened(path, write=True) as index:
            refresh(index, corpus_files([corpus], corpus), ReadSettings())
            if fatal < 0:
                os._exit(9)
        print(done, flush=True)
        os._exit(0)
    print("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Updates the indexes named on its standard input, in a process each that dies at a step: before or after a statement,
or, with a step below 0, when all is done but nothing is closed."""


def killed(corpus: Path, points: Sequence[tuple[int, Path]]) -> list[str]:
    told = "".join(f"{point} {path}\n" for point, path in points)
    command = [sys.executable, "-c", DYING, str(corpus)]
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=True, env=environment())
    return done.stdout.splitlines()


def test_an_update_killed_at_any_point_leaves_an_index_that_the_next_one_mends(tmp_path: Path) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    build(wanted(index), corpus_files([corpus], corpus))
    before = dump(index)
    (corpus / "a.txt").write_text(HEAP["a.txt"] + HEAP["b.txt"], encoding="utf-8")
    (corpus / "b.txt").unlink()
    (corpus / "c.txt").rename(corpus / "moved.txt")
    files = corpus_files([corpus], corpus)
    build(wanted(tmp_path / "fresh"), files)
    after = dump(tmp_path / "fresh")
    shutil.copy(index, tmp_path / "whole")
    steps, finished = killed(corpus, [(0, tmp_path / "whole")])
    assert finished == "exit 0"
    points = sorted(random.Random(7).sample(range(1, int(steps)), 20))  # the last step is after the commit
    paths = {point: shutil.copy(index, tmp_path / f"killed{point}") for point in points}
    assert killed(corpus, list(paths.items())) == ["exit 9"] * 20
    for path in paths.values():
        with opened(path) as open_index:
            verify(open_index)
        assert dump(path) == before
        with opened(path, write=True) as open_index:
            refresh(open_index, files, READING)
        assert dump(path) == after


def test_a_process_killed_right_after_an_update_has_made_it(tmp_path: Path) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    build(wanted(index), corpus_files([corpus], corpus))
    (corpus / "b.txt").unlink()
    assert killed(corpus, [(-1, index)]) == ["exit 9"]
    with opened(index) as open_index:
        verify(open_index)
        assert open_index.rows("select count(*) from files") == [(5,)]


HOLDING = """
import sys
from dedup.index.store import opened
with opened(sys.argv[1], write=True):
    print("open", flush=True)
    sys.stdin.readline()
"""


def test_a_process_waits_for_another_and_says_so_when_it_never_lets_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, index = lay(tmp_path / "corpus", HEAP), tmp_path / "index"
    build(wanted(index), corpus_files([corpus], corpus))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(index)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    with monkeypatch.context() as impatient:
        impatient.setattr(store, "PATIENCE", 0.2)
        with pytest.raises(IndexBusy, match="another process is at work on this index"), opened(index):
            pass
    threading.Timer(0.2, holder.communicate, [b"\n"]).start()
    with opened(index, write=True) as open_index:
        verify(open_index)
    holder.wait()


# --- the command


def test_the_index_command_from_build_to_drop(tmp_path: Path) -> None:
    folder = Repository(lay(tmp_path / "folder", {f"texts/{name}": text for name, text in HEAP.items()}))
    built = folder.dedup("index", "build", "texts", "--index", "my.duckdb")
    assert (built.code, built.err) == (0, "")
    assert "files       6\n" in built.out
    assert folder.dedup("index", "verify", "--index", "my.duckdb").out == "my.duckdb: sound\n"
    folder.write("texts/new.txt", HEAP["a.txt"])
    stale = folder.dedup("check", "texts/a.txt", "--index", "my.duckdb")
    assert stale.code == 2
    assert "hint: bring it up to date: dedup index update --index my.duckdb" in stale.err
    assert folder.check("texts/new.txt", "--index", "my.duckdb", code=1) == [
        ("texts/new.txt", 1, 3, "new", "exact", ["texts/a.txt:1"])
    ]
    assert folder.dedup("index", "update", "--index", "my.duckdb").out == "my.duckdb: 1 added, 0 changed, 0 removed\n"
    assert folder.dedup("index", "drop", "--index", "my.duckdb").out == "my.duckdb: deleted\n"
    assert not (folder.root / "my.duckdb").exists()
    assert folder.dedup("index", "info", "--index", "my.duckdb").code == 2


def test_drop_leaves_a_file_alone_that_is_no_index(tmp_path: Path) -> None:
    folder = Repository(lay(tmp_path / "folder", {"precious.txt": "天地玄黄"}))
    ran = folder.dedup("index", "drop", "--index", "precious.txt")
    assert ran.code == 2
    assert (folder.root / "precious.txt").exists()


def test_build_leaves_a_file_alone_that_is_no_index(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("a.txt", "".join(prose("han", 1)[0]))
    foreign = str(tmp_path / "foreign.duckdb")
    with duckdb.connect(foreign) as connection:
        connection.execute("create table mine as select 1 as value")
    for name in ("a.txt", "foreign.duckdb"):
        before = (tmp_path / name).read_bytes()
        ran = repository.dedup("index", "build", "a.txt", "--index", name)
        assert (ran.code, ran.out, (tmp_path / name).read_bytes()) == (2, "", before)
        assert re.fullmatch(rf"error: {name}: is .*no index.*\nhint: .+\n", ran.err)


def test_an_index_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("a.txt", "".join(prose("han", 1)[0]))
    for path in ("/proc/x.duckdb", "a.txt/x.duckdb"):
        ran = repository.dedup("index", "build", "a.txt", "--index", path)
        assert ran.code == 2
        assert re.fullmatch(rf"error: {path}: cannot be written: .+\nhint: name another file with --index\n", ran.err)
