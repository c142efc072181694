"""The served review page: who may ask, what is written when, and that nothing decided is lost."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, QUIET, Browser, browsing, running
from click.testing import CliRunner
from terminal import COMMAND, environment

from dedup.api import find_passages, merge_passages, read_sources, write_corpus
from dedup.cli import main
from dedup.decisions import Decision, read_decisions, write_decisions
from dedup.restore import restore
from dedup.review.again import merge_again
from dedup.review.ledger import Ledger
from dedup.review.page import page
from dedup.review.server import ReviewServer

TEXT = "河水从山上流下来，经过三千个村庄，把泥沙带到东边的海里去，一年又一年没有停过，河上有一座古老的石桥。"
OTHER = "山里人家种茶为生，春天采了新叶，夏天就挑到城中集市上卖，秋天才带着盐和布回到山里，年年都是这样过的。"


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("merged")
    sources = folder / "texts"
    sources.mkdir()
    (sources / "a.txt").write_text(f"{TEXT}\n", encoding="utf-8")
    (sources / "b.txt").write_bytes(f"{TEXT.replace('三千', '四千')}\n".encode("gb18030"))
    (sources / "c.txt").write_bytes(f"{OTHER.replace('盐', '鹽巴')}\r\n".encode("utf-8-sig"))
    record = {"id": "r", "text": OTHER.replace("年年", "岁岁"), "more": 1}
    (sources / "d.jsonl").write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
    write_corpus(merge_passages(find_passages(read_sources([sources]))), folder / "out")
    return folder / "out"


@pytest.fixture
def out(merged: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(merged, tmp_path / "out"))


@pytest.fixture
def server(out: Path, tmp_path: Path) -> Iterator[ReviewServer]:
    with ReviewServer(out, tmp_path / "decisions.jsonl", port=0) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def first_cluster(out: Path) -> dict[str, Any]:
    rows = (json.loads(line) for line in (out / "clusters.jsonl").read_text(encoding="utf-8").splitlines())
    return next(row for row in rows if row["text"].startswith("河水"))


def ask(
    server: ReviewServer,
    what: str = "decisions",
    body: Any = None,
    *,
    method: str = "POST",
    token: str | None = None,
    **headers: str,
) -> tuple[int, Any]:
    """The status and what was said."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    sent = {"Content-Type": "application/json", "Host": f"127.0.0.1:{server.server_port}"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, f"/{server.token if token is None else token}/{what}", data, sent)
    answer = connection.getresponse()
    said = answer.read()
    kind = answer.getheader("Content-Type") or ""
    connection.close()
    return answer.status, json.loads(said) if kind == "application/json" else said.decode()


# --------------------------------------------------------------------------- a folder on disk


def test_the_page_of_a_folder_is_the_one_that_the_merge_wrote(out: Path) -> None:
    assert page(out) == (out / "report.html").read_text(encoding="utf-8")


def test_merging_again_without_decisions_changes_no_byte(out: Path) -> None:
    before = bytes_of(out)
    merge_again(out)
    assert bytes_of(out) == before


def test_merging_again_does_what_was_decided_and_loses_nothing(out: Path) -> None:
    sources = dict(restore(out))
    cluster = first_cluster(out)
    merge_again(out, (Decision(cluster=cluster["id"], verdict="keep"),))
    assert sum(text.count("河水从山上".encode()) for text in bytes_of(out / "corpus").values()) == 2
    assert dict(restore(out)) == sources


# --------------------------------------------------------------------------- who may ask


@pytest.mark.parametrize(
    ("refused", "asked"),
    [
        (403, {"token": "x"}),
        (403, {"token": ""}),
        (403, {"Origin": "http://evil.example"}),
        (403, {"Origin": "null"}),
        (403, {"Origin": "http://127.0.0.1:1"}),
        (403, {"Sec_Fetch_Site": "cross-site"}),
        (403, {"Sec_Fetch_Site": "same-site"}),
        (421, {"Host": "evil.example"}),
        (421, {"Host": "127.0.0.1"}),
        (415, {"Content_Type": "text/plain"}),
        (415, {"Content_Type": "application/x-www-form-urlencoded"}),
        (405, {"method": "GET"}),
        (405, {"what": ""}),
        (404, {"what": "other"}),
        (403, {"what": "a/b"}),
        (400, {"body": b"{"}),
        (400, {"body": []}),
        (400, {"body": {"since": "x"}}),
        (400, {"body": {"changes": [{"cluster": "x", "verdict": "keep"}]}}),
        (400, {"body": {"changes": [{"verdict": None}]}}),
        (413, {"Content_Length": str(1 << 40)}),
        (411, {"Content_Length": "-1"}),
        (501, {"method": "DELETE"}),
    ],
)
def test_who_may_not_ask_is_refused_in_json_and_nothing_is_written(
    server: ReviewServer, tmp_path: Path, refused: int, asked: dict[str, Any]
) -> None:
    change = {"changes": [{"cluster": "0" * 12, "verdict": "keep"}]}
    status, said = ask(server, **{"body": change, **asked})
    assert status == refused
    assert set(said) == {"error", "hint"}
    assert not (tmp_path / "decisions.jsonl").exists()


