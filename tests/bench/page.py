"""The review page of many passages in a real browser: how long until it is there, and until the next passage is.

Usage: python tests/bench/page.py [PASSAGES]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from browser import Browser, generated, page_of_result, running

# From a key to the frame that shows what it did: the second of two frames begins when the first is painted.
PRESS = """key => new Promise(done => {
    const begun = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
})"""
SCROLL = """steps => new Promise(done => {
    const list = document.getElementById("list");
    const frames = [];
    let before = performance.now();
    const next = () => requestAnimationFrame(now => {
        frames.push(now - before);
        before = now;
        list.scrollTop += 240; // a quick turn of the wheel
        frames.length < steps ? next() : done(frames.slice(2));
    });
    next();
})"""
SEARCH = """text => new Promise(done => {
    const field = document.getElementById("query");
    const begun = performance.now();
    field.value = text;
    field.dispatchEvent(new Event("compositionend"));
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
})"""


class Clock:
    """The CPU time of a page's main thread, which other programs of this machine do not lengthen."""

    def __init__(self, tab: Any):
        self.session = tab.context.new_cdp_session(tab)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def __call__(self) -> float:
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def told(name: str, turns: list[tuple[float, float]]) -> None:
    """One line: the median and the worst of what passed, and the median of CPU time."""
    passed, busy = zip(*turns, strict=True)
    middle, worst, cpu = statistics.median(passed), max(passed), statistics.median(busy)
    print(f"{name:28} {middle:7.0f} ms, at most {worst:5.0f} ms; {cpu:6.0f} ms CPU")


def bench(passages: int) -> None:
    """Print what a page of so many passages takes."""
    begun = time.process_time()
    page = page_of_result(*generated(passages))
    made = time.process_time() - begun
    print(f"{passages:,} passages, {len(page.encode()) / 1e6:.1f} MB of page, made in {made:.1f} s CPU")
    with tempfile.TemporaryDirectory() as folder, running() as chromium:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        tab = Browser(chromium, Path(folder)).context().new_page()
        clock = Clock(tab)

        def turn(script: str, argument: Any = None) -> tuple[float, float]:
            before = clock()
            passed = float(tab.evaluate(script, argument))
            return passed, clock() - before

        before = clock()
        tab.goto(file.as_uri())
        paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? performance.now()"
        told("first paint", [(tab.evaluate(paint), clock() - before)])
        told("next passage (j)", [turn(PRESS, "j") for _ in range(30)])
        told("accept (a)", [turn(PRESS, "a") for _ in range(30)])
        before = clock()
        frames = tab.evaluate(SCROLL, 200)
        told("a frame of scrolling", [(frame, (clock() - before) / len(frames)) for frame in frames])
        told("search, the first time", [turn(SEARCH, "第77")])
        told("search, again", [turn(SEARCH, text) for text in ("第7", "一座桥", "第19", "x", "")])
        tab.click("#bulk")
        told("undo of accepting all", [turn(PRESS, "u")])


if __name__ == "__main__":
    bench(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
