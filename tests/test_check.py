"""What `dedup check` says of a git repository, case by case."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from repository import Repository
from texts import prose

TEXT = ["".join(paragraph) for paragraph in prose("han", 71, paragraphs=8, sentences=4)]
OTHER = ["".join(paragraph) for paragraph in prose("han", 72, paragraphs=8, sentences=4)]
FRESH = ["".join(paragraph) for paragraph in prose("han", 73, paragraphs=20, sentences=4)]
TWICE = "".join(prose("han", 74, paragraphs=1, sentences=6)[0])


def lines(*paragraphs: str) -> str:
    return "".join(f"{paragraph}\n" for paragraph in paragraphs)


def wrapped(paragraph: str) -> str:
    return "\n".join(paragraph[at : at + 20] for at in range(0, len(paragraph), 20))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose first commit has a corpus with one accepted duplicate, and a branch with nothing on it."""
    repository = Repository(tmp_path_factory.mktemp("template") / "repository")
    repository.root.mkdir()
    repository.git("init", "-q", "-b", "main")
    repository.write("texts/text.txt", lines(*TEXT))
    repository.write("texts/other.txt", lines(*OTHER))
    repository.write("texts/one.txt", lines(FRESH[0], TWICE))
    repository.write("texts/two.txt", lines(TWICE, FRESH[1]))
    assert repository.dedup("check", "--update-baseline", "--accept-new").out == "dedup-baseline.json: +2 −0\n"
    repository.commit("corpus")
    repository.git("checkout", "-q", "-b", "change")
    return repository.root


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Repository:
    root = tmp_path / "repository"
    shutil.copytree(template, root)
    return Repository(root)


def test_nothing_new_is_clean(repository: Repository) -> None:
    assert repository.check(code=0) == []
    assert repository.dedup("check").out == "0 new duplicates in 0 files\n"


def test_new_text_of_its_own_is_clean(repository: Repository) -> None:
    repository.write("texts/new.txt", lines(*FRESH[2:6]))
    assert repository.check(code=0) == []


def test_an_exact_copy_is_found_where_it_stands(repository: Repository) -> None:
    repository.write("texts/new.txt", lines(FRESH[2], TEXT[3], FRESH[3]))
    assert repository.check(code=1) == [("texts/new.txt", 2, 2, "new", "exact", ["texts/text.txt:4"])]


def test_a_near_copy_is_told_with_its_letters(repository: Repository) -> None:
    changed = TEXT[3][:20] + "改" + TEXT[3][21:]
    repository.write("texts/new.txt", lines(FRESH[2], changed, FRESH[3]))
    assert repository.check(code=1) == [("texts/new.txt", 2, 2, "new", "near", ["texts/text.txt:4"])]
    assert f"[-{TEXT[3][20]}-]{{+改+}}" in repository.dedup("check").out


def test_a_copy_split_over_two_files_is_found_in_both(repository: Repository) -> None:
    repository.write("texts/new1.txt", lines(FRESH[2], *TEXT[:4]))
    repository.write("texts/new2.txt", lines(*TEXT[4:], FRESH[3]))
    assert repository.check(code=1) == [
        ("texts/new1.txt", 2, 5, "new", "exact", ["texts/text.txt:1"]),
        ("texts/new2.txt", 1, 4, "new", "exact", ["texts/text.txt:5"]),
    ]


def test_an_excerpt_is_contained(repository: Repository) -> None:
    excerpt = OTHER[2][10:60]
    repository.write("texts/new.txt", lines(FRESH[2], FRESH[3] + excerpt + FRESH[4]))
    ((path, first, last, status, relation, copies),) = repository.check(code=1)
    assert (path, first, last, status, copies) == ("texts/new.txt", 2, 2, "new", ["texts/other.txt:3"])
    repository.write("texts/new.txt", lines(FRESH[2], excerpt, FRESH[3]))
    ((path, first, last, status, relation, copies),) = repository.check(code=1)
    assert (path, first, last, relation, copies) == ("texts/new.txt", 2, 2, "contained", ["texts/other.txt:3"])


def test_a_rewrapped_copy_is_exact(repository: Repository) -> None:
    repository.write("texts/new.txt", f"{FRESH[2]}\n\n{wrapped(TEXT[3])}\n\n{FRESH[3]}\n")
    ((path, first, _, status, relation, copies),) = repository.check(code=1)
    assert (path, first, status, relation, copies) == ("texts/new.txt", 3, "new", "exact", ["texts/text.txt:4"])