def test_only_this_machine_is_served(server: ReviewServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert len(server.token) >= 32
    with ReviewServer(server.out, server.out.parent / "decisions.jsonl", port=0) as other:
        assert other.token != server.token


def test_the_page_has_the_decisions_of_the_file(server: ReviewServer, tmp_path: Path) -> None:
    write_decisions(tmp_path / "decisions.jsonl", [Decision(cluster="0" * 12, verdict="keep", note="</script>")])
    status, said = ask(server, "", method="GET")
    assert status == 200
    assert '"decisions":[{"cluster":"000000000000","verdict":"keep","note":"\\u003c/script\\u003e"}]' in said


def test_a_folder_that_was_changed_is_told_as_json(server: ReviewServer) -> None:
    (server.out / "clusters.jsonl").write_text("{", encoding="utf-8")
    for what, method in (("", "GET"), ("merge", "POST")):
        status, said = ask(server, what, method=method)
        assert status == 422
        assert "no JSON" in said["error"]


# --------------------------------------------------------------------------- what is written


def test_each_change_is_in_the_file_when_it_is_answered(server: ReviewServer, tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    row = {"cluster": "0" * 12, "verdict": "keep", "by": "李"}
    assert ask(server, body={"changes": [row]}) == (200, {"heard": 1, "changes": [row]})
    assert json.loads(file.read_text(encoding="utf-8")) == row
    gone = {"cluster": "0" * 12, "verdict": None}
    assert ask(server, body={"since": 1, "changes": [gone]}) == (200, {"heard": 2, "changes": [gone]})
    assert file.read_text(encoding="utf-8") == ""


def test_two_pages_and_another_program_lose_none_of_each_other_s_decisions(
    server: ReviewServer, tmp_path: Path
) -> None:
    file = tmp_path / "decisions.jsonl"
    others = [Ledger(file), Ledger(file)]

    def decide(page: int) -> None:
        for n in range(20):
            change = Decision(cluster=f"{100 * page + n:012x}", verdict="keep")
            if page < 2:
                ask(server, body={"since": 0, "changes": [{"cluster": change.cluster, "verdict": "keep"}]})
            else:
                others[page - 2].take([(change.key, change)], 0)

    threads = [threading.Thread(target=decide, args=(page,)) for page in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_decisions(file)) == 80
    heard = ask(server, body={"since": 0})[1]
    assert len({row["cluster"] for row in heard["changes"]}) == 80


def test_of_two_decisions_on_one_thing_the_later_stands(server: ReviewServer, tmp_path: Path) -> None:
    for verdict in ("keep", "merge", "skip"):
        ask(server, body={"changes": [{"cluster": "0" * 12, "verdict": verdict}]})
    (decision,) = read_decisions(tmp_path / "decisions.jsonl")
    assert decision.verdict == "skip"


def test_a_file_that_cannot_be_read_is_told_and_left_as_it_is(server: ReviewServer, tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text("<<<<<<< ours\n", encoding="utf-8")
    status, said = ask(server, body={"changes": [{"cluster": "0" * 12, "verdict": "keep"}]})
    assert status == 422
    assert "conflict" in said["hint"]
    assert file.read_text(encoding="utf-8") == "<<<<<<< ours\n"


# --------------------------------------------------------------------------- the whole way, in a browser


@contextmanager
def serving(out: Path, port: int = 0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [*COMMAND, "review", str(out), "--serve", "--port", str(port)]
    command += ["--decisions", str(out.parent / "decisions.jsonl"), "-q"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def verdicts(out: Path) -> list[str]:
    return [decision.verdict for decision in read_decisions(out.parent / "decisions.jsonl")]


def until(holds: Any) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@browsing
def test_decisions_survive_killed_browsers_killed_servers_and_other_tabs(out: Path, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    profile = tmp_path / "profile"
    arguments = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", *QUIET, "about:blank"]

    @contextmanager
    def chromium(playwright: Any) -> Iterator[tuple[Any, subprocess.Popen[bytes]]]:
        (profile / "DevToolsActivePort").unlink(missing_ok=True)
        process = subprocess.Popen([str(CHROMIUM), *arguments], stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            until((profile / "DevToolsActivePort").exists)
            until(lambda: (profile / "DevToolsActivePort").read_text().count("\n"))
            port = (profile / "DevToolsActivePort").read_text().split("\n")[0]
            yield playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}").contexts[0], process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    with sync_playwright() as playwright, serving(out) as (url, server):
        port = int(url.split(":")[2].split("/")[0])
        with chromium(playwright) as (context, _):
            tab, other = context.new_page(), context.new_page()
            for page in (tab, other):
                page.goto(url)
            tab.keyboard.press("j")
            tab.keyboard.press("x")
            until(lambda: verdicts(out) == ["keep"])
            other.bring_to_front()
            other.wait_for_selector("#progress:has-text('1 of')")
            other.keyboard.press("j")
            other.keyboard.press("j")
            other.keyboard.press("l")
            until(lambda: sorted(verdicts(out)) == ["keep", "skip"])
        with chromium(playwright) as (context, _):  # the first one was killed
            tab = context.new_page()
            tab.goto(url)
            assert "1 of" in tab.inner_text("#progress")
            server.kill()
            server.wait()
            tab.keyboard.press("j")
            tab.keyboard.press("a")
            tab.wait_for_selector("#toast:has-text('does not answer')")
            assert sorted(verdicts(out)) == ["keep", "skip"]
            with serving(out, port) as (again, _):  # what was decided meanwhile is sent
                tab.goto(again)
                until(lambda: "merge" in verdicts(out))
                tab.wait_for_selector("#sent:has-text('saved')")


@browsing
def test_a_decision_reaches_the_corpus_and_comes_back_as_decided(server: ReviewServer, tmp_path: Path) -> None:
    cluster = first_cluster(server.out)
    with running() as chromium:
        browser = Browser(chromium, tmp_path)
        tab = browser.go(server.url, at=f"#passage={cluster['id']}")
        tab.fill("#by", "编者")
        number = tab.locator(".entry", has=tab.locator(".tag.number")).get_attribute("data-number")
        tab.click(f"#entry-{number} .nth")
        tab.keyboard.press("e")
        own = re.sub("[三四]", "五", tab.input_value("#own"))
        tab.fill("#own", own)
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#sent:has-text('saved')")
        with tab.expect_navigation():
            tab.click("#again")
        tab.wait_for_selector(f"#text .v.decided:text-is('{own}')")
        assert tab.locator("#text del").count() == 0
        assert tab.locator(".entry.decided").count() == 1
        browser.check()
    corpus = bytes_of(server.out / "corpus")
    assert sum(text.count("经过五千个村庄".encode()) for text in corpus.values()) == 1
    (decision,) = read_decisions(tmp_path / "decisions.jsonl")
    assert (decision.verdict, decision.text, decision.by) == ("reading", own, "编者")


@browsing
def test_another_page_in_the_browser_can_neither_ask_nor_decide(server: ReviewServer, tmp_path: Path) -> None:
    decisions = tmp_path / "decisions.jsonl"
    attack = """async url => {
        const body = JSON.stringify({ changes: [{ cluster: "000000000000", verdict: "keep" }] });
        const tries = [{}, { mode: "no-cors" }, { headers: { "Content-Type": "application/json" } }].map(more =>
            fetch(url + "decisions", { method: "POST", body, ...more }).then(answer => answer.text(), () => ""));
        return (await Promise.all(tries)).join("");
    }"""
    with running() as chromium:
        browser = Browser(chromium, tmp_path)
        evil = tmp_path / "evil.html"
        evil.write_text("<!doctype html><body data-view=''>", encoding="utf-8")
        tab = browser.go(evil.as_uri())
        assert tab.evaluate(attack, server.url) == ""
        frame = (
            "url => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }"
        )
        tab.evaluate(frame, server.url)
        tab.wait_for_timeout(300)
        assert all(frame.locator("#top").count() == 0 for frame in tab.frames[1:])
    assert not decisions.exists()


# --------------------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "-o", "page.html"], "has no manifest.json"),
        (["nowhere", "--serve"], "has no manifest.json"),
        (["OUT"], "nothing was asked for"),
        (["OUT", "-o", "page.html", "--serve"], "exclude each other"),
        (["OUT", "-o", "none/page.html"], "its folder does not exist"),
        (["OUT", "-o", "page.html", "--decisions", "none.jsonl"], "no such file"),
        (["OUT", "--serve", "--decisions", "none/decisions.jsonl"], "its folder does not exist"),
        (["OUT", "--serve", "--port", "70000"], "70000"),
    ],
)
def test_the_command_says_what_is_wrong_in_one_line(
    merged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["review", *(str(merged) if a == "OUT" else a for a in arguments)])
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.startswith("error: ")
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_told(merged: Path, server: ReviewServer, tmp_path: Path) -> None:
    decisions = ["--decisions", str(tmp_path / "decisions.jsonl")]
    done = CliRunner().invoke(main, ["review", str(merged), "--serve", "--port", str(server.server_port), *decisions])
    assert done.exit_code == 2
    assert f"port {server.server_port} cannot be used" in done.stderr


def test_a_written_page_shows_what_is_decided(merged: Path, tmp_path: Path) -> None:
    decisions, out = tmp_path / "decisions.jsonl", tmp_path / "page.html"
    write_decisions(decisions, [Decision(cluster="0" * 12, verdict="keep", by="编者")])
    done = CliRunner().invoke(main, ["review", str(merged), "-o", str(out), "--decisions", str(decisions)])
    assert done.exit_code == 0, done.output
    assert '"by":"编者"' in out.read_text(encoding="utf-8")
