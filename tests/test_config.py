"""Every setting knows where it comes from, and none is taken that makes no sense."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from dedup.cli import main
from dedup.config import FileSettings, ReadSettings, Settings, load
from dedup.errors import UsageError


def project(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def origins(folder: Path, environ: dict[str, str] | None = None, **options: str) -> dict[str, tuple[object, str]]:
    found = load(options, folder=folder, environ=environ or {}).origins
    return {setting.name: (setting.value, setting.origin) for setting in found}


def test_without_any_word_the_defaults_hold(tmp_path: Path) -> None:
    project(tmp_path, "")
    found = load(folder=tmp_path, environ={})
    assert found.settings == Settings()
    assert {setting.origin for setting in found.origins} == {"default"}


def test_the_later_place_has_the_last_word(tmp_path: Path) -> None:
    project(tmp_path, "[tool.dedup]\nmin-length = 20\ncover = 0.7\nsimilarity = 0.6\n")
    found = origins(tmp_path, {"DEDUP_COVER": "0.8", "DEDUP_SIMILARITY": "0.7"}, similarity="0.9")
    assert found["min-length"] == (20, "pyproject.toml")
    assert found["cover"] == (0.8, "DEDUP_COVER")
    assert found["similarity"] == (0.9, "--similarity")
    assert found["jobs"] == (0, "default")


def test_the_nearest_project_file_above_counts(tmp_path: Path) -> None:
    project(tmp_path, "[tool.dedup]\njobs = 2\n")
    below = project(tmp_path / "a", "[tool.dedup]\njobs = 3\n") / "b" / "c"
    below.mkdir(parents=True)
    assert origins(below)["jobs"] == (3, "../../pyproject.toml")


def test_how_sources_are_read_is_a_setting_too(tmp_path: Path) -> None:
    project(tmp_path, '[tool.dedup]\ntext-field = "body"\n')
    found = load(folder=tmp_path, environ={"DEDUP_ENCODING": "gb18030"})
    assert (found.reading.text_field, found.reading.encoding, found.reading.id_field) == ("body", "gb18030", "id")


def test_a_key_that_is_no_setting_is_an_error_that_names_the_file_and_the_nearest_key(tmp_path: Path) -> None:
    for key, near in (("min_length", "min-length"), ("similarty", "similarity")):
        project(tmp_path, f"[tool.dedup]\n{key} = 1\n")
        with pytest.raises(UsageError) as error:
            load(folder=tmp_path, environ={})
        assert str(error.value) == f"pyproject.toml: [tool.dedup] has no setting {key!r}"
        assert error.value.hint == f"did you mean {near!r}?"


def test_a_key_like_no_other_gets_the_list_of_settings(tmp_path: Path) -> None:
    project(tmp_path, "[tool.dedup]\nzzz = 1\n")
    with pytest.raises(UsageError) as error:
        load(folder=tmp_path, environ={})
    assert "min-length" in str(error.value.hint)


def test_tables_below_ours_are_left_alone(tmp_path: Path) -> None:
    project(tmp_path, '[tool.dedup]\njobs = 2\n[tool.dedup.check]\nbaseline = "b"\n[tool.other]\nx = 1\n')
    assert origins(tmp_path)["jobs"] == (2, "pyproject.toml")


def test_other_variables_of_the_environment_are_left_alone(tmp_path: Path) -> None:
    project(tmp_path, "")
    found = origins(tmp_path, {"DEDUP_DEBUG": "1", "DEDUP_JOBS": ""})
    assert found["jobs"] == (0, "default")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.dedup]\nmin-length = true\n", "pyproject.toml: min-length must be a whole number, not True"),
        ('[tool.dedup]\ncover = "0.8"\n', "pyproject.toml: cover must be a number, not '0.8'"),
        ("[tool.dedup]\ncover = 80\n", "pyproject.toml: cover must be above 0 and at most 1, not 80.0"),
        ("[tool.dedup]\nsimilarity = nan\n", "pyproject.toml: similarity must be above 0 and at most 1, not nan"),
        ("[tool]\ndedup = 1\n", "pyproject.toml: [tool.dedup] is no table"),
        ("[tool.dedup\n", "pyproject.toml: cannot be read: "),
    ],
)
def test_a_value_that_makes_no_sense_is_an_error_where_it_stands(tmp_path: Path, text: str, message: str) -> None:
    project(tmp_path, text)
    with pytest.raises(UsageError) as error:
        load(folder=tmp_path, environ={})
    assert str(error.value).startswith(message)
    assert error.value.hint


def test_a_whole_number_stands_for_a_number(tmp_path: Path) -> None:
    project(tmp_path, "[tool.dedup]\ncover = 1\n")
    assert origins(tmp_path)["cover"] == (1.0, "pyproject.toml")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_length", 0),
        ("similarity", 0.0),
        ("similarity", 1.01),
        ("cover", -1.0),
        ("unit", "line"),
        ("lsh_threshold", 1.0),
        ("num_perm", 1),
        ("seed", -1),
        ("jobs", -1),
    ],
)
def test_settings_that_make_no_sense_cannot_be_made(name: str, value: object) -> None:
    with pytest.raises(UsageError) as error:
        Settings(**{name: value})  # type: ignore[arg-type]
    assert str(error.value).startswith(name.replace("_", "-"))
    assert error.value.hint


@pytest.mark.parametrize("share", [1, 1.0, 0.001])
def test_the_ends_of_a_range_that_belong_to_it_are_taken(share: float) -> None:
    assert Settings(similarity=share, cover=share).similarity == share


def test_the_command_prints_every_setting_with_its_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(tmp_path, "[tool.dedup]\ncover = 0.7\n"))
    monkeypatch.setenv("DEDUP_SEED", "7")
    result = CliRunner().invoke(main, ["config", "--unit", "sentence", "--format", "json"])
    rows = {row["name"]: (row["value"], row["origin"]) for row in json.loads(result.stdout)}
    assert rows["cover"] == (0.7, "pyproject.toml")
    assert rows["seed"] == (7, "DEDUP_SEED")
    assert rows["unit"] == ("sentence", "--unit")
    assert rows["encoding"] == (None, "default")
    assert len(rows) == len(fields(Settings)) + len(fields(ReadSettings)) + len(fields(FileSettings))
    text = CliRunner().invoke(main, ["config"]).stdout
    assert ["cover", "0.7", "pyproject.toml"] in [line.split() for line in text.splitlines()]


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [("--unit", "sentense", "did you mean 'sentence'?"), ("--jobs", "many", "0 would do")],
)
def test_an_option_that_makes_no_sense_is_an_error_with_a_hint(option: str, value: str, hint: str) -> None:
    result = CliRunner().invoke(main, ["config", option, value])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines()[0].startswith(f"error: {option}: ")
    assert result.stderr.splitlines()[1] == f"hint: {hint}"
