"""The review page: one file that needs nothing beside it, in which what stands in a source stays text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import generated, page_of, page_of_result
from hypothesis import given
from hypothesis import strategies as st

from dedup.fold import fold
from dedup.model import Source
from dedup.read import read
from dedup.report import html
from dedup.report.html import letters_of
from dedup.report.language import language, languages

SEEDS = Path(__file__).parent.parent / "seeds"

HOSTILE = '</script><img src=x onerror="alert(1)"><!--<script>&lt;\'`${alert(2)}`'
OVERRIDE = "\u202e\u2066\u2067"
PASSAGE = f"河水从山上流下来，{HOSTILE}经过三千个村庄{OVERRIDE}，把泥沙带到东边的海里去\u2028，一年又一年没有停过。"
OTHER = PASSAGE.replace("三千", "<b>四千</b>")
HOSTILE_PATH = "</script><img src=x onerror=alert(3)>.txt"


@pytest.fixture(scope="module")
def seeds_page() -> str:
    return page_of(*read([SEEDS]).sources)


@pytest.fixture(scope="module")
def hostile_page() -> str:
    return page_of(
        Source("a.txt", f"{PASSAGE}\n"),
        Source("b.txt", f"<h1>{OTHER}</h1>\n", newline="\r\n"),
        Source(HOSTILE_PATH, f"{PASSAGE}\n"),
    )


class Page(HTMLParser):
    """A page's elements, and the text of those that hold a style, a script or data."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.content: dict[str, str] = {}
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        self._inside = "data" if attributes.get("id") == "data" else tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        self.content[self._inside] = self.content.get(self._inside, "") + data


def policy(page: Page) -> dict[str, list[str]]:
    said = [a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(said) == 1
    directives = (part.split() for part in (said[0] or "").split(";"))
    return {name: values for name, *values in directives}


def data_of(page: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Page(page).content["data"])
    return data


# --------------------------------------------------------------------------- the file


def test_the_policy_lets_only_the_style_and_the_script_of_the_page_run(seeds_page: str) -> None:
    page = Page(seeds_page)
    rules = policy(page)
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == ["'none'"]
    assert not any("unsafe" in value or ":" in value for name in rules if name != "img-src" for value in rules[name])
    for element, rule in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256(page.content[element].encode()).digest()).decode()
        assert rules[rule] == [f"'sha256-{digest}'"]


def test_the_policy_comes_before_everything_it_governs(seeds_page: str) -> None:
    assert seeds_page.index("Content-Security-Policy") < min(map(seeds_page.index, ("<style", "<script", "<link")))


def test_the_page_names_no_other_file(seeds_page: str) -> None:
    page = Page(seeds_page)
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "action", "data"} & set(attributes), tag
        assert attributes.get("href", "data:,") == "data:,", tag
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
    assert not re.search(r"url\(|@import|https?:", page.content["style"] + page.content["script"])


