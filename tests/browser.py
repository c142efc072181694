"""A real browser that keeps what pages say and ask for, and results to show in it."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dedup.config import Settings
from dedup.engine.local import scan
from dedup.merge import Merged, merge
from dedup.model import Cluster, Reading, Relation, Source, Span, Status, Variant, VariantClass, Witness
from dedup.read import Inputs
from dedup.read.decode import restore_newlines
from dedup.report.html import html
from dedup.write import manifest_of

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = [
    name
    for name, have in (
        ("chromium", CHROMIUM),
        ("playwright", importlib.util.find_spec("playwright")),
        ("axe-playwright-python", importlib.util.find_spec("axe_playwright_python")),
    )
    if not have
]
browsing = pytest.mark.skipif(bool(MISSING), reason=f"needs {' and '.join(MISSING)}")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def running() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


class Browser:
    """Opens pages; keeps what they say on the console and every address they ask for."""

    def __init__(self, chromium: Any, folder: Path):
        self.chromium, self.folder = chromium, folder
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.opened: set[str] = set()

    def context(self, **settings: Any) -> Any:
        settings.setdefault("viewport", {"width": 1400, "height": 900})
        return self.chromium.new_context(locale="en-US", **settings)

    def open(self, page: str, *, at: str = "", context: Any = None, **settings: Any) -> Any:
        file = self.folder / f"{hashlib.sha256(page.encode()).hexdigest()[:12]}.html"
        file.write_text(page, encoding="utf-8", newline="\n")
        return self.go(file.as_uri(), at=at, context=context, **settings)

    def go(self, address: str, *, at: str = "", context: Any = None, **settings: Any) -> Any:
        tab = (context or self.context(**settings)).new_page()
        tab.on("console", lambda message: self.complaints.append(message.text))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: self.requests.append(request.url))
        self.opened.add(address)
        tab.goto(address + at)
        tab.wait_for_selector("body[data-view]", state="attached")
        return tab

    def check(self) -> None:
        """Nothing was complained of, and nothing fetched but the pages that were opened and what lies below them."""
        assert self.complaints == []
        below = ("data:", "blob:", *(address for address in self.opened if address.endswith("/")))
        fetched = {address.partition("?")[0] for address in self.requests if not address.startswith(below)}
        assert fetched <= self.opened, fetched - self.opened


def page_of(*sources: Source, decisions: tuple[dict[str, Any], ...] = ()) -> str:
    """The review page of what a merge of `sources` gives."""
    inputs = Inputs(tuple(sorted(sources, key=lambda source: source.path)), (), ())
    found = scan(inputs.sources, Settings())
    merged = merge(found.corpus, found.matches, Settings())
    texts = {source.path: restore_newlines(source.text, source.newline) for source in sources}
    manifest = manifest_of(merged, inputs, found.corpus, Settings())
    return html(merged.clusters, merged.removals, manifest, texts, decisions)


def page_of_result(merged: Merged, manifest: dict[str, Any]) -> str:
    """The review page of a result that was put together without a merge."""
    return html(merged.clusters, merged.removals, manifest)


def generated(count: int) -> tuple[Merged, dict[str, Any]]:
    """A result of many clusters, put together without a merge."""
    clusters = tuple(map(_cluster, range(count)))
    newline = {"newline": "\n", "characters": 100 * count, "bytes": 300, "encoding": "utf-8", "bom": False}
    manifest = {
        "schema": 1,
        "program": {"name": "dedup", "version": "0"},
        "settings": {},
        "inputs": [{"path": path, "sha256": f"{count:064x}", **newline} for path in ("a.txt", "b.txt")],
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
        Witness(a, number + 1, 1.0, Status.HOME, ("lsh", "anchor"), name),
        Witness(b, number + 1, 0.9, Status.REMOVED, ("anchor",), f"{number + (1 << 40):012x}"),
    )
    variant = Variant(
        id=f"{name}.{number:08x}",
        cluster=name,
        kind=VariantClass.SUBSTANTIVE,
        tags=(),
        at=(2, 3),
        text=text[2:3],
        readings=(Reading("b.txt", b.start + 2, b.start + 3, "×", 1),),
        context=(text[:2], text[3:9]),
        vote="1:1 base",
        needs_review=True,
        rule="letters-differ",
    )
    return Cluster(name, Relation.NEAR, text, a, 0.9, True, witnesses, (variant,))
