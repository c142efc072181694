"""The way back: every input byte for byte, and an error rather than a wrong byte."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import Heap, Run, lay, lay_out, merge_texts, noise, pipeline, prose, run, scratch, tree

from dedup.config import Settings
from dedup.errors import DedupError, OutputError, RestoreError
from dedup.restore import restore, restore_to

ONE, TWO, THREE = (lay_out(prose("han", number, 2, 4), "lines", "han") for number in (1, 2, 3))


def shared() -> Heap:
    return {"a.txt": (ONE + TWO).encode(), "sub/b.txt": (noise(ONE, 0.03, 1) + THREE).encode()}


@pytest.fixture
def merged(tmp_path: Path) -> Run:
    return run(lay(tmp_path / "in", shared()), tmp_path / "out")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "gb18030"])
def test_encodings_and_newlines_come_back(tmp_path: Path, encoding: str, newline: str) -> None:
    heap = shared()
    text = (THREE + ONE).replace("\n", newline)
    heap["c.txt"] = ("\ufeff" if encoding == "utf-16-be" else "").encode(encoding) + text.encode(encoding)
    assert dict(restore(run(lay(tmp_path / "in", heap), tmp_path / "out").out)) == heap


def test_mixed_newlines_come_back(tmp_path: Path) -> None:
    lines = (ONE + TWO).split("\n")
    mixed = "".join(line + ("\n", "\r\n", "\r", "\n\r")[n % 4] for n, line in enumerate(lines))
    heap = shared() | {"c.txt": mixed.encode()}
    assert dict(restore(run(lay(tmp_path / "in", heap), tmp_path / "out").out)) == heap


def test_records_come_back(tmp_path: Path) -> None:
    rows = [
        {"id": n, "meta": {"x": [1, None]}, "text": text} for n, text in enumerate((ONE, noise(ONE, 0.02, 3), TWO, ""))
    ]
    lines = "".join(json.dumps(row, ensure_ascii=n % 2 == 0) + ("\n", "\r\n")[n % 2] for n, row in enumerate(rows))
    heap = shared() | {"d.jsonl": lines.encode(), "e.jsonl.gz": gzip.compress(lines.encode(), mtime=0)}
    result = run(lay(tmp_path / "in", heap), tmp_path / "out")
    assert dict(restore(result.out)) == heap


def test_all_records_of_a_container_may_leave(tmp_path: Path) -> None:
    rows = "".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate((ONE, TWO)))
    heap = {"a.txt": (ONE + TWO).encode(), "z.jsonl": rows.encode()}
    result = run(lay(tmp_path / "in", heap), tmp_path / "out")
    assert dict(restore(result.out)) == heap


def test_restore_to_writes_the_files(merged: Run, tmp_path: Path) -> None:
    paths = sorted(shared())
    assert restore_to(merged.out, tmp_path / "back") == (paths, [])
    assert tree(tmp_path / "back") == shared()
    assert restore_to(merged.out, tmp_path / "back") == (paths, paths)


def test_restore_to_replaces_no_other_file(merged: Run, tmp_path: Path) -> None:
    back = lay(tmp_path / "back", {"sub/b.txt": b"years of work"})
    with pytest.raises(OutputError):
        restore_to(merged.out, back)
    assert tree(back) == {"sub/b.txt": b"years of work"}
    restore_to(merged.out, back, force=True)
    assert tree(back) == shared()


@settings(pipeline, max_examples=60)
@given(
    st.lists(
        st.text("天地玄黄。，\n\r\x0b\x0c\u2028\u3000 *#ﬁé\u0301\ufeff\ufffd\u200b😀abc1.-", max_size=30),
        min_size=1,
        max_size=3,
    ),
    st.integers(0, 60),
    st.sampled_from(["paragraph", "sentence", "passage"]),
)
def test_odd_characters_inside_copies_come_back(odd: list[str], at: int, unit: str) -> None:
    heap: Heap = {"a.txt": (ONE + TWO).encode()}
    for number, put in enumerate(odd):
        spot = (at * (number + 1)) % len(ONE)
        text = ONE[:spot] + put + ONE[spot:] + put + TWO[: 40 * number]
        heap[f"b{number}.txt"] = ("x" + text).encode()
    with scratch() as tmp:
        result = run(lay(tmp / "in", heap), tmp / "out", Settings(unit=unit))  # type: ignore[arg-type]
        assert dict(restore(result.out)) == heap


def test_a_very_long_line_comes_back(tmp_path: Path) -> None:
    line = "".join(s for number in range(3_000) for s in prose("han", 10_000 + number, 1, 12)[0])
    assert len(line) > 1_000_000
    changed = line[:300_000] + "改动之处" + line[300_100:]
    result = merge_texts({"a.txt": line, "b.txt": changed + "\n" + ONE}, tmp_path)
    assert dict(restore(result.out)) == {"a.txt": line.encode(), "b.txt": (changed + "\n" + ONE).encode()}
    assert sum(map(len, result.merged.texts.values())) < 1.1 * len(line)


def test_characters_of_several_letters_come_back(tmp_path: Path) -> None:
    one = "ิ่งดอกนนำินจำ"
    for number, (x, y) in enumerate(
        [(one, "ิ่งดอกำินจำ"), ("of the ﬁve ﬂowers ㎏", "of the fve ﬀlowers k"), ("天地㎏玄", "天地k玄")]
    ):
        rest = prose("thai", 3, 1, 2)[0][0]
        merged = merge_texts({"a.txt": x + rest + x, "b.txt": y + rest + y}, tmp_path / str(number))
        assert dict(restore(merged.out)) == {"a.txt": (x + rest + x).encode(), "b.txt": (y + rest + y).encode()}
    merged = merge_texts({"a.txt": one, "b.txt": "ิ่งดอกำินจำ"}, tmp_path / "alone")
    assert dict(restore(merged.out)) == {"a.txt": one.encode(), "b.txt": "ิ่งดอกำินจำ".encode()}


def test_witnesses_that_touch_come_back(tmp_path: Path) -> None:
    said = "快夏育船路务夏践康流败假"
    for number, end in enumerate(("！", "", "。\n", "，")):
        for order, texts in enumerate(
            ({"a.txt": said + said + end, "b.txt": said + end + "天"}, {"a.txt": said + end + said})
        ):
            merged = merge_texts(texts, tmp_path / f"{number}{order}", Settings(unit="passage"))
            assert dict(restore(merged.out)) == {name: text.encode() for name, text in texts.items()}


# --------------------------------------------------------------------------- what was changed is told


def _fails(out: Path) -> RestoreError:
    with pytest.raises(RestoreError) as caught:
        list(restore(out))
    assert str(caught.value)
    return caught.value


@pytest.mark.parametrize("name", ["manifest.json", "clusters.jsonl", "diff.jsonl", "corpus/a.txt"])
def test_a_missing_file_is_told(merged: Run, name: str) -> None:
    (merged.out / name).unlink()
    _fails(merged.out)


@pytest.mark.parametrize("name", ["manifest.json", "clusters.jsonl", "diff.jsonl"])
def test_a_broken_file_is_told(merged: Run, name: str) -> None:
    file = merged.out / name
    file.write_bytes(file.read_bytes()[:-20])
    _fails(merged.out)


@pytest.mark.parametrize("name", ["clusters.jsonl", "diff.jsonl", "corpus/a.txt"])
def test_a_file_cut_off_at_a_line_is_told(merged: Run, name: str) -> None:
    file = merged.out / name
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))
    _fails(merged.out)


def test_a_changed_corpus_file_is_told(merged: Run) -> None:
    for file in (merged.out / "corpus").rglob("*.txt"):
        whole = file.read_text(encoding="utf-8")
        for changed in (whole[:-1], "x" + whole, whole.replace("。", ".", 1), ""):
            file.write_text(changed, encoding="utf-8")
            _fails(merged.out)
        file.write_bytes(b"\xff\xfe\xff")
        _fails(merged.out)
        file.write_text(whole, encoding="utf-8")
    assert dict(restore(merged.out)) == shared()


@settings(pipeline, max_examples=60)
@given(st.data())
def test_no_damage_gives_a_wrong_byte(data: st.DataObject) -> None:
    """Any byte of any file changed, and any line gone: the same bytes come back, or an error of ours."""
    with scratch() as tmp:
        result = run(lay(tmp / "in", shared()), tmp / "out")
        name = data.draw(
            st.sampled_from([n for n in sorted(tree(result.out)) if n not in ("corpus.jsonl", "report.html")])
        )
        file = result.out / name
        content = bytearray(file.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[at] = data.draw(st.integers(0, 255))
        else:
            lines = bytes(content).splitlines(keepends=True)
            del lines[at % len(lines)]
            content = bytearray(b"".join(lines))
        file.write_bytes(bytes(content))
        try:
            back = dict(restore(result.out))
        except DedupError:
            return
        assert set(back) <= set(shared()) or name == "manifest.json"
        for path, got in back.items():
            assert got == shared().get(path, got)


def test_a_path_that_leads_out_is_refused(merged: Run, tmp_path: Path) -> None:
    out = merged.out
    for name in ("manifest.json", "clusters.jsonl", "diff.jsonl"):
        content = (out / name).read_text(encoding="utf-8")
        (out / name).write_text(re.sub(r'"sub/b\.txt"', '"../../evil.txt"', content), encoding="utf-8")
    (tmp_path / "evil.txt").write_bytes((out / "corpus/sub/b.txt").read_bytes())
    with pytest.raises(RestoreError):
        restore_to(out, tmp_path / "back" / "deep")
    assert not (tmp_path / "back").exists()


def test_a_folder_that_no_merge_wrote_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert "manifest" in str(_fails(tmp_path / "x"))
    _fails(tmp_path / "nowhere")


def test_a_result_of_another_schema_is_told(merged: Run) -> None:
    file = merged.out / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(manifest | {"schema": 999}), encoding="utf-8")
    assert "999" in str(_fails(merged.out))
