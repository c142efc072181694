"""The review page: one file that needs nothing beside it, in which what stands in a source stays text."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from dedup.config import Settings
from dedup.engine.local import scan
from dedup.merge import Merged, merge
from dedup.model import Cluster, Reading, Relation, Source, Span, Status, Variant, VariantClass, Witness
from dedup.read import Inputs, read
from dedup.report.html import html
from dedup.report.language import language
from dedup.write import manifest_of

SEEDS = Path(__file__).parent.parent / "seeds"

HOSTILE = '</script><img src=x onerror="alert(1)"><!--<script>&lt;\'`${alert(2)}`'
OVERRIDE = "\u202e\u2066\u2067"
PASSAGE = f"河水从山上流下来，{HOSTILE}经过三千个村庄{OVERRIDE}，把泥沙带到东边的海里去\u2028，一年又一年没有停过。"
OTHER = PASSAGE.replace("三千", "<b>四千</b>")
HOSTILE_PATH = "</script><img src=x onerror=alert(3)>.txt"


def page_of(*sources: Source) -> str:
    inputs = Inputs(tuple(sorted(sources, key=lambda source: source.path)), (), ())
    corpus, matches = (found := scan(inputs.sources, Settings())).corpus, found.matches
    merged = merge(corpus, matches, Settings())
    return html(merged, manifest_of(merged, inputs, corpus, Settings()), inputs.sources)


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


def test_the_script_makes_no_markup_from_text() -> None:
    script = Path(__file__).parent.parent.joinpath("dedup/report/report.js").read_text(encoding="utf-8")
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|eval|Function\("
    assert not re.search(sinks + r"|fetch\(|XMLHttpRequest|import\(|Date|Math\.random|localStorage", script)


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
            for row in sorted(variants, key=lambda row: row[3:5]):
                at, to, text, readings = row[3:7]
                assert canonical[at:to] == text
                own += canonical[done:at], dict(readings).get(witness, text)
                done = to
            if variants:
                assert "".join([*own, canonical[done:]]) == texts[data["paths"][path]][start:end]


def test_a_page_without_sources_has_no_context_and_all_else() -> None:
    merged, manifest = generated(3)
    rows = data_of(html(merged, manifest))["clusters"]
    assert len(rows) == 3
    assert all(witness[-1] == ["", "", "", ""] for row in rows for witness in row[7])


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


# --------------------------------------------------------------------------- in a browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PLAYWRIGHT = importlib.util.find_spec("playwright") is not None
browsing = pytest.mark.skipif(
    not (CHROMIUM and PLAYWRIGHT),
    reason=f"needs {' and '.join(n for n, have in (('chromium', CHROMIUM), ('playwright', PLAYWRIGHT)) if not have)}",
)


QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Browser:
    """Opens pages; keeps what they say on the console and every address they ask for."""

    def __init__(self, chromium: Any, folder: Path):
        self.chromium, self.folder = chromium, folder
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.opened: set[str] = set()

    def open(self, page: str, *, width: int = 1400, height: int = 900, at: str = "") -> Any:
        file = self.folder / f"{hashlib.sha256(page.encode()).hexdigest()[:12]}.html"
        file.write_text(page, encoding="utf-8", newline="\n")
        tab = self.chromium.new_context(viewport={"width": width, "height": height}).new_page()
        tab.on("console", lambda message: self.complaints.append(message.text))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: self.requests.append(request.url))
        self.opened.add(file.as_uri())
        tab.goto(file.as_uri() + at)
        tab.wait_for_function("document.body.dataset.view !== undefined")
        return tab


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium: Any, tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(chromium, tmp_path)
    yield browser
    assert browser.complaints == []
    assert set(browser.requests) - {"data:,"} == browser.opened


@browsing
def test_the_page_shows_the_longest_passage_and_what_came_of_the_merge(browser: Browser, seeds_page: str) -> None:
    tab = browser.open(seeds_page)
    summary = tab.inner_text("#summary")
    assert "4 sources" in summary
    assert "72,915 characters" in summary
    assert "团结合作是国际社会战胜疫情最有力武器" in tab.inner_text("#text")
    assert tab.get_attribute("#text", "lang") == "zh-Hans"
    assert tab.locator('.row[aria-selected="true"]').count() == 1


@browsing
def test_passages_and_variants_are_chosen_by_keyboard(browser: Browser, seeds_page: str) -> None:
    tab = browser.open(seeds_page)
    chosen = '.row[aria-selected="true"]'
    assert tab.get_attribute(chosen, "aria-posinset") == "1"
    first = tab.inner_text("#text")
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    assert tab.get_attribute(chosen, "aria-posinset") == "3"
    assert tab.inner_text("#text") != first
    tab.keyboard.press("k")
    assert tab.get_attribute(chosen, "aria-posinset") == "2"
    tab.keyboard.press("n")
    assert tab.locator("#text .v.active").count() == tab.locator(".entry.active").count() == 1
    tab.keyboard.press("/")
    tab.keyboard.type("jk")
    assert tab.input_value("#query") == "jk"  # in the search, letters are letters
    tab.fill("#query", "习近平")
    tab.keyboard.press("Enter")
    before = tab.get_attribute(chosen, "aria-posinset")
    tab.keyboard.press("ArrowDown")
    assert tab.get_attribute(chosen, "aria-posinset") == str(int(before) + 1)


@browsing
def test_hostile_text_is_shown_to_the_letter(browser: Browser, hostile_page: str) -> None:
    tab = browser.open(hostile_page)
    shown = tab.inner_text("#text")
    assert HOSTILE in shown
    assert tab.locator("img, #text b, #text h1").count() == 0
    assert HOSTILE_PATH in tab.inner_text(".witnesses")
    for character in OVERRIDE:
        assert character not in tab.inner_text("body")
        assert f"U+{ord(character):04X}" in shown
    readings = "".join(text for row in data_of(hostile_page)["clusters"] for v in row[8] for _, text in v[6])
    assert "<b>" in readings
    for row in data_of(hostile_page)["clusters"]:
        if row[8]:
            tab = browser.open(hostile_page, at=f"#{row[0]}")
            assert "<b>" in tab.inner_text("#apparatus")
            for witness in range(len(row[7])):
                tab.select_option(".tools select", str(witness))
                assert HOSTILE in tab.inner_text("#text")
            assert tab.locator("img, #detail b:not(.siglum, .tag b)").count() == 0


@browsing
def test_a_passage_can_be_read_as_each_witness_has_it(browser: Browser, seeds_page: str) -> None:
    tab = browser.open(seeds_page)
    row = max(data_of(seeds_page)["clusters"], key=lambda row: row[3])
    readings = [(n, text, row_[5]) for row_ in row[8] for n, text in row_[6] if text and text != row_[5]]
    witness, text, _ = next(found for found in readings if found[1].strip())
    tab.select_option(".tools select", str(witness))
    assert tab.locator("#text ins").count() == len([found for found in readings if found[0] == witness])
    assert text.strip() in tab.inner_text("#text")


@browsing
def test_the_list_is_sifted_by_text_class_and_need_of_review(browser: Browser, seeds_page: str) -> None:
    rows = data_of(seeds_page)["clusters"]
    tab = browser.open(seeds_page)
    tab.click("#summary .check button")
    wanted = sum(any(variant[8] for variant in row[8]) for row in rows)
    tab.wait_for_selector(f".count:has-text('{wanted} of {len(rows)}')")
    tab.click("#summary .check button")
    tab.select_option('select[data-key="kind"]', "ocr")
    wanted = sum(any(variant[1] == "ocr" for variant in row[8]) for row in rows)
    tab.wait_for_selector(f".count:has-text('{wanted} of {len(rows)}')")
    tab.select_option('select[data-key="kind"]', "")
    tab.fill("#query", "ＣＯＶＩＤ nothing says this")
    tab.wait_for_selector(".nothing")


@browsing
def test_the_page_speaks_chinese_when_asked(browser: Browser, seeds_page: str) -> None:
    tab = browser.open(seeds_page)
    tab.click("button:has-text('中文')")
    assert tab.get_attribute("html", "lang") == "zh-Hans"
    assert "4 个来源" in tab.inner_text("#summary")
    assert "segmentation" not in tab.inner_text("#apparatus .label >> nth=1")


@browsing
@pytest.mark.parametrize("width", [400, 900])
def test_a_narrow_page_does_not_run_over_its_side(browser: Browser, seeds_page: str, width: int) -> None:
    tab = browser.open(seeds_page, width=width, height=800)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.click(".row >> nth=1")
    assert tab.is_visible("#text")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.click("#text .v >> nth=0")
    assert tab.is_visible("#card")  # the readings come to the foot of the screen


@browsing
def test_only_the_rows_in_sight_are_in_the_document(browser: Browser) -> None:
    tab = browser.open(html(*generated(20_000)))
    assert tab.inner_text(".count") == "20,000 of 20,000"
    assert tab.locator(".row").count() < 60
    tab.focus("#list")
    tab.keyboard.press("End")
    tab.wait_for_selector('.row[aria-posinset="20000"][aria-selected="true"]')
    assert tab.locator(".row").count() < 60


@browsing
def test_a_passage_has_an_address(browser: Browser, seeds_page: str) -> None:
    row = data_of(seeds_page)["clusters"][-1]
    tab = browser.open(seeds_page, at=f"#{row[0]}")
    assert row[0] in tab.inner_text("#passage .under")


@browsing
def test_positions_count_characters_and_not_utf_16(browser: Browser) -> None:
    merged, manifest = generated(1)
    (cluster,) = merged.clusters
    text = "😀𠀋" + cluster.text
    variant = replace(cluster.variants[0], at=(4, 5), text=text[4:5])
    tab = browser.open(html(replace(merged, clusters=(replace(cluster, text=text, variants=(variant,)),)), manifest))
    assert tab.inner_text("#text .v") == text[4:5]


@browsing
def test_an_empty_result_says_so(browser: Browser) -> None:
    tab = browser.open(page_of(Source("a.txt", "一段文字。\n")))
    assert "Nothing stands in more than one place." in tab.inner_text("#passage")


def generated(count: int) -> tuple[Merged, dict[str, Any]]:
    """A result of many clusters, put together without a merge."""
    clusters = tuple(map(_cluster, range(count)))
    newline = {"newline": "\n", "characters": 100, "bytes": 300, "encoding": "utf-8", "bom": False, "sha256": "0" * 64}
    manifest = {
        "schema": 1,
        "program": {"name": "dedup", "version": "0"},
        "settings": {},
        "inputs": [{"path": path, **newline} for path in ("a.txt", "b.txt")],
        "containers": [],
        "skipped": [],
        "counts": {
            **dict.fromkeys(("sources", "characters", "letters", "paragraphs", "needs_review"), count),
            **dict.fromkeys(("removed_characters", "corpus_characters"), count),
            "clusters": {"near": count},
            "witnesses": {"home": count, "removed": count},
            "variants": {"substantive": count},
        },
    }
    return Merged({}, (), clusters, (), ()), manifest


def _cluster(number: int) -> Cluster:
    name, text = f"{number:012x}", f"第{number}段文字，从前有一条河，河上有一座桥。"
    a, b = (Span(path, 100 * number, 100 * number + len(text)) for path in ("a.txt", "b.txt"))
    witnesses = (
        Witness(a, number + 1, 1.0, Status.HOME, ("lsh", "anchor")),
        Witness(b, number + 1, 0.9, Status.REMOVED, ("anchor",)),
    )
    variant = Variant(
        id=f"{name}.0",
        cluster=name,
        kind=VariantClass.SUBSTANTIVE,
        tags=(),
        at=(2, 3),
        text=text[2:3],
        readings=(Reading("b.txt", b.start + 2, b.start + 3, "×"),),
        context=(text[:2], text[3:9]),
        vote="1:1 base",
        needs_review=True,
        rule="letters-differ",
    )
    return Cluster(name, Relation.NEAR, text, a, 0.9, True, witnesses, (variant,))