def test_what_stands_twice_in_the_change_is_told_once(repository: Repository) -> None:
    repository.write("texts/new1.txt", lines(FRESH[2], FRESH[3]))
    repository.write("texts/new2.txt", lines(FRESH[4], FRESH[3]))
    assert repository.check(code=1) == [("texts/new2.txt", 2, 2, "new", "exact", ["texts/new1.txt:2"])]


def test_a_fresh_copy_of_a_baselined_passage_is_new(repository: Repository) -> None:
    repository.write("texts/new.txt", lines(FRESH[2], TWICE))
    assert repository.check(code=1) == [("texts/new.txt", 2, 2, "new", "exact", ["texts/one.txt:2", "texts/two.txt:1"])]


def test_a_fresh_copy_is_told_where_it_is_new_though_its_path_comes_first(repository: Repository) -> None:
    repository.write("texts/a.txt", lines(FRESH[2], TWICE))
    repository.write("texts/two.txt", lines(TWICE, FRESH[1], FRESH[5]))
    ((path, *_, copies),) = repository.check(code=1)
    assert (path, copies) == ("texts/a.txt", ["texts/one.txt:2", "texts/two.txt:1"])


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.git("mv", "texts/one.txt", "texts/renamed.txt"),
        lambda r: (r.root.joinpath("deep").mkdir(), r.git("mv", "texts/one.txt", "deep/one.txt")),
        lambda r: r.write("texts/one.txt", lines("", FRESH[7], FRESH[0], FRESH[8], TWICE)),
        lambda r: r.write("texts/one.txt", "\n\n".join(map(wrapped, (FRESH[0], TWICE, FRESH[9])))),
        lambda r: r.write("texts/one.txt", lines(FRESH[0], TWICE.replace("，", ", "))),
    ],
    ids=["renamed", "moved", "lines shifted", "re-wrapped", "other punctuation"],
)
def test_a_baselined_passage_stays_known(repository: Repository, change: Callable[[Repository], object]) -> None:
    change(repository)
    assert repository.check(code=0) == []


def test_a_file_that_was_only_moved_is_no_change(repository: Repository) -> None:
    (repository.root / "dedup-baseline.json").unlink()
    repository.git("mv", "texts/one.txt", "texts/moved.txt")
    repository.commit()
    assert repository.check(code=0) == []


def test_editing_one_side_of_an_accepted_duplicate_is_a_note(repository: Repository) -> None:
    repository.write("texts/one.txt", lines(FRESH[0], TWICE.replace(TWICE[40:42], "新字")))
    assert repository.check(code=0) == [("texts/one.txt", 2, 2, "edited-known", "near", ["texts/two.txt:1"])]
    assert repository.dedup("check", "--update-baseline").out == "dedup-baseline.json: +1 −1\n"
    assert repository.check(code=0) == []


def test_a_near_copy_of_a_known_paragraph_is_new_though_the_known_one_comes_later(repository: Repository) -> None:
    repository.write("texts/a.txt", lines(FRESH[2]))
    repository.commit()
    repository.write("texts/a.txt", lines(FRESH[2], TWICE[:50] + "另" + TWICE[51:]))
    repository.write("texts/two.txt", lines(TWICE, FRESH[1], FRESH[5]))
    ((path, _, _, status, relation, _),) = repository.check("--since", "HEAD", code=1)
    assert (path, status, relation) == ("texts/a.txt", "new", "near")


def test_a_deletion_is_clean_and_makes_no_room_for_another_copy(repository: Repository) -> None:
    (repository.root / "texts/one.txt").unlink()
    assert repository.check(code=0) == []
    assert repository.dedup("check", "--update-baseline").out == "dedup-baseline.json: +0 −2\n"
    repository.write("texts/new.txt", lines(FRESH[2], TWICE))
    assert [row[:4] for row in repository.check(code=1)] == [("texts/new.txt", 2, 2, "new")]


def test_update_baseline_accepts_nothing_new_by_itself(repository: Repository) -> None:
    repository.write("texts/new.txt", lines(FRESH[2], TEXT[3]))
    assert repository.dedup("check", "--update-baseline").out == "dedup-baseline.json: +0 −0\n"
    assert len(repository.check(code=1)) == 1
    assert repository.dedup("check", "--update-baseline", "--accept-new").out == "dedup-baseline.json: +2 −0\n"
    assert repository.check(code=0) == []


