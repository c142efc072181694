"""Claims about votes on readings (dedup/vote.py)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.collate import Copy
from dedup.fold import fold
from dedup.model import VariantClass
from dedup.variant import Verdict
from dedup.vote import Candidate, choose

TEXTS = st.lists(st.sampled_from(["天", "Ａ", "a", "，", "。", " ", "\n", "\r", "é", "e\u0301", "□"]), max_size=4)
WEIGHTS = st.sampled_from([0.25, 0.5, 0.8, 1.0, 1.0 + 1e-8, 1.25, 1.3, 2.0])
KINDS = st.sampled_from([VariantClass.OCR, VariantClass.SUBSTANTIVE])


def candidate(reading: str, around: str, weight: float, votes: int) -> Candidate:
    folded = fold([text := f"天地{around}{reading}玄黄"])
    start = 2 + len(around)
    copy = Copy(text, folded.letters, folded.offsets.astype("i8"))
    return Candidate(copy, (start, start + len(reading)), reading, weight, votes)


@settings(max_examples=400)
@given(*[TEXTS.map("".join)] * 2, *[st.sampled_from(["", "，", "。", "\n"])] * 2, WEIGHTS, WEIGHTS, KINDS)
def test_of_two_readings_that_is_chosen_which_is_chosen_of_more(
    one: str, two: str, before: str, other_before: str, weight: float, other_weight: float, kind: VariantClass
) -> None:
    if one == two:
        two += "地"
    verdict = Verdict(kind, (), False, "")
    pair = [candidate(one, before, weight, 1), candidate(two, other_before, other_weight, 2)]
    nobody = pair[0]._replace(weight=0.0, votes=0)
    assert choose(pair, lambda _: verdict) == choose([*pair, nobody], lambda _: verdict)
