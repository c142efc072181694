"""The ways into `dedup check`: the hook under pre-commit itself, the action, the snippets of the README."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from repository import IDENTITY, Repository
from terminal import ROOT
from texts import prose

PARAGRAPHS = ["".join(paragraph) for paragraph in prose("han", 90, 6, 4)]
BIN = str(Path(sys.executable).parent)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "repository")
    repository.root.mkdir()
    repository.git("init", "-q", "-b", "main")
    repository.write("texts/a.txt", "\n".join(PARAGRAPHS[:3]))
    repository.commit("corpus")
    return repository


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "DEDUP_"))}
    path = f"{BIN}{os.pathsep}{mine['PATH']}"
    return {**mine, "PATH": path, "DEDUP_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT), **more}


def test_pre_commit_installs_the_hook_and_stops_a_commit(repository: Repository, tmp_path: Path) -> None:
    hooks = Repository(tmp_path / "hooks")
    hooks.root.mkdir()
    hooks.git("init", "-q", "-b", "main")
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks.root)
    hooks.commit("hooks")
    revision = hooks.git("rev-parse", "HEAD").strip()
    # dedup is installed already: only that it need not be installed once more is said otherwise than a user says it
    config = {
        "repos": [{"repo": str(hooks.root), "rev": revision, "hooks": [{"id": "dedup-check", "language": "system"}]}]
    }
    repository.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    env = environment(tmp_path, PRE_COMMIT_HOME=str(tmp_path / "pre-commit"))
    subprocess.run(["pre-commit", "install"], cwd=repository.root, env=env, check=True, capture_output=True)

    def commit(path: str, content: str) -> subprocess.CompletedProcess[str]:
        repository.write(path, content)
        repository.git("add", "-A")
        command = ["git", *IDENTITY, "commit", "-m", path]
        return subprocess.run(command, cwd=repository.root, env=env, check=False, capture_output=True, text=True)

    good = commit("texts/b.txt", PARAGRAPHS[3])
    assert good.returncode == 0, good.stdout + good.stderr
    bad = commit("texts/新 文.txt", f"{PARAGRAPHS[4]}\n{PARAGRAPHS[1]}")
    assert bad.returncode == 1
    assert "dedup check" in bad.stderr
    assert "texts/新 文.txt:2  exact" in bad.stderr
    assert "= texts/a.txt:2" in bad.stderr


def test_the_action_hands_inputs_over_by_the_environment_alone() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert action["runs"]["using"] == "composite"
    runs = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert runs
    assert not any("${{" in run for run in runs)
    told = str(action["runs"]["steps"])
    assert all(f"inputs.{name}" in told for name in action["inputs"])
    assert all(output["value"].startswith("${{ steps.check.outputs.") for output in action["outputs"].values())


@pytest.mark.parametrize(("copied", "code", "new"), [(3, 0, 0), (1, 1, 1)])
def test_the_step_of_the_action_tells_counts_and_paths(
    repository: Repository, tmp_path: Path, copied: int, code: int, new: int
) -> None:
    before = repository.git("rev-parse", "HEAD").strip()
    repository.write("texts/b.txt", f"{PARAGRAPHS[4]}\n{PARAGRAPHS[copied]}")
    repository.commit()
    reports, output = tmp_path / "reports", tmp_path / "output"
    program = reports / "dedup-venv" / "bin"
    program.mkdir(parents=True)
    (program / "dedup").symlink_to(Path(BIN) / "dedup")
    step = environment(
        tmp_path,
        DEDUP_ACTION=str(ROOT),
        DEDUP_REPORTS=str(reports),
        DEDUP_CHECK_SINCE=before,
        DEDUP_CHECK_PATHS="",
        DEDUP_CHECK_MAX_NEW="",
        DEDUP_CHECK_REPORTS="junit=junit.xml",
        GITHUB_OUTPUT=str(output),
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary"),
    )
    command = ["bash", str(ROOT / ".github" / "check.sh")]
    done = subprocess.run(command, cwd=repository.root, env=step, check=False, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    told = dict(line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines())
    assert {name: told[name] for name in ("new", "edited", "known")} == {"new": str(new), "edited": "0", "known": "0"}
    assert all(Path(told[name]).is_file() for name in ("sarif", "json", "markdown"))
    assert ("::warning file=texts/b.txt,line=2" in done.stdout) == bool(new)
    assert (repository.root / "junit.xml").is_file()
    assert "### dedup: " in (tmp_path / "summary").read_text(encoding="utf-8")


def test_the_snippets_of_the_readme_are_yaml_and_name_what_there_is() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    snippets = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)]
    assert len(snippets) == 3
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    told = str(snippets)
    assert f"'id': '{hooks[0]['id']}'" in told
    assert "'codequality': 'gl-code-quality.json'" in told
    assert "gitlab=gl-code-quality.json" in told


def test_the_check_is_the_one_that_is_printed(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(
        r"```text\n\$ sed -n 116p (\S+) > new.txt\n\$ dedup check new.txt\n(.*?)```", readme, re.DOTALL
    )
    folder = Repository(tmp_path / "folder")
    shutil.copytree(ROOT / "seeds", folder.root / "seeds")
    for name in ("pyproject.toml", "dedup-baseline.json"):
        shutil.copy(ROOT / name, folder.root)
    folder.write("new.txt", (ROOT / shown[0]).read_text(encoding="utf-8").split("\n")[115] + "\n")
    ran = folder.dedup("check", "new.txt")
    assert (ran.code, ran.out) == (1, shown[1])


def test_the_project_checks_its_own_texts(tmp_path: Path) -> None:
    folder = Repository(tmp_path / "folder")
    shutil.copytree(ROOT / "seeds", folder.root / "seeds")
    for name in ("pyproject.toml", "dedup-baseline.json"):
        shutil.copy(ROOT / name, folder.root)
    assert folder.check("seeds", code=0) == []
    assert ".venv/bin/dedup check seeds" in (ROOT / ".ci/run").read_text(encoding="utf-8")