def test_a_merge_commit_is_compared_with_where_the_branch_left(repository: Repository) -> None:
    repository.write("texts/new.txt", lines(FRESH[2], TEXT[3]))
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write("texts/mine.txt", lines(FRESH[5], FRESH[6]))
    repository.commit()
    repository.git("checkout", "-q", "change")
    repository.git("merge", "-q", "--no-edit", "main")
    assert [row[0] for row in repository.check(code=1)] == ["texts/new.txt"]
    assert repository.check("--since", "HEAD", code=0) == []
    assert [row[0] for row in repository.check("--since", "HEAD^1", code=0)] == []
    assert [row[0] for row in repository.check("--since", "HEAD^2", code=1)] == ["texts/new.txt"]


def test_a_shallow_clone_says_what_to_fetch_and_then_works(repository: Repository, tmp_path: Path) -> None:
    repository.write("texts/new.txt", lines(FRESH[2], TEXT[3]))
    repository.commit()
    clone = Repository(tmp_path / "clone")
    repository.git("clone", "-q", "--depth=1", f"file://{repository.root}", str(clone.root))
    base = repository.git("rev-parse", "main").strip()
    ran = clone.dedup("check", "--since", base)
    assert ran.code == 2
    assert f"hint: the clone is shallow: git fetch --depth=1 origin {base}" in ran.err
    clone.git("fetch", "-q", "--depth=1", "origin", base)
    assert [row[0] for row in clone.check("--since", base, code=1)] == ["texts/new.txt"]


def test_a_shallow_clone_that_ends_too_early_says_so(repository: Repository, tmp_path: Path) -> None:
    repository.write("texts/new.txt", lines(FRESH[2], TEXT[3]))
    repository.commit()
    clone = Repository(tmp_path / "clone")
    repository.git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{repository.root}", str(clone.root))
    clone.git("remote", "set-head", "origin", "main")
    ran = clone.dedup("check")
    assert ran.code == 2
    assert "too shallow" in ran.err
    assert "hint: git fetch --unshallow origin" in ran.err


def test_a_submodule_belongs_to_the_corpus_but_not_to_the_change(repository: Repository, tmp_path: Path) -> None:
    library = Repository(tmp_path / "library")
    library.root.mkdir()
    library.git("init", "-q", "-b", "main")
    library.write("its.txt", lines(FRESH[10], FRESH[11]))
    library.commit()
    repository.git("submodule", "--quiet", "add", str(library.root), "library")
    repository.commit()
    assert repository.check(code=0) == []
    repository.write("texts/new.txt", lines(FRESH[2], FRESH[10]))
    assert repository.check(code=1) == [("texts/new.txt", 2, 2, "new", "exact", ["library/its.txt:1"])]


def test_a_file_in_another_encoding_is_read(repository: Repository) -> None:
    repository.write("texts/new.txt", lines(FRESH[2], TEXT[3], FRESH[3]).encode("gb18030"))
    assert repository.check(code=1) == [("texts/new.txt", 2, 2, "new", "exact", ["texts/text.txt:4"])]


def test_a_name_with_spaces_and_sinographs_is_told_as_it_is(repository: Repository) -> None:
    repository.write("texts/新 的 文章.txt", lines(FRESH[2], TEXT[3]))
    repository.commit()
    assert repository.check(code=1) == [("texts/新 的 文章.txt", 2, 2, "new", "exact", ["texts/text.txt:4"])]


def test_staged_is_what_is_staged_not_the_work_tree(repository: Repository) -> None:
    repository.write("texts/new.txt", lines(FRESH[2], TEXT[3]))
    assert repository.check("--staged", code=0) == []
    repository.git("add", "texts/new.txt")
    repository.write("texts/new.txt", lines(FRESH[2]))
    repository.write("texts/untracked.txt", lines(FRESH[2], OTHER[3]))
    assert repository.check("--staged", code=1) == [("texts/new.txt", 2, 2, "new", "exact", ["texts/text.txt:4"])]
    (repository.root / "texts/new.txt").unlink()
    assert [row[0] for row in repository.check("--staged", code=1)] == ["texts/new.txt"]
    repository.git("rm", "-q", "--cached", "texts/text.txt")
    assert repository.check("--staged", code=0) == []


