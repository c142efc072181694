"""A heap of made-up Chinese texts with planted reuse: `python tests/bench/generate.py FOLDER MEGABYTES`.

The same size and seed give the same bytes on every machine. How often a paragraph is reused does not depend on the
size, so what the size alone does to time and memory can be told. Words are drawn by Zipf's law, so chance repeats
short runs of letters as it does in prose.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

LETTERS = 3_000  # sinographs in use, from U+4E00 on
WORDS = 40_000
FLATTER = 30  # added to a word's rank: no word of prose but particles is as frequent as Zipf's law says
REUSED = 0.15  # share of paragraphs that stand elsewhere, whole or in part
PASSAGE = 0.01  # share of paragraphs at which a passage of several paragraphs is reprinted
FILE = 200_000  # letters of a file, about
KEPT = 20_000  # paragraphs of which one can be reused


def texts(megabytes: float, seed: int = 1, letters: int = FILE) -> Iterator[str]:
    """Texts of `megabytes` million bytes of UTF-8 in all, of about so many `letters` each."""
    rng = random.Random(f"texts {seed}")
    lexicon = _lexicon(rng)
    weights = list(accumulate(1 / (rank + FLATTER) for rank in range(WORDS)))
    known: list[str] = []
    left = megabytes * 1e6
    while left > 0:
        size = min(left, 3 * letters * rng.uniform(0.5, 1.5))
        left -= size
        yield _layout(rng, list(_paragraphs(rng, lexicon, weights, known, size)))


def _lexicon(rng: random.Random) -> list[str]:
    common = list(accumulate(1 / (rank + FLATTER) for rank in range(LETTERS)))
    letters = [chr(0x4E00 + 6 * n) for n in range(LETTERS)]
    return ["".join(rng.choices(letters, cum_weights=common, k=rng.choice((1, 2, 2, 2, 3, 4)))) for _ in range(WORDS)]


def _paragraphs(
    rng: random.Random, lexicon: list[str], weights: list[float], known: list[str], size: float
) -> Iterator[str]:
    while size > 0:
        if known and rng.random() < PASSAGE:
            at = rng.randrange(len(known))
            several = [_edited(rng, paragraph, rng.choice((0, 0.01, 0.03))) for paragraph in known[at : at + 12]]
        elif known and rng.random() < REUSED:
            several = [_reused(rng, rng.choice(known))]
        else:
            several = ["".join(_sentence(rng, lexicon, weights) for _ in range(rng.randint(1, 8)))]
            if len(known) < KEPT:
                known += several
            else:
                known[rng.randrange(KEPT)] = several[0]
        yield from several
        size -= 3 * sum(map(len, several))


def _sentence(rng: random.Random, lexicon: list[str], weights: list[float]) -> str:
    words = rng.choices(lexicon, cum_weights=weights, k=rng.randint(6, 24))
    cut = rng.randrange(2, len(words) - 2)
    return "".join(words[:cut]) + "，" + "".join(words[cut:]) + "。"


def _reused(rng: random.Random, paragraph: str) -> str:
    """A paragraph as it is, edited a little or much, or a part of it."""
    kind = rng.random()
    if kind < 0.25:
        return paragraph
    if kind < 0.75:
        return _edited(rng, paragraph, rng.choice((0.01, 0.03, 0.08)))
    sentences = paragraph.split("。")[:-1]
    at = rng.randrange(len(sentences))
    return "。".join(sentences[at : at + rng.randint(1, 4)]) + "。"


def _edited(rng: random.Random, paragraph: str, rate: float) -> str:
    letters = list(paragraph)
    for _ in range(round(rate * len(letters))):
        at = rng.randrange(len(letters) - 1)
        letters[at] = rng.choice(("", letters[at] * 2, chr(0x4E00 + 6 * rng.randrange(LETTERS))))
    return "".join(letters)


def _layout(rng: random.Random, paragraphs: list[str]) -> str:
    """A paragraph a line, wrapped with an indent, or a sentence a line."""
    kind = rng.random()
    if kind < 0.5:
        return "\n".join(paragraphs) + "\n"
    if kind < 0.8:
        width = rng.randint(21, 40)
        indented = ("\u3000\u3000" + paragraph for paragraph in paragraphs)
        return "".join(f"{line[at : at + width]}\n" for line in indented for at in range(0, len(line), width))
    return "\n\n".join(paragraph.replace("。", "。\n").rstrip("\n") for paragraph in paragraphs) + "\n"


def write(folder: Path, megabytes: float, seed: int = 1, letters: int = FILE) -> None:
    """Write the texts as files into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts(megabytes, seed, letters)):
        (folder / f"{number:05d}.txt").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("megabytes", type=float)
    given = parser.parse_args()
    write(given.folder, given.megabytes)