def test_the_script_makes_no_markup_from_text(seeds_page: str) -> None:
    script = Page(seeds_page).content["script"]
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|eval|Function\("
    assert not re.search(sinks + r"|XMLHttpRequest|import\(|Date|Math\.random", script)


def test_every_part_of_the_page_is_used() -> None:
    parts = {Path(f"{name}.js") for name in html._SCRIPTS} | {Path(f"{name}.css") for name in html._STYLES}
    folder = Path(html.__file__).with_name("page")
    assert {file.relative_to(folder) for file in folder.iterdir()} == parts | {Path("page.html.in")}


def test_only_a_served_page_may_ask_for_anything(seeds_page: str) -> None:
    assert policy(Page(seeds_page))["connect-src"] == ["'none'"]
    served = html.html((), (), generated(0)[1], served=True)
    assert policy(Page(served))["connect-src"] == ["'self'"]


def test_text_of_the_sources_ends_no_element(hostile_page: str) -> None:
    page = Page(hostile_page)
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert not {"img", "b"} & {tag for tag, _ in page.elements}
    raw = page.content["data"]
    assert not re.search("[<>&\u2028\u2029\u202a-\u202e\u2066-\u2069]", raw)


def test_the_data_is_the_text_to_the_letter(hostile_page: str) -> None:
    data = data_of(hostile_page)
    assert any(HOSTILE in row[6] and OVERRIDE in row[6] for row in data["clusters"])
    assert HOSTILE_PATH in data["paths"]


def test_lone_surrogates_do_not_keep_the_page_from_being_written() -> None:
    page = page_of(Source("a.txt", f"{PASSAGE}\ud800"), Source("b.txt", f"{PASSAGE}\ud800"))
    page.encode("utf-8")
    assert any("\ud800" in row[6] for row in data_of(page)["clusters"])


def test_the_same_result_gives_the_same_bytes(seeds_page: str) -> None:
    sources = read([SEEDS]).sources
    assert page_of(*reversed(sources)) == seeds_page


def test_nothing_of_this_machine_is_in_the_page(seeds_page: str) -> None:
    assert str(Path.cwd()) not in seeds_page
    assert str(SEEDS.parent) not in seeds_page


def test_every_reading_belongs_to_the_witness_that_has_it(seeds_page: str) -> None:
    inputs = read([SEEDS])
    texts = {source.path: source.text for source in inputs.sources}
    data = data_of(seeds_page)
    for _, _, _, _, _, _, canonical, witnesses, variants in data["clusters"]:
        for witness, (path, start, end, *_) in enumerate(witnesses):
            own, done = [], 0
            for at, to, text, others in (row[3:7] for row in variants):
                assert canonical[at:to] == text
                own += canonical[done:at], next((other for other, has, *_ in others if witness in has), text)
                done = to
            if variants:
                assert "".join([*own, canonical[done:]]) == texts[data["paths"][path]][start:end]


def test_a_page_without_sources_has_no_context_and_all_else() -> None:
    rows = data_of(page_of_result(*generated(3)))["clusters"]
    assert len(rows) == 3
    assert all(witness[8] == ["", ""] for row in rows for witness in row[7])


def test_blocks_say_where_a_reading_differs(seeds_page: str) -> None:
    seen = 0
    for row in data_of(seeds_page)["clusters"]:
        for text, others in (variant[5:7] for variant in row[8]):
            for other, _, *blocks in others:
                for block in blocks:
                    built, done = [], 0
                    for start, end, first, last in block:
                        built += text[done:start], other[first:last]
                        done = end
                    assert "".join([*built, text[done:]]) == other
                    seen += 1
    assert seen


def test_of_too_many_passages_those_in_doubt_and_the_longest_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    merged, manifest = generated(120)
    sure = tuple(replace(cluster, needs_review=n % 60 == 5) for n, cluster in enumerate(merged.clusters))
    monkeypatch.setattr(html, "SHOWN", 4)
    data = data_of(page_of_result(replace(merged, clusters=sure), manifest))
    assert [int(row[0], 16) for row in data["clusters"]] == [5, 65, 100, 101]  # those with the longest text in the end
    assert data["omitted"] == 116


def test_the_page_of_the_seeds_is_small(seeds_page: str) -> None:
    assert len(seeds_page.encode()) < 1_000_000


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("团结合作是国际社会战胜疫情最有力武器", "zh-Hans"),
        ("團結合作是國際社會戰勝疫情最有力武器", "zh-Hant"),
        ("習近平 2020年4月17日 COVID-19", "zh-Hant"),
        ("大きな川が山から流れてくる。", "ja"),
        ("강물은 산에서 흘러내린다", "ko"),
        ("แม่น้ำไหลลงมาจากภูเขา", "th"),
        ("النهر ينزل من الجبل", "und-Arab"),
        ("Река течёт с горы", "und-Cyrl"),
        ("The river runs down", "und-Latn"),
        ("2020 — 17", "und"),
        ("", "und"),
    ],
)
def test_a_language_is_guessed_from_the_letters(text: str, tag: str) -> None:
    assert language(text) == tag
    assert languages(["Река", text, text]) == ["und-Cyrl", tag, tag]


@given(st.lists(st.text("一ab\n ，e\u0301\u0308ﬁ각ᄀ\u1161\u11a8\r")))
def test_letters_of_many_texts_are_counted_as_those_of_each(texts: list[str]) -> None:
    assert letters_of(texts) == np.diff(fold(texts).starts).tolist()
