"""A cluster -> what its witnesses have in turn: the text that all share, and the readings where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dedup.model import Cluster, Newline, Relation, Variant


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a cluster's text: `text` is canonical, `readings[i]` what witness i has, in the newlines that the
    program uses inside ("\\n"). `variant` is None where all have the same."""

    text: str
    readings: tuple[str, ...]
    variant: Variant | None = None

    @property
    def distinct(self) -> list[tuple[str, list[int]]]:
        """The readings that are not canonical, in the order of the first witness that has each."""
        found: dict[str, list[int]] = {}
        for number, reading in enumerate(self.readings):
            if reading != self.text:
                found.setdefault(reading, []).append(number)
        return list(found.items())


def collated(clusters: Iterable[Cluster]) -> list[Cluster]:
    """The clusters whose witnesses can be read from their variants: no formulas, nothing that was found by its words
    alone and has no order in common."""
    left_out = (Relation.FORMULA, Relation.REWORKED)
    return [cluster for cluster in clusters if cluster.variants or cluster.relation not in left_out]


def stretches(cluster: Cluster, newlines: Mapping[str, Newline]) -> Iterator[Stretch]:
    """The stretches of a cluster in order: together a witness's readings are its text. `newlines`: by path."""
    count = len(cluster.witnesses)
    done = 0
    for variant in cluster.variants:
        start, end = variant.at
        if start > done:
            shared = cluster.text[done:start]
            yield Stretch(shared, (shared,) * count)
        readings = [variant.text] * count
        for reading in variant.readings:
            readings[reading.witness] = inner(reading.text, newlines[reading.path])
        yield Stretch(variant.text, tuple(readings), variant)
        done = end
    if done < len(cluster.text):
        rest = cluster.text[done:]
        yield Stretch(rest, (rest,) * count)


def inner(text: str, newline: Newline) -> str:
    """A text of a file in the newlines that the program uses inside."""
    return text.replace(newline, "\n") if newline in ("\r\n", "\r") else text
