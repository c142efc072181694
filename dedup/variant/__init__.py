"""Two readings of one place -> the class of their difference, its tags, and whether an editor must see it.

First the ladder (`ladder.py`): what disappears when layout, space, width, case, markup, punctuation,
variant characters and notations of numbers are made alike. What is left differs in letters, and rules on
those letters say why, in the order of `VariantClass`:

- `number-value`: both readings have numbers and only their values differ. Digits of the number that stand in
  the context count: `0`/`6` after `3` is 30/36.
- `ocr`: a lost character (U+FFFD, □), mojibake, a page number between breaks, a short text repeated across a
  break, a fragment of a foreign script inside a sentence, a lost or changed accent, letters that look alike.
- `transposition`: the same letters in another order.
- `repetition`: one reading has more, and what it has more repeats what stands right beside it. In alphabetic
  scripts whole words only: a doubled letter there is a spelling.
- `lacuna`, `addition`: one reading lacks, or has more by, at least `LONG`.
- `substantive`: the rest, and so a short one-sided difference.

Where the table of classes is silent: zero-width characters are `whitespace`; Arabic tatweel and compatibility
ideographs (with the tag `script`) are `width`; Arabic and Hebrew points, hamza carriers, Hiragana/Katakana
and Russian ё/е are `script`; decimal digits of another script are `number-form`; signs between digits, minus
and % are part of the number, so 1.5/15 is `number-value` and not `punctuation`.

Tags, in this order: classes in the order of `VariantClass` (differences that are there besides `kind`, and
later classes that fit as well), then `break` (a line break stands in a reading or right beside it), `name`,
`negation` (the readings differ in a word of negation), `number` (a reading has a number).
"""

from __future__ import annotations

from collections.abc import Iterable

from dedup.model import VariantClass as V
from dedup.variant.short import commonly, plainly
from dedup.variant.verdict import LONG, MARKS, ORDER, Verdict, at_length, in_order, places_of

__all__ = ["LONG", "MARKS", "Verdict", "classify", "classify_in", "most_serious"]


def classify(
    text: str,
    other: str,
    left: str = "",
    right: str = "",
    other_left: str | None = None,
    other_right: str | None = None,
) -> Verdict:
    """Classify how `other`, another witness's raw reading, differs from `text`, the base's.

    Either may be empty. `left` and `right` are the raw text around the reading in the base, 20 characters or
    more, `other_left` and `other_right` those in the other witness (the same where they are not given).
    Linear in the readings, but for sorting. Raises `ValueError` when the readings are equal.
    """
    if other_left is None:
        other_left = left
    if other_right is None:
        other_right = right
    return classify_in(
        text, f"{left}{text}{right}", len(left), other, f"{other_left}{other}{other_right}", len(other_left)
    )


def classify_in(
    text: str, witness: str, at: int, other: str, other_witness: str, other_at: int, *, common: bool = False
) -> Verdict:
    """Classify how `other` differs from `text` (`classify`), each a reading that stands in its witness at a character.

    What is said twice may stand beside it: the longer one reading is than the other, the more is looked at.
    `common`: whether it is known that `plain.common` sinographs stand on all four sides.
    """
    if text == other:
        raise ValueError("the readings are equal: there is no variant to classify")
    if common and (verdict := commonly(text, witness, at, other, other_witness, other_at)):
        return verdict
    verdict = plainly(text, witness, at, other, other_witness, other_at)
    return verdict or at_length(*places_of(text, witness, at, other, other_witness, other_at))


def most_serious(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict for a point with several readings.

    The most serious decides kind and rule: for review before not, a value or a negation before the rest, then
    the later class. Tags are united (the kinds of the others become tags); it needs review when one does.
    Raises `ValueError` when there are none.
    """
    every = list(verdicts)
    if not every:
        raise ValueError("there are no verdicts to choose from")
    if len(every) == 1 or every.count(every[0]) == len(every):
        return every[0]
    first = max(every, key=_seriousness)
    tags = {tag for verdict in every for tag in (*verdict.tags, verdict.kind)} - {first.kind}
    return Verdict(first.kind, in_order(tags), first.needs_review, first.rule)


def _seriousness(verdict: Verdict) -> tuple[bool, bool, int, int, tuple[str, ...], str]:
    at_stake = verdict.kind is V.NUMBER_VALUE or "negation" in verdict.tags
    tags = tuple(sorted(verdict.tags))
    return verdict.needs_review, at_stake, ORDER[verdict.kind], len(tags), tags, verdict.rule
