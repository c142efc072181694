"""The review page in a real browser: looked at, walked by keyboard, decided in, and its decisions taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, browsing, generated, page_of, page_of_result, running
from click.testing import CliRunner
from test_report_html import HOSTILE, HOSTILE_PATH, OTHER, OVERRIDE, PASSAGE, data_of

from dedup.cli import main
from dedup.decisions import read_decisions, write_decisions
from dedup.model import Source
from dedup.read import read
from dedup.report.html import html

pytestmark = browsing

SEEDS = Path(__file__).parent.parent / "seeds"
CHOSEN = '.row[aria-selected="true"]'


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with running() as browser:
        yield browser


@pytest.fixture
def browser(chromium: Any, tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(chromium, tmp_path)
    yield browser
    browser.check()


@pytest.fixture(scope="module")
def seeds_page() -> str:
    return page_of(*read([SEEDS]).sources)


@pytest.fixture(scope="module")
def many_page() -> str:
    return page_of_result(*generated(6_000))


def rows_of(page: str) -> list[list[Any]]:
    rows: list[list[Any]] = data_of(page)["clusters"]
    return rows


def longest(page: str) -> list[Any]:
    return max(rows_of(page), key=lambda row: row[3])


def press(tab: Any, keys: str) -> None:
    for key in keys.split():
        tab.keyboard.press(key)


def taken_away(tab: Any, folder: Path) -> Path:
    """The decisions file that the page gives."""
    with tab.expect_download() as download:
        tab.click("#save")
    assert download.value.suggested_filename == "decisions.jsonl"
    file = folder / "decisions.jsonl"
    download.value.save_as(file)
    return file


def decided(tab: Any, folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in taken_away(tab, folder).read_text(encoding="utf-8").splitlines()]


# --------------------------------------------------------------------------- looking


def test_the_overview_comes_first_and_says_what_came_in_and_what_left(browser: Browser, seeds_page: str) -> None:
    tab = browser.open(seeds_page)
    shown = tab.inner_text("#passage")
    counts = data_of(seeds_page)["manifest"]["counts"]
    assert "4 sources" in shown
    assert f"{counts['characters']:,} characters" in shown
    assert f"{counts['removed_characters']:,} characters" in shown
    assert tab.locator(".map .cell").count() >= 8
    for kind, count in counts["variants"].items():
        assert tab.locator(f'.bars li:has([data-value="{kind}"]) b').inner_text() == f"{count:,}"


def test_a_pair_of_sources_has_a_dot_plot_in_which_what_moved_is_marked(browser: Browser) -> None:
    parts = [
        "河水从山上流下来，经过三千个村庄，把泥沙带到东边的海里去。",
        "山里人家种茶为生，春天采了新叶，夏天就挑到城中集市上卖。",
        "城中有一座旧书店，店主人年过七十，每天清早便开门迎接客人。",
        "铁路修通以后，运货的车队少了，河岸上的客栈一家接一家关张。",
        "海边的渔民说，从前鱼多得数不清，如今出海三天也只够吃一顿。",
    ]
    extra = ["另外一段话，说的是完全不同的事情，没有人抄过它。", "这里写的是第二件事情，与上面全无关系，只此一处。"]
    moved = [parts[4], extra[0], parts[0], extra[1], parts[1], parts[2], parts[3]]
    tab = browser.open(page_of(Source("a.txt", "\n\n".join(parts)), Source("b.txt", "\n\n".join(moved))))
    tab.click('.map .cell[data-pair="0-1"]')
    assert tab.locator(".dots .segment.ordered").count() >= 1
    assert tab.locator(".dots .segment.moved").count() == 1
    tab.click("#dots details summary")
    tab.click("#dots details button")
    assert "海边的渔民说" in tab.inner_text("#text")
    assert "pair=0-1" in tab.url


def test_passages_and_variants_are_walked_by_keyboard(browser: Browser, seeds_page: str) -> None:
    tab = browser.open(seeds_page)
    press(tab, "j")
    assert tab.get_attribute(CHOSEN, "aria-posinset") == "1"
    first = tab.inner_text("#text")
    press(tab, "j j")
    assert tab.get_attribute(CHOSEN, "aria-posinset") == "3"
    assert tab.get_attribute(CHOSEN, "aria-setsize") == str(len(rows_of(seeds_page)))
    assert tab.inner_text("#text") != first
    press(tab, "k")
    assert tab.get_attribute(CHOSEN, "aria-posinset") == "2"
    press(tab, "n")
    assert tab.locator("#text .v.active").count() == tab.locator("#apparatus .entry.active").count() == 1
    press(tab, "/")
    tab.keyboard.type("jk")
    assert tab.input_value("#query") == "jk"  # in the search, letters are letters
    tab.fill("#query", "习近平")
    press(tab, "Enter")
    before = int(tab.get_attribute(CHOSEN, "aria-posinset"))
    press(tab, "ArrowDown")
    assert tab.get_attribute(CHOSEN, "aria-posinset") == str(before + 1)
    press(tab, "?")
    assert "take that witness's reading" in tab.inner_text("#sheet")
    press(tab, "j Escape o")
    assert tab.locator(".overview").count() == 1


def test_everything_is_reached_by_tab(browser: Browser, seeds_page: str) -> None:
    tab = browser.open(seeds_page, at=f"#passage={longest(seeds_page)[0]}")
    reached = set()
    for _ in range(60):
        press(tab, "Tab")
        reached.add(tab.evaluate("(e => e.id || e.className || e.tagName)(document.activeElement)"))
    assert {"query", "list", "passage", "home", "save", "act accept", "as", "note", "by", "quiet"} <= reached


def test_every_reading_is_shown_letter_by_letter_under_the_text(browser: Browser, seeds_page: str) -> None:
    row = next(row for row in rows_of(seeds_page) if row[8] and len(row[6]) < 300 and row[3] > 60)
    tab = browser.open(seeds_page, at=f"#passage={row[0]}&hide=-")
    texts = {source.path: source.text for source in read([SEEDS]).sources}
    paths = data_of(seeds_page)["paths"]
    for number, (path, start, end, *_) in enumerate(row[7]):
        if tab.locator(f'[data-witness="{number}"] .same').count():
            tab.click(f'[data-witness="{number}"] button[data-of="Whole text"]')
        shown = tab.evaluate(
            """number => { const words = document.querySelector(`[data-witness="${number}"] .words`).cloneNode(true);
               for (const gone of words.querySelectorAll("del, .chip")) gone.remove(); return words.textContent; }""",
            number,
        )
        assert "".join(shown.split()) == "".join(texts[paths[path]][start:end].split())


def test_what_stands_around_a_witness_is_shown_on_demand(browser: Browser, seeds_page: str) -> None:
    row = next(row for row in rows_of(seeds_page) if row[7][1][8][0].strip())
    tab = browser.open(seeds_page, at=f"#passage={row[0]}")
    around = "".join(row[7][1][8][0].split())
    where = '[data-witness="1"]'
    assert around not in "".join(tab.inner_text(where).split())
    tab.click(f"{where} button:has-text('Context')")
    assert around in "".join(tab.inner_text(where).split())


def test_a_passage_can_be_read_as_each_witness_has_it(browser: Browser, seeds_page: str) -> None:
    row = longest(seeds_page)
    others = [(witness, text) for variant in row[8] for text, has, *_ in variant[6] for witness in has if text]
    witness, text = next(found for found in others if found[1].strip())
    tab = browser.open(seeds_page, at=f"#passage={row[0]}&hide=-")
    tab.select_option("#as", str(witness))
    assert tab.locator("#text ins").count() >= len([found for found in others if found[0] == witness])
    assert text.strip() in tab.inner_text("#text")


def test_the_table_has_a_column_for_each_version(browser: Browser) -> None:
    merged, manifest = generated(1)
    (cluster,) = merged.clusters
    four = tuple(cluster.witnesses[1]._replace(line=n + 1, key=f"{n:012x}") for n in range(4))
    (reading,) = cluster.variants[0].readings
    readings = tuple(reading._replace(witness=n, text=text) for n, text in ((1, "西"), (2, "南"), (3, "西")))
    versions = replace(cluster, witnesses=four, variants=(cluster.variants[0]._replace(readings=readings),))
    tab = browser.open(page_of_result(replace(merged, clusters=(versions,)), manifest))
    press(tab, "j t")
    assert tab.locator(".alignment thead th").all_text_contents()[1:] == ["A", "BD", "C"]
    assert [cell[-1] for cell in tab.locator(".alignment tr[data-number] td").all_inner_texts()] == ["段", "西", "南"]
    assert "view=table" in tab.url


def test_the_list_is_filtered_by_each_trait_and_the_address_keeps_it(browser: Browser, seeds_page: str) -> None:
    rows, paths = rows_of(seeds_page), data_of(seeds_page)["paths"]
    tab = browser.open(seeds_page)
    press(tab, "f")
    for name, value, fits in (
        ("review", "yes", lambda row: any(variant[8] for variant in row[8])),
        ("kind", "ocr", lambda row: any(variant[1] == "ocr" for variant in row[8])),
        ("relation", "contained", lambda row: row[1] == "contained"),
        ("source", "2", lambda row: any(witness[0] == 2 for witness in row[7])),
        ("similarity", "1-", lambda row: all(witness[4] == 1 for witness in row[7])),
        ("length", "50-200", lambda row: 50 <= row[3] < 200),
        ("decided", "no", lambda row: True),
    ):
        tab.select_option(f'select[data-key="{name}"]', value)
        assert tab.inner_text("#count") == f"{sum(map(fits, rows))} of {len(rows)}", name
        tab.select_option(f'select[data-key="{name}"]', "")
    tab.select_option('select[data-key="source"]', "2")
    tab.select_option('select[data-key="order"]', "size")
    tab.fill("#query", "疫情")
    tab.wait_for_url("**q=*")
    shown = tab.inner_text("#count")
    tab.reload()
    assert tab.inner_text("#count") == shown
    assert tab.input_value("#query") == "疫情"
    assert tab.input_value('select[data-key="source"]') == "2"
    assert paths[2] in tab.text_content('select[data-key="source"]')
    tab.fill("#query", "ＣＯＶＩＤ nothing says this")
    tab.wait_for_selector(".nothing")


def test_only_the_rows_in_sight_are_in_the_document(browser: Browser, many_page: str) -> None:
    tab = browser.open(many_page)
    assert tab.inner_text("#count") == "6,000 of 6,000"
    assert tab.locator(".row").count() < 60
    tab.focus("#list")
    press(tab, "End")
    tab.wait_for_selector('.row[aria-posinset="6000"][aria-setsize="6000"][aria-selected="true"]')
    assert tab.locator(".row").count() < 60


def test_the_page_speaks_chinese_when_asked(browser: Browser, seeds_page: str) -> None:
    tab = browser.open(seeds_page, at="?lang=zh")
    assert tab.get_attribute("html", "lang") == "zh-Hans"
    assert "4 个来源" in tab.inner_text("#passage")
    assert "substantive" not in tab.inner_text("body")
    press(tab, "j")
    assert tab.get_attribute("#text", "lang") == "zh-Hans"
    tab.click("button:has-text('English')")
    assert tab.get_attribute("html", "lang") == "en"
    assert "Variants" in tab.inner_text("#apparatus")
    tab.reload()
    assert tab.get_attribute("html", "lang") == "en"


@pytest.mark.parametrize("width", [400, 900])
def test_a_narrow_page_does_not_run_over_its_side(browser: Browser, seeds_page: str, width: int) -> None:
    def overrun() -> int:
        return int(tab.evaluate("document.documentElement.scrollWidth")) - width

    tab = browser.open(seeds_page, viewport={"width": width, "height": 800})
    assert overrun() <= 0
    tab.click(".row >> nth=1")
    assert tab.is_visible("#text")
    assert overrun() <= 0
    tab.click("#text .v >> nth=0")
    assert tab.is_visible("#card")  # the readings come to the foot of the screen
    tab.click("#card .take >> nth=0")
    assert tab.locator("#text .v.decided").count() == 1
    press(tab, "t")
    assert overrun() <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(browser: Browser, seeds_page: str, scheme: str) -> None:
    from axe_playwright_python.base import AXE_FILE_PATH

    context = browser.context(color_scheme=scheme, bypass_csp=True)
    tab = browser.open(seeds_page, context=context)
    tab.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    rules = "{ resultTypes: ['violations'] }" if scheme == "light" else "{ runOnly: ['color-contrast'] }"

    def violations() -> list[str]:
        found = tab.evaluate(f"axe.run({rules})")["violations"]
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
        ]

    assert violations() == []
    tab.click('.map .cell[data-pair="0-2"]')
    press(tab, "f")
    assert violations() == []
    tab.click(".row >> nth=1")
    press(tab, "Escape n 1 e")
    assert violations() == []
    press(tab, "Escape t x")
    assert violations() == []


# --------------------------------------------------------------------------- text that means harm


@pytest.fixture(scope="module")
def hostile_page() -> str:
    return page_of(
        Source("a.txt", f"{PASSAGE}\n"),
        Source("b.txt", f"<h1>{OTHER}</h1>\n", newline="\r\n"),
        Source(HOSTILE_PATH, f"{PASSAGE}\n"),
    )


def test_hostile_text_is_shown_to_the_letter(browser: Browser, hostile_page: str) -> None:
    for row in rows_of(hostile_page):
        tab = browser.open(hostile_page, at=f"#passage={row[0]}")
        assert HOSTILE in tab.inner_text("#text")
        assert HOSTILE_PATH in tab.inner_text("#witnesses") or len(row[7]) < 3
        for character in OVERRIDE:
            assert character not in tab.inner_text("body")
            assert f"U+{ord(character):04X}" in tab.inner_text("#text")
        if row[8]:
            assert "<b>" in tab.inner_text("#apparatus")
            for witness in range(len(row[7])):
                tab.select_option("#as", str(witness))
                assert HOSTILE in tab.inner_text("#text")
            press(tab, "t")
            assert "<b>" in tab.inner_text(".alignment")
        assert tab.locator("img, #detail b:not(.siglum, .tag b), #detail h1").count() == 0


def test_a_nul_is_named_and_a_megabyte_is_shown_in_part(browser: Browser) -> None:
    merged, manifest = generated(2)
    long = replace(merged.clusters[0], text="\0" + "从前有一座山，" * 150_000)
    variant = long.variants[0]._replace(
        at=(1_000_000, 1_000_000),
        text="",
        readings=(long.variants[0].readings[0]._replace(text="庙" * 500_000),),
    )
    long = replace(long, variants=(variant,))
    tab = browser.open(page_of_result(replace(merged, clusters=(long, merged.clusters[1])), manifest))
    press(tab, "j")
    assert tab.inner_text("#text").startswith("U+0000")
    assert len(tab.text_content("main")) < 60_000
    press(tab, "n")  # the variant stands behind what is shown
    assert tab.locator("#text .v.active").count() == 1
    assert len(tab.text_content("#text")) > 1_000_000


def test_two_hundred_witnesses_are_no_burden(browser: Browser) -> None:
    merged, manifest = generated(1)
    (cluster,) = merged.clusters
    many = tuple(cluster.witnesses[1]._replace(line=n + 1, key=f"{n:012x}") for n in range(200))
    readings = tuple(cluster.variants[0].readings[0]._replace(witness=n, text=f"×{n % 7}") for n in range(1, 200))
    big = replace(cluster, witnesses=many, variants=(cluster.variants[0]._replace(readings=readings),))
    tab = browser.open(page_of_result(replace(merged, clusters=(big,)), manifest))
    press(tab, "j")
    assert tab.locator(".witness").count() == 30
    tab.click("#witnesses .more")
    assert tab.locator(".witness").count() == 200
    assert tab.locator(".entry .reading").count() == 8
    press(tab, "t")
    assert tab.locator(".alignment thead th").count() == 9


def test_positions_count_characters_and_not_utf_16(browser: Browser) -> None:
    merged, manifest = generated(1)
    (cluster,) = merged.clusters
    text = "😀𠀋" + cluster.text
    variant = cluster.variants[0]._replace(at=(4, 5), text=text[4:5])
    tab = browser.open(
        page_of_result(replace(merged, clusters=(replace(cluster, text=text, variants=(variant,)),)), manifest)
    )
    press(tab, "j")
    assert tab.inner_text("#text .v") == text[4:5]


def test_an_empty_result_says_so(browser: Browser) -> None:
    tab = browser.open(page_of(Source("a.txt", "一段文字。\n")))
    assert "Nothing stands in more than one place." in tab.inner_text("#passage")
    press(tab, "j n a x 1 e s m u")  # nothing to decide breaks nothing


# --------------------------------------------------------------------------- deciding


def test_a_passage_is_accepted_kept_or_left_and_the_next_one_comes(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(page_of_result(*generated(5)))
    press(tab, "j a x l")
    assert tab.get_attribute(CHOSEN, "aria-posinset") == "4"
    assert "2 of 5 decided" in tab.inner_text("#progress")
    names = [f"{n:012x}" for n in range(3)]
    rows = decided(tab, tmp_path)
    assert [(row["cluster"], row["verdict"]) for row in rows] == list(
        zip(names, ("merge", "keep", "skip"), strict=True)
    )


def test_a_mouse_that_lies_on_a_variant_does_not_choose_it(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(page_of_result(*generated(2)))
    press(tab, "j")
    tab.hover("#text .v")
    assert tab.locator("#apparatus .entry.shown").count() == 1
    press(tab, "a")
    (row,) = decided(tab, tmp_path)
    assert "variant" not in row


def test_a_digit_takes_that_witness_s_reading(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(page_of_result(*generated(2)))
    press(tab, "j n 2")
    assert tab.locator("#text del").inner_text() == "段"
    assert tab.locator("#text ins").inner_text() == "×"
    press(tab, "j 1")  # the only variant there is
    first, second = decided(tab, tmp_path)
    assert first == {"cluster": f"{0:012x}", "variant": f"{0:012x}.{0:08x}", "verdict": "reading", "text": "×"}
    assert second["verdict"] == "merge"
    assert second["variant"] == f"{1:012x}.{1:08x}"


def test_a_digit_takes_all_readings_of_a_witness_when_no_variant_is_chosen(
    browser: Browser, seeds_page: str, tmp_path: Path
) -> None:
    row = longest(seeds_page)
    tab = browser.open(seeds_page, at=f"#passage={row[0]}&hide=-")
    press(tab, "1")
    taken = {line["variant"]: line.get("text") for line in decided(tab, tmp_path)}
    assert len(taken) == len(row[8])  # layout too, because it is shown
    assert taken == {v[0]: next((text for text, has, *_ in v[6] if 0 in has), None) for v in row[8]}
    press(tab, "u")
    assert decided(tab, tmp_path) == []


def test_a_reading_is_edited_with_an_input_method(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(page_of_result(*generated(2)))
    press(tab, "j n e")
    assert tab.evaluate("document.activeElement.id") == "own"
    session = tab.context.new_cdp_session(tab)
    press(tab, "Control+a Delete")
    session.send("Input.imeSetComposition", {"text": "qiao", "selectionStart": 4, "selectionEnd": 4})
    # the Enter that ends a composition decides nothing
    composing = "new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })"
    tab.evaluate(f"document.getElementById('own').dispatchEvent({composing})")
    assert tab.locator("#own").count() == 1
    session.send("Input.insertText", {"text": "乔木"})
    assert tab.input_value("#own") == "乔木"
    press(tab, "Enter")
    assert tab.locator("#own").count() == 0
    assert tab.inner_text("#text .v ins") == "乔木"
    (row,) = decided(tab, tmp_path)
    assert (row["verdict"], row["text"]) == ("reading", "乔木")


def test_keys_rest_while_something_is_typed_or_composed(browser: Browser) -> None:
    tab = browser.open(page_of_result(*generated(3)))
    press(tab, "j")
    tab.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', isComposing: true, bubbles: true }))"
    )
    tab.focus("#note")
    tab.keyboard.type("axu 1?")
    press(tab, "Control+j")
    assert tab.input_value("#note") == "axu 1?"
    assert "0 of 3 decided" in tab.inner_text("#progress")
    assert tab.get_attribute(CHOSEN, "aria-posinset") == "1"


def test_marked_witnesses_are_split_off(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(page_of_result(*generated(2)))
    press(tab, "j s")
    assert "Mark the witnesses" in tab.inner_text("#toast")
    press(tab, "m 2 s")
    assert tab.locator(".witness.out").count() == 1
    (row,) = decided(tab, tmp_path)
    assert (row["verdict"], row["exclude"]) == ("split", [f"{1 << 40:012x}"])
    assert row["seen"] == [f"{0:012x}", f"{1 << 40:012x}"]


def test_every_decision_is_undone_step_by_step(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(page_of_result(*generated(3)))
    press(tab, "j n 2 e")
    tab.fill("#own", "")
    press(tab, "Enter a x")  # an omission, accepted, and the passage kept
    assert len(decided(tab, tmp_path)) == 2
    press(tab, "u u u")
    assert [row["text"] for row in decided(tab, tmp_path)] == ["×"]
    press(tab, "u")
    assert decided(tab, tmp_path) == []
    press(tab, "u")
    assert "nothing to undo" in tab.inner_text("#toast")


def test_all_that_the_filter_shows_is_accepted_at_once_and_undone_at_once(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(page_of_result(*generated(12)), at="#order=place")
    press(tab, "j x")
    tab.fill("#query", "第1")
    tab.wait_for_selector("#bulk:has-text('Accept all 3 shown')")
    tab.click("#bulk")
    assert "3 passages accepted" in tab.inner_text("#toast")
    assert tab.is_hidden("#bulk")
    assert [row["verdict"] for row in decided(tab, tmp_path)] == ["keep", "merge", "merge", "merge"]
    press(tab, "Escape u")
    assert [row["verdict"] for row in decided(tab, tmp_path)] == ["keep"]


def test_name_and_note_go_with_a_decision(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(page_of_result(*generated(2)))
    press(tab, "j")
    tab.fill("#by", "王‌编")
    tab.fill("#note", '见"初版"\\第3页')
    tab.click(".act.reject")
    tab.fill("#note", "查过了")
    press(tab, "Tab")
    (row,) = decided(tab, tmp_path)
    assert (row["verdict"], row["by"], row["note"]) == ("keep", "王‌编", "查过了")


def test_decisions_and_place_survive_a_reload_and_another_tab(browser: Browser, tmp_path: Path) -> None:
    context = browser.context()
    page = page_of_result(*generated(4))
    tab = browser.open(page, context=context)
    other = browser.open(page, context=context)
    press(tab, "j a n 2")
    other.wait_for_selector("#progress:has-text('2 of 4')")
    press(other, "j j j x")  # the third; neither tab loses the other's
    tab.wait_for_selector("#progress:has-text('3 of 4')")
    before = decided(tab, tmp_path)
    tab.reload()
    assert decided(tab, tmp_path) == before
    assert len(before) == 3
    assert tab.get_attribute(CHOSEN, "id") == "row-1"
    assert tab.inner_text("#text ins") == "×"


def test_what_was_decided_before_is_shown_and_not_lost(browser: Browser, tmp_path: Path) -> None:
    merged, manifest = generated(3)
    known = [
        {"cluster": f"{0:012x}", "verdict": "keep", "by": "Li", "note": "二"},
        {"cluster": f"{1 + (1 << 40):012x}", "verdict": "merge"},  # the second, called by its other witness
        {"cluster": "f" * 12, "verdict": "merge"},  # of a passage that is gone
    ]
    page = html(merged.clusters, merged.removals, manifest, None, known)
    tab = browser.open(page, at=f"#order=place&passage={0:012x}")
    assert "2 of 3 decided" in tab.inner_text("#progress")
    assert "kept both · Li" in tab.inner_text("#actions .verdict")
    assert tab.input_value("#note") == "二"
    assert decided(tab, tmp_path) == known
    press(tab, "j x")
    (row,) = [row for row in decided(tab, tmp_path) if row["cluster"] == known[1]["cluster"]]
    assert row["verdict"] == "keep"


def test_a_witness_that_came_after_the_decision_opens_it_again(browser: Browser) -> None:
    merged, manifest = generated(2)
    known = [
        {"cluster": cluster.id, "verdict": "merge", "seen": [witness.key for witness in cluster.witnesses[: 2 - n]]}
        for n, cluster in enumerate(merged.clusters)
    ]
    page = html(merged.clusters, merged.removals, manifest, None, known)
    tab = browser.open(page, at=f"#order=place&passage={1:012x}")
    assert "1 of 2 decided" in tab.inner_text("#progress")
    assert "new since" in tab.inner_text('[data-witness="1"]')
    press(tab, "a")
    assert "2 of 2 decided" in tab.inner_text("#progress")


def test_the_file_is_the_one_that_the_program_writes(browser: Browser, seeds_page: str, tmp_path: Path) -> None:
    tab = browser.open(seeds_page, at=f"#passage={longest(seeds_page)[0]}&hide=-")
    press(tab, "1 j a j x j m 1 s j l j e")
    if tab.locator("#own").count():
        tab.fill("#own", '换"行\\与\t制表\u2028符\u0001𠀋')
        press(tab, "Enter")
    file = taken_away(tab, tmp_path)
    again = tmp_path / "again.jsonl"
    write_decisions(again, read_decisions(file))
    assert again.read_bytes() == file.read_bytes()
    assert len(file.read_bytes().splitlines()) > 100


def test_what_is_decided_in_the_report_is_in_the_corpus_after_the_next_merge(browser: Browser, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    river = "河水从山上流下来，经过三千个村庄，把泥沙带到东边的海里去，一年又一年没有停过，河上有一座古老的石桥。"
    for name, number in (("a", "三千"), ("b", "四千")):
        (texts / f"{name}.txt").write_text(river.replace("三千", number) + "\n", encoding="utf-8")

    def merge(out: str, *more: str) -> str:
        done = CliRunner().invoke(main, ["merge", str(texts), "-o", str(tmp_path / out), "-q", *more])
        assert done.exit_code == 0, done.output
        return "".join(file.read_text(encoding="utf-8") for file in (tmp_path / out / "corpus").iterdir())

    before = merge("before")
    tab = browser.go((tmp_path / "before" / "report.html").as_uri())
    other = "四千" if "三千" in before else "三千"
    press(tab, "j n")
    tab.click(f".entry .reading:has(ins:text-is('{other[0]}')) .take")
    file = taken_away(tab, tmp_path)
    assert merge("after", "--decisions", str(file)) == before.replace("三千", other).replace("四千", other)
    tab = browser.go((tmp_path / "after" / "report.html").as_uri())
    assert "1 of 1 decided" in tab.inner_text("#progress")
    assert tab.locator("#toast").is_hidden()
