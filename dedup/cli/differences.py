"""Comparisons of texts -> words for a terminal: only the differences that matter, each where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from dedup.cli.terminal import Cell, Paint, Run, grid, in_brackets, marked, seen, shortened, table
from dedup.compare import Alone, Comparison, Parallel
from dedup.corpus import Corpus
from dedup.model import Cluster, Span, Variant, VariantClass
from dedup.position import Lines

LAYOUT = frozenset({VariantClass.SEGMENTATION, VariantClass.WHITESPACE, VariantClass.WIDTH, VariantClass.MARKUP})
"""Classes of differences that are counted but shown only when they are asked for."""

_TEXT = 40  # characters of a stretch that only one text has
_MOST = 20  # such stretches that are listed
_AROUND = 16  # characters on both sides of differences that stand side by side
_NARROW = 8  # columns that a reading needs at least to have one of its own


@dataclass(frozen=True, slots=True)
class Look:
    """How it is to look. `width`: columns of the terminal, None where there is none. `every`: layout, too."""

    paint: Paint
    width: int | None
    every: bool


def matters(variant: Variant, every: bool) -> bool:
    """Whether a difference is shown."""
    return every or variant.needs_review or variant.kind not in LAYOUT


def pair(corpus: Corpus, found: Comparison, a: int, b: int, look: Look, *, beside: bool) -> Iterator[str]:
    """Two texts: their differences passage by passage, how many there are, and what only one has."""
    paint = look.paint
    yield paint.red(f"--- {corpus.sources[a].path}") + "\n"
    yield paint.green(f"+++ {corpus.sources[b].path}") + "\n\n"
    for parallel in found.parallels:
        shown = [variant for variant in parallel.variants if matters(variant, look.every)]
        if shown:
            places = f"lines {_range(corpus.lines[a], parallel.a)} = {_range(corpus.lines[b], parallel.b)}"
            size = f"{parallel.letters:,} letters"
            yield paint.bold(f"{parallel.relation} {parallel.similarity:.4f}") + f"  {places}  {size}\n"
            yield from (_beside if beside else _inline)(corpus, parallel, shown, (a, b), look)
            yield "\n"
    yield from _counts([v for of in found.parallels for v in of.variants], len(found.parallels), look, "both")
    yield from _only(corpus, a, found.only_a, paint.red("Only in A"), look)
    yield from _only(corpus, b, found.only_b, paint.green("Only in B"), look)


def _inline(
    corpus: Corpus, parallel: Parallel, shown: Sequence[Variant], pair: tuple[int, int], look: Look
) -> Iterator[str]:
    """A line a difference, what either has in one text."""
    rows: list[list[Cell]] = []
    for variant in shown:
        lines = [_line(corpus.lines[of], reading.start) for of, reading in zip(pair, variant.readings, strict=True)]
        one, two = (reading.text for reading in variant.readings)
        rows.append([*lines, _named(variant), marked(variant.context, one, two, look.paint)])
    yield grid(rows, right={0, 1}, flexible=(3,), width=look.width)


def _beside(
    corpus: Corpus, parallel: Parallel, shown: Sequence[Variant], pair: tuple[int, int], look: Look
) -> Iterator[str]:
    """The two texts in two columns, differences that are near each other together."""
    paint = look.paint
    marks = (("[-", "-]", paint.red), ("{+", "+}", paint.green))
    digits = max(len(_line(corpus.lines[of], r.start)) for v in shown for of, r in zip(pair, v.readings, strict=True))
    for near in _near(corpus, shown, pair):
        yield "  " + paint.dim(", ".join(name for name, _ in groupby(map(_named, near)))) + "\n"
        row: list[Cell] = []
        for side, (of, span) in enumerate(zip(pair, (parallel.a, parallel.b), strict=True)):
            lines, text = corpus.lines[of], corpus.sources[of].text
            spans = [(lines.inner(v.readings[side].start), lines.inner(v.readings[side].end)) for v in near]
            low, high = max(lines.inner(span.start), spans[0][0] - _AROUND), spans[-1][1] + _AROUND
            cell: list[Run] = []
            done = low
            opening, closing, colour = marks[side]
            for start, end in spans:
                mark = f"{opening}{seen(text[start:end])}{closing}" if start < end else "‸"
                cell += Run(seen(text[done:start])), Run(mark, colour)
                done = end
            cell.append(Run(seen(text[done : min(lines.inner(span.end), high)])))
            row += _line(lines, near[0].readings[side].start).rjust(digits), cell, "│"
        yield grid([row[:-1]], flexible=(1, 4), width=look.width or 120, even=True)


def _near(corpus: Corpus, shown: Sequence[Variant], pair: tuple[int, int]) -> Iterator[list[Variant]]:
    """Differences in order, those together of which what stands around them would overlap."""
    lines = corpus.lines[pair[0]]
    group: list[Variant] = []
    for variant in shown:
        if group and lines.inner(variant.readings[0].start) - lines.inner(group[-1].readings[0].end) > 2 * _AROUND:
            yield group
            group = []
        group.append(variant)
    if group:
        yield group


def many(corpus: Corpus, clusters: Sequence[Cluster], order: Sequence[int], look: Look) -> Iterator[str]:
    """More than two texts: a table a passage, what the first text there has and what each other has instead."""
    paint = look.paint
    sigla = {corpus.sources[source].path: _siglum(number) for number, source in enumerate(order)}
    for path, siglum in sigla.items():
        yield paint.bold(siglum) + f"  {path}\n"
    yield "\n"
    source_of = {source.path: number for number, source in enumerate(corpus.sources)}
    for cluster in clusters:
        shown = [variant for variant in cluster.variants if matters(variant, look.every)]
        if not shown:
            continue
        places = sorted(range(len(cluster.witnesses)), key=lambda n: list(sigla).index(cluster.witnesses[n].span.path))
        home = next(n for n in places if cluster.witnesses[n].span == cluster.home)
        others = [n for n in places if n != home]
        where = []
        for n in (home, *others):
            span = cluster.witnesses[n].span
            where.append(f"{sigla[span.path]} {_range(corpus.lines[source_of[span.path]], span)}")
        yield paint.bold(str(cluster.relation)) + f"  {', '.join(where)}\n"
        heads = [sigla[cluster.witnesses[n].span.path] for n in (home, *others)]
        yield _table(corpus.lines[source_of[cluster.home.path]], shown, heads, (home, *others), look)
        yield "\n"
    yield from _counts([v for of in clusters for v in of.variants], len(clusters), look, "two of them")


def _table(lines: Lines, shown: Sequence[Variant], heads: Sequence[str], numbers: Sequence[int], look: Look) -> str:
    """A row a difference: a column a text while they fit, else the other readings with those who have them."""
    rows: list[list[Cell]] = []
    apart = look.width is None or look.width - 60 >= _NARROW * (len(numbers) - 1)
    rows.append(["line", "class", heads[0], *(heads[1:] if apart else ["others"])])
    for variant in shown:
        has = {reading.witness: reading.text for reading in variant.readings}
        own = next(r for r in variant.readings if r.witness == numbers[0]) if numbers[0] in has else None
        at = own.start if own else min(reading.start for reading in variant.readings)
        row: list[Cell] = [
            _line(lines, at),
            _named(variant),
            in_brackets(variant.context, variant.text, look.paint.red),
        ]
        same = [has.get(number, variant.text) == has.get(numbers[0], variant.text) for number in numbers]
        if apart:
            for number, equal in zip(numbers[1:], same[1:], strict=True):
                row.append("·" if equal else [Run(seen(has[number]) or "‸", look.paint.green)])
        else:
            cell: list[Run] = []
            for text in dict.fromkeys(has[n] for n, equal in zip(numbers, same, strict=True) if not equal):
                who = " ".join(head for head, n in zip(heads, numbers, strict=True) if has.get(n) == text)
                cell += Run(f"{{{seen(text) or '‸'}}}", look.paint.green), Run(f" {who}  ")
            row.append(cell)
        rows.append(row)
    return grid(rows, right={0}, flexible=range(2, len(rows[0])), width=look.width)


def _siglum(number: int) -> str:
    """A, B, … Z, AA, AB, …"""
    return ("" if number < 26 else _siglum(number // 26 - 1)) + chr(ord("A") + number % 26)


def _named(variant: Variant) -> str:
    return str(variant.kind) + ("*" if variant.needs_review else "")


def _line(lines: Lines, outer: int) -> str:
    return str(lines.line(lines.inner(outer)))


def _counts(variants: Sequence[Variant], passages: int, look: Look, who: str) -> Iterator[str]:
    if not variants:
        yield f"The passages that {who} have do not differ.\n" if passages else f"No passage stands in {who}.\n"
        return
    classes = Counter(variant.kind for variant in variants)
    hidden = Counter(variant.kind for variant in variants if not matters(variant, look.every))
    review = sum(variant.needs_review for variant in variants)
    places = f"{passages:,} passage{'s' if passages > 1 else ''}"
    yield look.paint.bold(f"{len(variants):,} difference{'s' if len(variants) > 1 else ''}") + f" in {places}"
    yield f", {review:,} to review (*):\n" if review else ":\n"
    yield table(
        [
            (str(kind), f"{classes[kind]:,}", f"{hidden[kind]:,} not shown, see --all" if hidden[kind] else "")
            for kind in reversed(VariantClass)
            if classes[kind]
        ],
        {1},
    )


def _only(corpus: Corpus, source: int, alone: tuple[Alone, ...], heading: str, look: Look) -> Iterator[str]:
    if not alone:
        return
    lines, text = corpus.lines[source], corpus.sources[source].text
    yield f"\n{heading}: {sum(stretch.letters for stretch in alone):,} letters\n"
    rows: list[list[Cell]] = []
    for stretch in sorted(sorted(alone, key=lambda s: -s.letters)[:_MOST], key=lambda s: s.span):
        start, end = lines.inner(stretch.span.start), lines.inner(stretch.span.end)
        where = _range(lines, stretch.span)
        shown = Run(shortened(text[start:end], _TEXT), look.paint.dim)
        rows.append([f"line {where}", f"{stretch.letters:,} letters", [shown]])
    yield grid(rows, right={1}, flexible=(2,), width=look.width)
    if len(alone) > _MOST:
        yield f"  … and {len(alone) - _MOST:,} shorter stretches\n"


def _range(lines: Lines, span: Span) -> str:
    first = lines.line(lines.inner(span.start))
    last = lines.line(max(lines.inner(span.start), lines.inner(span.end) - 1))
    return f"{first}" if first == last else f"{first}-{last}"
