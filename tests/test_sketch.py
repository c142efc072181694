"""Signatures are datasketch's, bit for bit, whatever the text."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.errors import UsageError
from dedup.script import DENSE_RANGES, dense
from dedup.sketch import (
    _BLOCK,
    _CALL,
    DENSE_SHINGLE,
    EMPTY,
    LIGHT_SHINGLE,
    SCHEME,
    from_minhash,
    jaccard,
    jaccards,
    permutations,
    shingle_hash,
    shingle_lengths,
    signatures,
    to_lean,
    to_minhash,
)

CHARACTERS = st.one_of(
    st.sampled_from("ab团结合作ไทย한"),
    st.characters(exclude_categories=["Cs"]),
    st.characters(min_codepoint=0x20000, max_codepoint=0x33480),
    st.just("\0"),
)
TEXTS = st.lists(st.text(CHARACTERS, max_size=40), max_size=8)


def columns(texts):
    """A paragraph a text: letters, first, last."""
    last = np.cumsum([len(text) for text in texts], dtype=np.int64)
    first = last - np.array([len(text) for text in texts], np.int64)
    return np.array([ord(c) for text in texts for c in text], np.uint32), first, last


def shingle_length(text):
    dense_letters = sum(any(low <= ord(c) < high for low, high in DENSE_RANGES) for c in text)
    return min(len(text), 5 if dense_letters > len(text) / 2 else 9)


def shingles(text):
    k = shingle_length(text)
    return [text[i : i + k] for i in range(len(text) - k + 1)] if text else []


def oracle(text, num_perm=128, seed=1):
    minhash = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=shingle_hash)
    for shingle in shingles(text):
        minhash.update(shingle.encode("utf-32-le"))
    return minhash


CORNERS = [
    "",
    "团",
    "团结合作",
    "团结合作团结合作",
    "",
    "eight le",
    "nine lett",
    "ten letter",
    "𠀀𠀁𠀂𠀃𠀄𠀅",
    "\0" * 12,
]


@settings(deadline=None)
@given(TEXTS, st.sampled_from([1, 7, 128, 200]), st.integers(0, 2**32 - 1))
@example(CORNERS, 128, 1)
def test_signatures_are_those_of_datasketch(texts, num_perm, seed):
    found = signatures(*columns(texts), num_perm=num_perm, seed=seed)
    assert found.dtype == np.uint32
    assert found.shape == (len(texts), num_perm)
    for text, signature in zip(texts, found, strict=True):
        assert np.array_equal(signature, oracle(text, num_perm, seed).hashvalues)


@pytest.mark.parametrize("count", [_BLOCK - 1, _BLOCK, _BLOCK + 1, _BLOCK + 3, 2 * _BLOCK, 3 * _BLOCK + 2])
def test_paragraphs_longer_than_a_block_of_the_kernel_are_those_of_datasketch(count):
    rng = np.random.default_rng(count)
    text = "".join(map(chr, rng.integers(0x4E00, 0x9FFF, count + DENSE_SHINGLE - 1)))
    assert len(shingles(text)) == count
    assert np.array_equal(signatures(*columns([text]))[0], oracle(text).hashvalues)


def test_paragraphs_in_any_order_and_overlapping_are_cut_out_as_told():
    letters, _, _ = columns(["团结合作共同发展abcdefghijklmnop"])
    first, last = np.array([8, 0, 4, 24, 0]), np.array([24, 8, 12, 24, 24])
    text = "团结合作共同发展abcdefghijklmnop"
    for signature, start, end in zip(signatures(letters, first, last), first, last, strict=True):
        assert np.array_equal(signature, oracle(text[start:end]).hashvalues)


def test_a_paragraph_without_letters_is_empty_for_datasketch_too():
    signature = signatures(*columns([""]))[0]
    assert (signature == EMPTY).all()
    assert to_minhash(signature).is_empty()


def test_no_paragraphs_give_no_signatures():
    assert signatures(*columns([])).shape == (0, 128)


@given(st.text(CHARACTERS, max_size=20))
def test_a_shingle_hashes_alike_as_text_and_as_bytes(text):
    assert shingle_hash(text) == shingle_hash(text.encode("utf-32-le"))
    assert 0 <= shingle_hash(text) < 2**32


@pytest.mark.parametrize(
    ("shingle", "value"),
    [("", 0), ("\0", 0x5692161D), ("团结合作共", 0x4DC312D5), ("resemblan", 0x08D8D3AB), ("𠀀", 0xAE5C64E4)],
)
def test_shingle_hashes_stay_what_they_are(shingle, value):
    """Stored signatures are compared with new ones; a change here makes all of them worthless."""
    assert shingle_hash(shingle) == value


def test_bytes_that_are_no_code_points_are_refused():
    with pytest.raises(ValueError, match="four bytes"):
        shingle_hash(b"abc")


def test_shingle_hashes_spread_evenly():
    texts = [chr(0x4E00 + i) + chr(0x4E00 + j) for i in range(256) for j in range(256)]
    hashes = np.array([shingle_hash(text) for text in texts], np.uint32)
    assert len(texts) - len(np.unique(hashes)) < 5  # birthdays: 0.5 expected
    for bits in (hashes & 0xFF, hashes >> 24):
        counts = np.bincount(bits, minlength=256)
        assert ((counts - 256) ** 2 / 256).sum() < 360  # chi square, 255 degrees: beyond 330 once in 1,000


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("团", 1),
        ("团结合作", 4),
        ("团结合作共同发展", DENSE_SHINGLE),
        ("resemblance", LIGHT_SHINGLE),
        ("abc", 3),
        ("αβγδεζηθικλ", LIGHT_SHINGLE),
        ("ひらがなカタカナ", DENSE_SHINGLE),
        ("한국어문장입니다", DENSE_SHINGLE),
        ("ภาษาไทยและลาว", DENSE_SHINGLE),
        ("ພາສາລາວ", DENSE_SHINGLE),
        ("ភាសាខ្មែរ", DENSE_SHINGLE),
        ("မြန်မာဘာသာ", DENSE_SHINGLE),
        ("𠀀𠀁𠀂𠀃𠀄𠀅", DENSE_SHINGLE),
        ("团结合作共abcde", LIGHT_SHINGLE),
        ("团结合作共同abcde", DENSE_SHINGLE),
        ("abcde团结合作共同", DENSE_SHINGLE),
        ("20102011201220132014年", LIGHT_SHINGLE),
    ],
)
def test_most_letters_of_a_paragraph_choose_the_length_of_its_shingles(text, length):
    assert shingle_lengths(*columns([text])).tolist() == [length]


@settings(deadline=None)
@given(TEXTS)
def test_shingle_lengths_follow_the_ranges(texts):
    assert shingle_lengths(*columns(texts)).tolist() == [shingle_length(text) for text in texts]


def test_dense_ranges_are_what_the_kernel_looks_up():
    edges = sorted({edge + step for pair in DENSE_RANGES for edge in pair for step in (-1, 0, 1)})
    for point in edges:
        assert bool(dense.py_func(point)) == any(low <= point < high for low, high in DENSE_RANGES), hex(point)


@pytest.mark.parametrize(("first", "last"), [([-1], [2]), ([0], [9]), ([3], [2]), ([0, 1], [1])])
def test_ranges_that_leave_the_letters_are_refused(first, last):
    letters = np.full(8, 0x4E00, np.uint32)
    with pytest.raises(ValueError, match="letter"):
        signatures(letters, np.array(first), np.array(last))


@pytest.mark.parametrize(("num_perm", "seed"), [(1, 0), (16, 1), (128, 1), (128, 2**32 - 1), (257, 12345)])
def test_permutations_are_datasketchs(num_perm, seed):
    theirs = MinHash(num_perm=num_perm, seed=seed, scheme=SCHEME).permutations
    assert [row.tolist() for row in permutations(num_perm, seed)] == [row.tolist() for row in theirs]


@pytest.mark.parametrize(("num_perm", "seed"), [(0, 1), (-3, 1), (128, -1)])
def test_permutations_that_datasketch_does_not_make_are_a_usage_error(num_perm, seed):
    with pytest.raises(UsageError):
        signatures(*columns(["团结合作"]), num_perm=num_perm, seed=seed)


def test_progress_counts_paragraphs_to_the_end():
    letters = np.full(_CALL, 0x4E00, np.uint32)
    edges = np.array([0, 10, 20, _CALL - 1, _CALL, _CALL])
    said = []
    first, last = np.append(edges[:-1], 0), np.append(edges[1:], 100)
    found = signatures(letters, first, last, num_perm=2, progress=lambda *step: said.append(step))
    assert [step[0] for step in said] == ["sketch"] * len(said)
    done = [step[1] for step in said]
    assert done == sorted(set(done))
    assert said[-1] == ("sketch", 6, 6)
    assert len(said) > 1
    assert (found[0] == found[5]).all()


def test_a_signature_becomes_a_minhash_that_can_be_updated():
    head, tail = "团结合作共同发展", "互利共赢携手前进"
    minhash = to_minhash(signatures(*columns([head]), seed=3)[0], seed=3)
    assert minhash == oracle(head, seed=3)
    minhash.update_batch([shingle.encode("utf-32-le") for shingle in shingles(tail)])
    union = MinHash.union(oracle(head, seed=3), oracle(tail, seed=3))
    assert minhash == union


def test_updating_a_minhash_leaves_the_signature_as_it_was():
    found = signatures(*columns(["团结合作共同发展"]))
    before = found.copy()
    to_minhash(found[0]).update(b"\0\0\0\0")
    assert np.array_equal(found, before)


def test_a_signature_goes_through_both_kinds_of_minhash_and_back():
    signature = signatures(*columns(["团结合作共同发展"]))[0]
    lean = to_lean(signature, seed=1)
    assert isinstance(lean, LeanMinHash)
    assert lean == LeanMinHash(oracle("团结合作共同发展"))
    buffer = bytearray(lean.bytesize())
    lean.serialize(buffer)
    for minhash in (lean, to_minhash(signature), LeanMinHash.deserialize(buffer)):
        assert np.array_equal(from_minhash(minhash), signature)


@pytest.mark.parametrize("scheme", ["legacy", "affine64"])
def test_a_minhash_of_another_scheme_is_refused(scheme):
    with pytest.raises(UsageError, match=scheme):
        from_minhash(MinHash(scheme=scheme))


@settings(deadline=None)
@given(TEXTS.filter(bool), st.data())
def test_jaccard_is_that_of_datasketch(texts, data):
    found = signatures(*columns(texts))
    pair = st.tuples(*[st.integers(0, len(texts) - 1)] * 2)
    pairs = np.array(data.draw(st.lists(pair, min_size=1, max_size=5)))
    expected = [oracle(texts[a]).jaccard(oracle(texts[b])) for a, b in pairs]
    assert jaccards(found, pairs[:, 0], pairs[:, 1]).tolist() == expected
    assert [jaccard(found[a], found[b]) for a, b in pairs] == expected


def test_jaccard_comes_near_the_true_similarity():
    rng = np.random.default_rng(5)
    text = "".join(map(chr, rng.integers(0x4E00, 0x9FFF, 3000)))
    found = signatures(*columns([text[:2000], text[1000:]]), num_perm=1024)
    sets = [set(shingles(text[:2000])), set(shingles(text[1000:]))]
    true = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    assert jaccard(found[0], found[1]) == pytest.approx(true, abs=3.5 * (true * (1 - true) / 1024) ** 0.5)


def test_pairs_without_signature_are_refused():
    found = signatures(*columns(["团结合作", "共同发展"]))
    for a, b in (([0], [2]), ([-1], [0]), ([0, 1], [1])):
        with pytest.raises(ValueError, match="pair"):
            jaccards(found, np.array(a), np.array(b))
    with pytest.raises(ValueError, match="compared"):
        jaccard(found[0], found[1][:64])


def test_importing_the_package_does_not_import_the_compiler():
    script = "import sys, dedup; sys.exit(bool({'numba', 'datasketch', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