def test_paths_are_compared_with_the_whole_corpus(repository: Repository) -> None:
    repository.write("texts/new.txt", lines(FRESH[2], TEXT[3]))
    repository.write("texts/more.txt", lines(FRESH[4], OTHER[3]))
    assert [row[0] for row in repository.check("texts/new.txt", code=1)] == ["texts/new.txt"]
    assert [row[0] for row in repository.check("--since", "main", "texts/more.txt", code=1)] == ["texts/more.txt"]


def test_a_kept_decision_is_respected(repository: Repository) -> None:
    from dedup.fold import fold, letters_key

    repository.write("texts/new.txt", lines(FRESH[2], TEXT[3]))
    assert len(repository.check(code=1)) == 1
    row = {"cluster": letters_key(fold([TEXT[3]]).letters), "verdict": "keep"}
    repository.write("decisions.jsonl", json.dumps(row) + "\n")
    assert repository.check(code=0) == []
    assert "1 kept by decision" in repository.dedup("check").out


def test_exit_codes_and_limits(repository: Repository) -> None:
    repository.write("texts/new.txt", lines(FRESH[2], TEXT[3], FRESH[3], OTHER[3]))
    assert len(repository.check(code=1)) == 2
    assert len(repository.check("--max-new", "1", code=1)) == 2
    assert len(repository.check("--max-new", "2", code=0)) == 2
    assert len(repository.check("--exit-zero", code=0)) == 2
    repository.write("pyproject.toml", '[tool.dedup.check]\nmax-new = 2\ncorpus = ["texts"]\n')
    assert len(repository.check(code=0)) == 2


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ("corpsu = ['texts']", "has no setting 'corpsu'\nhint: did you mean 'corpus'?"),
        ("corpus = 'texts'", "corpus must be a list of paths"),
        ("max-new = -1", "max-new must be a whole number, 0 or more"),
    ],
)
def test_a_setting_that_makes_no_sense_is_an_error(repository: Repository, table: str, error: str) -> None:
    repository.write("pyproject.toml", f"[tool.dedup.check]\n{table}\n")
    ran = repository.dedup("check")
    assert ran.code == 2
    assert error in ran.err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--since", "main", "--staged"], "--since and --staged are two kinds of new"),
        (["--since", "nowhere"], "there is no commit 'nowhere'"),
        (["--accept-new"], "--accept-new is about the baseline"),
        (["--report", "sariff=x"], "did you mean sarif?"),
        (["--report", "sarif"], "names no file"),
        (["--baseline", "nowhere.json"], "there is no such baseline"),
        (["--decisions", "nowhere.jsonl"], "there is no such file"),
        (["nowhere.txt"], "no such file or folder"),
        (["--baseline", "texts"], "texts: cannot be read: is a directory"),
        (["--report", "json=a", "--report", "sarif=a"], "a: two reports go to one file"),
        (["--index", "nowhere.duckdb"], "dedup index build"),
    ],
)
def test_what_makes_no_sense_is_an_error_with_a_hint(repository: Repository, arguments: list[str], error: str) -> None:
    repository.write("texts/new.txt", lines(FRESH[2]))
    ran = repository.dedup("check", *arguments)
    assert ran.code == 2
    assert error in ran.err
    assert "\nhint: " in ran.err


def test_outside_of_git_paths_can_be_checked_and_changes_not(tmp_path: Path) -> None:
    folder = Repository(tmp_path / "folder")
    folder.write("corpus/text.txt", lines(*TEXT))
    folder.write("new.txt", lines(FRESH[2], TEXT[3]))
    assert folder.check("new.txt", "--corpus", "corpus", code=1) == [
        ("new.txt", 2, 2, "new", "exact", ["corpus/text.txt:4"])
    ]
    assert folder.dedup("check").code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--since", ""), "error: --since names no commit\n"),
        (("--corpus", "../elsewhere"), "error: ../elsewhere: the corpus lies outside the repository"),
    ],
)
def test_a_check_that_could_find_nothing_is_an_error(
    repository: Repository, arguments: tuple[str, str], message: str
) -> None:
    (repository.root.parent / "elsewhere").mkdir()
    (repository.root.parent / "elsewhere" / "text.txt").write_text(lines(*TEXT), encoding="utf-8")
    repository.write("texts/new.txt", lines(TEXT[3]))
    done = repository.dedup("check", *arguments)
    assert done.code == 2
    assert done.err.startswith(message)
