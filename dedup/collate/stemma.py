"""What witnesses change in the base's letters -> who copies whom, how much each one's word weighs, and who is the base.

Two witnesses with nearly the same letters are of one family, and a family has one vote: prints of a bad print are
not more right for being many. Only those that share changes are compared, so the cost grows with the witnesses.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from dedup.collate.changes import Change
from dedup.quality import quality
from dedup.vote import Copy

_NEAR = 0.01  # share of its letters in which a copy may differ from what it copies
_SKETCH = 8  # changes by which witnesses that share some are found
_DIRTY = 50.0  # penalty of quality that halves the weight of a witness
_AS_GOOD = 1e-5  # difference between penalties that may not be told from none
_MANY = 3  # voters from which their quality has a say: one against one is the base's

LetterChanges = Mapping[tuple[int, int, bytes], int]
"""Letters `[0:1]` of the base become others, and how many letters that concerns."""

Changed = Mapping[int, LetterChanges]
"""What witnesses change, by their numbers."""


def letter_changes(base: Copy, copy: Copy, found: Sequence[Change]) -> LetterChanges:
    """What of a witness's changes concerns letters."""
    if not found:
        return {}
    columns = np.array(found, np.int64)
    low, high = base.offsets.searchsorted(columns[:, :2]).T
    begin, stop = copy.offsets.searchsorted(columns[:, 2:]).T
    of = {}
    for a, b, c, d in zip(low.tolist(), high.tolist(), begin.tolist(), stop.tolist(), strict=True):
        old, new = base.letters[a:b].tobytes(), copy.letters[c:d].tobytes()
        if old != new:
            of[a, b, new] = max(b - a, d - c)
    return of


def families(copies: Sequence[Copy], changed: Changed, voters: Iterable[int]) -> dict[int, int]:
    """For each voter the number of its family: the first of those that have nearly the same letters."""
    family = {voter: voter for voter in voters}

    def head(voter: int) -> int:
        while family[voter] != voter:
            voter = family[voter]
        return voter

    buckets: dict[object, list[int]] = defaultdict(list)
    for voter in sorted(family, key=lambda n: (copies[n].letters.tobytes(), n)):
        buckets[copies[voter].letters.tobytes()].append(voter)
        if sum(changed[voter].values()) <= _NEAR * len(copies[voter].letters):
            buckets["base"].append(voter)
        for key in sorted(changed[voter], key=_hashed)[:_SKETCH]:
            buckets[key].append(voter)
    for bucket in buckets.values():
        for one, other in pairwise(bucket):
            a, b = head(one), head(other)
            if a != b and _near(copies, changed, one, other):
                family[max(a, b)] = min(a, b)
    return {voter: head(voter) for voter in family}


def _hashed(key: tuple[int, int, bytes]) -> bytes:
    return hashlib.blake2b(repr(key).encode(), digest_size=8).digest()


def _near(copies: Sequence[Copy], changed: Changed, one: int, other: int) -> bool:
    x, y = changed[one], changed[other]
    differ = sum(x[key] for key in x.keys() - y.keys()) + sum(y[key] for key in y.keys() - x.keys())
    return differ <= _NEAR * min(len(copies[one].letters), len(copies[other].letters))


def weights(copies: Sequence[Copy], changed: Changed, voters: Iterable[int]) -> dict[int, float]:
    """How much the word of each voter weighs: its share in the vote of its family, less for a dirty print.

    Witnesses with the same letters share one vote, those with the same text one of those, so that a copy adds none.
    """
    of_family: dict[int, dict[bytes, dict[str, list[int]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for voter, family in families(copies, changed, voters).items():
        of_family[family][copies[voter].letters.tobytes()][copies[voter].text].append(voter)
    weight: dict[int, float] = {}
    for prints in of_family.values():
        for texts in prints.values():
            for same in texts.values():
                weight |= dict.fromkeys(same, 1 / (len(prints) * len(texts) * len(same)))
    if len(weight) >= _MANY:
        for voter in weight:
            weight[voter] /= 1 + quality(copies[voter].text).penalty / _DIRTY
    return weight


def cleaner(copies: Sequence[Copy]) -> int | None:
    """Whom `elect` would name where there are two texts, of which each differs as much from the other: so their debris
    decides. Nobody where it is as good as equal, or there are more texts."""
    first: dict[str, int] = {}
    for witness, copy in enumerate(copies):
        first.setdefault(copy.text, witness)
    if len(first) != 2:
        return None
    (one, two), (penalty, other) = first.values(), (quality(text).penalty for text in first)
    if abs(penalty - other) > _AS_GOOD:
        return one if penalty < other else two
    return None if penalty != other else min(one, two, key=lambda n: (copies[n].letters.tobytes(), copies[n].text))


def elect(copies: Sequence[Copy], changed: Changed) -> int:
    """The base: the witness from which all others differ least, each family counted once, and debris counted too.

    The sum of a witness's distances to all others is taken from how many of them share each change, so no two
    witnesses are compared. Ties go by content.
    """
    first: dict[str, int] = {}
    for witness, copy in enumerate(copies):
        first.setdefault(copy.text, witness)
    everyone = list(first.values())
    family = families(copies, changed, everyone)
    size = Counter(family.values())
    have: dict[tuple[int, int, bytes], float] = defaultdict(float)
    letters: dict[tuple[int, int, bytes], int] = {}
    for witness in everyone:
        for key, concerned in changed[witness].items():
            have[key] += 1 / size[family[witness]]
            letters[key] = concerned
    every = sum(have[key] * letters[key] for key in have)
    longest = max(1, *(len(copies[witness].letters) for witness in everyone))

    def cost(witness: int) -> tuple[float, int, bytes, str]:
        own = changed[witness]
        distance = every + sum(letters[key] * (len(size) - 2 * have[key]) for key in own)
        text = copies[witness].text
        wrong = 1000 * distance / (len(size) * longest)
        return (
            round(wrong + quality(text).penalty, 6),
            -size[family[witness]],
            copies[witness].letters.tobytes(),
            text,
        )

    return min(everyone, key=cost)
