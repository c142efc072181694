"""Paths become sources: found in any layout, each once, nothing lost in silence."""

from __future__ import annotations

import builtins
import gzip
import io
import os
import random
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from dedup.errors import EncodingError, FormatError, InputError, NothingToRead, NotText, UsageError
from dedup.read import Inputs, Skipped, read


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return tmp_path / "in"


def lay(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def paths(inputs: Inputs) -> list[str]:
    return [source.path for source in inputs.sources]


def test_a_folder_is_read_down_to_its_leaves_in_order(tree: Path) -> None:
    lay(tree, {"b.txt": "b", "a/z.md": "z", "a/b/c.text": "c", "a.txt": "a", "README": "r", "A.MARKDOWN": "m"})
    assert paths(read([tree])) == ["A.MARKDOWN", "README", "a.txt", "a/b/c.text", "a/z.md", "b.txt"]


def test_other_endings_and_hidden_files_are_no_sources(tree: Path) -> None:
    lay(tree, {"a.txt": "", "b.py": "", "c.tar.gz": "", ".hidden": "", ".git/x.txt": "", ".d/y.txt": ""})
    inputs = read([tree])
    assert paths(inputs) == ["a.txt"]
    assert inputs.skipped == ()


def test_a_named_file_is_read_whatever_its_ending(tree: Path) -> None:
    lay(tree, {"a.py": "a", ".hidden": "h", ".gitignore": "*"})
    assert paths(read([tree / "a.py", tree / ".hidden"])) == [".hidden", "a.py"]


def test_paths_are_relative_to_the_common_folder(tree: Path) -> None:
    lay(tree, {"x/a.txt": "a", "x/y/b.txt": "b", "z/c.txt": "c"})
    assert paths(read([tree / "x"])) == ["a.txt", "y/b.txt"]
    assert paths(read([tree / "x", tree / "z"])) == ["x/a.txt", "x/y/b.txt", "z/c.txt"]
    assert paths(read([tree / "x/y/b.txt"])) == ["b.txt"]
    assert paths(read([tree / "x/y/b.txt", tree / "x/a.txt"])) == ["a.txt", "y/b.txt"]
    assert paths(read([tree / "x", tree / "x/y"])) == ["a.txt", "y/b.txt"]


def test_relative_paths_mean_the_same(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tree, {"x/a.txt": "a", "z/c.txt": "c"})
    monkeypatch.chdir(tree)
    assert read(["x", "./z"]) == read([tree / "z", tree / "x"])
    assert paths(read(["."])) == ["x/a.txt", "z/c.txt"]


def test_the_order_of_the_paths_changes_nothing(tree: Path) -> None:
    lay(tree, {"x/a.txt": "a", "x/y/b.txt": "b", "z/c.txt": "c", "z/d.jsonl": '{"text": "d"}'})
    (tree / "z/e.txt").symlink_to(tree / "x/a.txt")
    given = [tree / "x", tree / "x/y", tree / "z/e.txt", tree / "z", tree / "x/a.txt", tree / "x"]
    expected = read(given)
    for seed in range(5):
        random.Random(seed).shuffle(given)
        assert read(given) == expected


def test_ignore_files_count_at_every_level(tree: Path) -> None:
    lay(
        tree,
        {
            ".gitignore": "*.md\n/top.txt\nbuild/\n",
            "top.txt": "",
            "a.md": "",
            "build/x.txt": "",
            "s/.dedupignore": "!keep.md\nb.txt\n",
            "s/keep.md": "",
            "s/b.txt": "",
            "s/top.txt": "",
            "b.txt": "",
        },
    )
    assert paths(read([tree])) == ["b.txt", "s/keep.md", "s/top.txt"]


def test_a_list_of_exceptions_reaches_into_folders(tree: Path) -> None:
    lay(tree, {".gitignore": "*\n!*/\n!*.txt\n", "a.md": "", "s/t/a.txt": "", "s/a.md": ""})
    assert paths(read([tree])) == ["s/t/a.txt"]


def test_ignore_files_above_count_up_to_the_repository(tree: Path) -> None:
    lay(
        tree,
        {".gitignore": "a.txt", "r/.git/x": "", "r/.gitignore": "b.txt", "r/s/a.txt": "", "r/s/b.txt": ""},
    )
    assert paths(read([tree / "r/s"])) == ["a.txt"]


def test_a_named_folder_is_read_even_where_it_is_ignored(tree: Path) -> None:
    lay(tree, {".git/x": "", ".gitignore": "out/", "out/a.txt": ""})
    assert paths(read([tree / "out"])) == ["a.txt"]


def test_a_broken_pattern_is_named(tree: Path) -> None:
    lay(tree, {".gitignore": "!\n", "a.txt": ""})
    with pytest.raises(InputError, match="gitignore"):
        read([tree])


def test_a_file_reached_twice_is_read_once(tree: Path) -> None:
    lay(tree, {"a/b.txt": "b"})
    (tree / "a/soft.txt").symlink_to("b.txt")
    os.link(tree / "a/b.txt", tree / "hard.txt")
    inputs = read([tree, tree / "a/b.txt", str(tree / "a/b.txt")])
    assert paths(inputs) == ["a/b.txt"]
    assert inputs.skipped == tuple(Skipped(path, "the same file as a/b.txt") for path in ("a/soft.txt", "hard.txt"))


def test_a_loop_of_folders_ends(tree: Path) -> None:
    lay(tree, {"a/b.txt": "b"})
    (tree / "a/loop").symlink_to(tree)
    (tree / "again").symlink_to("a")
    (tree / "self").symlink_to("self")
    inputs = read([tree])
    assert paths(inputs) == ["a/b.txt"]
    assert inputs.skipped == (
        Skipped("a/loop", "the same folder as the input folder"),
        Skipped("again", "the same folder as a"),
        Skipped("self", "a link that leads nowhere"),
    )


def test_a_link_out_of_the_folder_is_followed(tree: Path) -> None:
    lay(tree, {"in/a.txt": "a", "out/b.txt": "b"})
    (tree / "in/out").symlink_to(tree / "out")
    assert paths(read([tree / "in"])) == ["a.txt", "out/b.txt"]


def test_standard_input_is_a_source(tree: Path) -> None:
    lay(tree, {"a.txt": "a"})
    inputs = read(["-", tree], stdin=io.BytesIO("汉\r\n".encode("utf-16")))
    assert [(source.path, source.text) for source in inputs.sources] == [("-", "汉\n"), ("a.txt", "a")]


def test_two_sources_never_share_a_path(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tree, {"-": "a", "a.jsonl": '{"text": "x", "id": "b"}', "a.jsonl#b": "y"})
    monkeypatch.chdir(tree)
    with pytest.raises(InputError):
        read(["-", "./-"], stdin=io.BytesIO(b""))
    with pytest.raises(InputError, match="two sources"):
        read(["a.jsonl", "a.jsonl#b"])


def test_records_stand_in_file_order_where_their_container_sorts(tree: Path) -> None:
    lines = '{"text": "2", "id": "z"}\n{"text": "1", "id": "a"}\n'
    lay(
        tree,
        {
            "a.txt": "",
            "b.jsonl": lines,
            "c.ndjson": lines,
            "d.jsonl.gz": gzip.compress(lines.encode()),
            "e": "",
        },
    )
    inputs = read([tree])
    assert paths(inputs) == [
        *("a.txt", "b.jsonl#z", "b.jsonl#a", "c.ndjson#z", "c.ndjson#a", "d.jsonl.gz#z", "d.jsonl.gz#a", "e")
    ]
    assert [container.path for container in inputs.containers] == ["b.jsonl", "c.ndjson", "d.jsonl.gz"]


def test_an_error_in_a_record_names_the_file_as_it_was_given(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tree, {"s/a.jsonl": "{}"})
    monkeypatch.chdir(tree)
    with pytest.raises(FormatError, match=r"^s/a\.jsonl:1: no field 'text'"):
        read(["s"])


def test_a_binary_file_is_skipped_in_a_folder_and_refused_when_named(tree: Path) -> None:
    lay(tree, {"a.txt": "a", "b": b"\x7fELF\0\0", "c.txt": b"a\0b"})
    assert read([tree]).skipped == (Skipped("b", "binary"), Skipped("c.txt", "binary"))
    with pytest.raises(NotText):
        read([tree, tree / "b"])


def test_a_text_that_cannot_be_read_is_never_lost_in_silence(tree: Path) -> None:
    lay(tree, {"a.txt": "a", "b.txt": b"caf\xe9"})
    with pytest.raises(EncodingError, match=r"b\.txt"):
        read([tree])
    assert read([tree], encoding="latin-1").sources[1].text == "café"


@pytest.mark.parametrize("named", [True, False])
def test_a_file_without_permission_is_an_error(tree: Path, named: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tree, {"a.txt": "a"})
    real = builtins.open

    def locked(file: Any, *args: Any, **kwargs: Any) -> Any:
        if str(file).endswith("a.txt"):
            raise PermissionError(13, "Permission denied", file)
        return real(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", locked)
    with pytest.raises(InputError, match=r"a\.txt: no permission to read it") as caught:
        read([tree / "a.txt" if named else tree])
    assert caught.value.hint


def test_a_folder_without_permission_is_an_error(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tree, {"s/a.txt": "a", "b.txt": ""})
    real = os.scandir

    def locked(path: Any) -> Any:
        if str(path).endswith("s"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", locked)
    with pytest.raises(InputError, match="s: no permission"):
        read([tree])


def test_a_file_that_vanishes_is_listed_in_a_folder_and_an_error_when_named(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tree, {"a.txt": "a", "b.txt": "b"})
    real = builtins.open

    def gone(file: Any, *args: Any, **kwargs: Any) -> Any:
        if str(file).endswith("b.txt"):
            raise FileNotFoundError(2, "No such file or directory", file)
        return real(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", gone)
    inputs = read([tree])
    assert paths(inputs) == ["a.txt"]
    assert inputs.skipped == (Skipped("b.txt", "vanished"),)
    with pytest.raises(InputError):
        read([tree / "b.txt"])


def test_a_failing_disk_is_one_line(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tree, {"a.txt": "a"})

    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("dedup.read.open", fail, raising=False)
    with pytest.raises(InputError, match=r"a\.txt: cannot be read: input/output error$"):
        read([tree])


@pytest.mark.parametrize("path", ["nowhere", "a.txt/b", "x" * 5000, "a\0b", ""])
def test_a_path_that_does_not_exist_is_an_error(tree: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tree, {"a.txt": ""})
    monkeypatch.chdir(tree)
    with pytest.raises(InputError) as caught:
        read([path])
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_nothing_to_read_is_said(tree: Path) -> None:
    tree.mkdir()
    for given in ([], [tree]):
        with pytest.raises(NothingToRead) as caught:
            read(given)
        assert caught.value.hint
    lay(tree, {"a.txt": b"\0", "empty.jsonl": "\n"})
    with pytest.raises(NothingToRead, match=r"1 passed over; a\.txt: binary"):
        read([tree])


def test_an_empty_file_is_a_source(tree: Path) -> None:
    lay(tree, {"a.txt": ""})
    assert read([tree]).sources[0].text == ""


def test_pipes_and_sockets_in_a_folder_do_not_block(tree: Path) -> None:
    lay(tree, {"a.txt": ""})
    os.mkfifo(tree / "pipe")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tree / "sock"))
        assert read([tree]).skipped == (Skipped("pipe", "a pipe"), Skipped("sock", "a socket"))
        with pytest.raises(InputError, match="a socket, not a file"):
            read([tree / "sock"])
    with pytest.raises(InputError, match="a device, not a file"):
        read(["/dev/zero"])


def test_a_named_pipe_is_read(tree: Path) -> None:
    lay(tree, {"a.txt": "a"})
    os.mkfifo(tree / "pipe")
    writer = threading.Thread(target=(tree / "pipe").write_bytes, args=(b"through",))
    writer.start()
    inputs = read([tree / "pipe", tree / "a.txt"])
    writer.join()
    assert [(source.path, source.text) for source in inputs.sources] == [("a.txt", "a"), ("pipe", "through")]


def test_a_link_that_leads_nowhere_is_listed_or_refused(tree: Path) -> None:
    lay(tree, {"a.txt": ""})
    (tree / "b.txt").symlink_to("nowhere")
    assert read([tree]).skipped == (Skipped("b.txt", "a link that leads nowhere"),)
    with pytest.raises(InputError, match="a link that leads nowhere"):
        read([tree / "b.txt"])


def test_a_name_that_is_not_utf8_is_a_readable_error(tree: Path) -> None:
    lay(tree, {"a.txt": ""})
    name = os.fsencode(tree) + b"/\xff.txt"
    try:
        with open(name, "wb"):
            pass
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    for given in (tree, os.fsdecode(name)):
        with pytest.raises(InputError, match="not UTF-8") as caught:
            read([given])
        assert "\\xff.txt" in str(caught.value)
        str(caught.value).encode()


def test_an_unknown_encoding_is_a_usage_error(tree: Path) -> None:
    with pytest.raises(UsageError):
        read([lay(tree, {"a.txt": ""})], encoding="klingon")


def test_progress_counts_files(tree: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    read([lay(tree, {"a.txt": "", "b.txt": ""})], progress=lambda *call: calls.append(call))
    assert calls == [("read", 1, 2), ("read", 2, 2)]
