"""Clusters -> TEI P5 with parallel segmentation: an apparatus from which every witness can be read again.

Each passage is a division with its own list of witnesses, the places where it stands; `@corresp` leads to the text.
What an edition would call the lemma is the canonical reading. Newlines are the text's own, given as "\\n"; characters
that XML cannot hold are `g` elements declared in the header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from dedup.model import Cluster, Newline
from dedup.report.stretches import Stretch, collated, stretches

_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NEWLINES = {"\n": "LF", "\r\n": "CRLF", "\r": "CR", "": "mixed"}
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def tei(clusters: Sequence[Cluster], newlines: Mapping[str, Newline]) -> Iterator[str]:
    """A TEI document, in pieces. `newlines`: of each text, by path. What has no alignment is left out."""
    clusters = collated(clusters)
    paths = sorted({witness.span.path for cluster in clusters for witness in cluster.witnesses})
    names = {path: f"s{number}" for number, path in enumerate(paths, 1)}
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<TEI xmlns="http://www.tei-c.org/ns/1.0">\n<teiHeader>\n<fileDesc>\n'
    yield f"<titleStmt><title>Passages of {len(paths):,} texts, collated</title></titleStmt>\n"
    yield "<publicationStmt><p>Written by dedup.</p></publicationStmt>\n<sourceDesc>\n"
    if paths:
        yield "<listWit>\n"
        for path, name in names.items():
            yield f'<witness xml:id="{name}" n="{_NEWLINES[newlines[path]]}">{_escaped(path)}</witness>\n'
        yield "</listWit>\n"
    else:
        yield "<p>No passage stands in two places.</p>\n"
    yield "</sourceDesc>\n</fileDesc>\n<encodingDesc>\n"
    yield '<variantEncoding method="parallel-segmentation" location="internal"/>\n'
    yield from _characters(clusters, newlines, paths)
    yield "</encodingDesc>\n</teiHeader>\n<text>\n<body>\n"
    for number, cluster in enumerate(clusters, 1):
        yield from _passage(f"p{number}", cluster, names, newlines)
    if not clusters:
        yield "<p/>\n"
    yield "</body>\n</text>\n</TEI>\n"


def _characters(clusters: Sequence[Cluster], newlines: Mapping[str, Newline], paths: Sequence[str]) -> Iterator[str]:
    """The declaration of what XML cannot hold."""
    texts = (
        text for of in clusters for stretch in stretches(of, newlines) for text in {*stretch.readings, stretch.text}
    )
    found = sorted({character for part in (texts, paths) for text in part for character in _NO_XML.findall(text)})
    if found:
        yield "<charDecl>\n"
        for character in found:
            point = f"{ord(character):04X}"
            yield f'<char xml:id="u{point}"><mapping type="codepoint">U+{point}</mapping></char>\n'
        yield "</charDecl>\n"


def _passage(name: str, cluster: Cluster, names: Mapping[str, str], newlines: Mapping[str, Newline]) -> Iterator[str]:
    yield f'<div type="passage" subtype="{cluster.relation}" xml:id="{name}" n="{cluster.id}">\n<listWit>\n'
    for number, witness in enumerate(cluster.witnesses, 1):
        span = witness.span
        yield f'<witness xml:id="{name}.{number}" corresp="#{names[span.path]}" n="{span.start}-{span.end}">'
        yield f"line {witness.line}, {witness.status}</witness>\n"
    yield '</listWit>\n<ab xml:space="preserve">'
    for stretch in stretches(cluster, newlines):
        yield _escaped(stretch.text) if stretch.variant is None else _entry(name, stretch)
    yield "</ab>\n</div>\n"


def _entry(name: str, stretch: Stretch) -> str:
    """A point of variation. A lemma without witnesses is an editor's."""
    variant = stretch.variant
    assert variant is not None

    def wit(numbers: Sequence[int]) -> str:
        return f' wit="{" ".join(f"#{name}.{number + 1}" for number in numbers)}"' if numbers else ""

    agree = [number for number, reading in enumerate(stretch.readings) if reading == stretch.text]
    review = ' subtype="review"' if variant.needs_review else ""
    parts = [f'<app type="{variant.kind}"{review} n="{variant.id}"><lem{wit(agree)}>{_escaped(stretch.text)}</lem>']
    for text, numbers in stretch.distinct:
        parts.append(f'<rdg{wit(numbers)} type="{variant.kind}">{_escaped(text)}</rdg>')
    return "".join([*parts, "</app>"])


def _escaped(text: str) -> str:
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return _NO_XML.sub(lambda found: f'<g ref="#u{ord(found[0]):04X}"/>', text)
