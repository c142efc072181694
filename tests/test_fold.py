"""Texts become letters in comparison form, and every letter knows where it came from."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import LAYOUTS, SCRIPTS, lay_out, prose, repunctuate

from dedup import sinograph
from dedup.fold import fold, fold_character, fold_text
from dedup.sinograph import unified, unify

quick = settings(max_examples=100, deadline=None, derandomize=True, database=None)

anything = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("ﬁ㎏①Ⅷß\u0301\u0308가각\u1100\u1161\u11a8𠀋😀\u200d\u200b\u3000İǆﷺ繁简髮发\ufffd\x0b\u2028"),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("繁體中文", "繁体中文"),
        ("漢語ＡＢＣ，１２３。", "汉语abc123"),
        ("Straße ﬁne ㎏ Ⅷ", "strassefinekgviii"),
        ("e\u0301té", "étéété"[3:]),
        ("ё Ё", "ёё"),
        ("𠀋😀\u200d", "𠀋"),
        ("  \t\u3000\n", ""),
        ("*#>|■", ""),
        ("١٢٣", "١٢٣"),
    ],
)
def test_the_comparison_form(text: str, letters: str) -> None:
    assert fold_text(text) == letters


@quick
@given(anything)
def test_a_composed_and_a_decomposed_text_are_equal(text: str) -> None:
    assert fold_text(unicodedata.normalize("NFC", text)) == fold_text(unicodedata.normalize("NFD", text))


@quick
@given(anything)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_text(fold_text(text)) == fold_text(text)


@quick
@given(anything)
def test_offsets_rise_and_lead_to_the_character_that_a_letter_came_from(text: str) -> None:
    folded = fold([text])
    offsets = folded.offsets.tolist()
    assert offsets == sorted(offsets)
    assert all(0 <= at < len(text) for at in offsets)
    letters = folded.letters.tobytes().decode("utf-32-le")
    for letter, at in zip(letters, offsets, strict=True):
        # a letter of a composed sequence stands at the base of the sequence
        end = at + 1
        while end < len(text) and fold_text(text[at:end]) != fold_text(text[at : end + 1]) and end - at < 6:
            end += 1
        assert letter in fold_text(text[at:end]) or letter in fold_character(text[at])


@quick
@given(st.lists(anything, max_size=5))
def test_texts_folded_together_fold_as_each_does_alone(texts: list[str]) -> None:
    together = fold(texts)
    assert len(together.starts) == len(texts) + 1
    for number, text in enumerate(texts):
        alone = fold([text])
        low, high = together.starts[number : number + 2]
        assert np.array_equal(together.letters[low:high], alone.letters)
        assert np.array_equal(together.offsets[low:high], alone.offsets)
        assert all(together.source_of(letter) == number for letter in range(low, high))


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name not in ("odd", "latin", "cyrillic")])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_and_punctuation_change_no_letter(script: str, layout: str) -> None:
    text = prose(script, 3)
    letters = fold_text(lay_out(text, "one line", script))
    assert fold_text(lay_out(text, layout, script)) == letters
    for how in ("half", "full", "bare"):
        assert fold_text(repunctuate(lay_out(text, layout, script), how)) == letters


def test_traditional_and_simplified_prints_are_equal() -> None:
    assert fold_text("習近平總書記強調團結合作戰勝疫情") == fold_text("习近平总书记强调团结合作战胜疫情")


def test_lone_surrogates_break_nothing() -> None:
    assert len(fold(["a\ud800b"]).letters) == 2


def test_nothing_folds_to_nothing() -> None:
    assert fold([]).starts.tolist() == [0]
    assert fold(["", ""]).starts.tolist() == [0, 0, 0]


def test_every_text_is_reported() -> None:
    seen: list[tuple[str, int, int]] = []
    fold(["a", "b"], progress=lambda *step: seen.append(step))
    assert seen == [("fold", 1, 2), ("fold", 2, 2)]


def test_sinographs_are_brought_to_one_form_together_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sinographs = [chr(point) for point in range(0x4E00, 0xA000, 7)]
    together = unify(sinographs)
    monkeypatch.setattr(sinograph, "_known", {})
    assert [together[c] for c in sinographs] == [unified(c) for c in sinographs]


def test_what_was_folded_before_is_not_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    once = fold(["說文解字", "Ａb"]).letters.tolist()
    monkeypatch.setattr(sinograph, "_converted", lambda *_: pytest.fail("looked up again"))
    assert fold(["說文解字", "Ａb"]).letters.tolist() == once


def test_half_a_surrogate_pair_is_no_sinograph() -> None:
    assert unified("\ud800") == "\ud800"
    assert unify(["\udfff", "説"]) == {"説": unified("说")}
