"""Bytes come back as they were, and legacy encodings are told apart."""

from __future__ import annotations

import codecs
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import EncodingError, NotText, UsageError
from dedup.read.decode import codec_name, decode, encode, unify_newlines

SIMPLIFIED = (
    "为了加强两国人民之间的友谊和合作，双方决定在平等互利的基础上发展贸易关系，扩大文化交流。会议于一九五四年十月"
    "在北京举行，来自各地的代表三百余人出席了会议，并且通过了关于今后工作的若干决议。"
)
TRADITIONAL = (
    "為了加強兩國人民之間的友誼和合作，雙方決定在平等互利的基礎上發展貿易關係，擴大文化交流。會議於一九五四年十月"
    "在臺北舉行，來自各地的代表三百餘人出席了會議，並且通過了關於今後工作的若干決議。"
)
JAPANESE = (
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした"
    "所でニャーニャー泣いていた事だけは記憶している。吾輩はここで始めて人間というものを見た。"
)
KOREAN = (
    "모든 국민은 인간으로서의 존엄과 가치를 가지며, 행복을 추구할 권리를 가진다. 국가는 개인이 "
    "가지는 불가침의 기본적 인권을 확인하고 이를 보장할 의무를 진다. 모든 국민은 법 앞에 평등하다."
)
RUSSIAN = (
    "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. "
    "Все смешалось в доме Облонских."
)
FRENCH = (
    "Longtemps, je me suis couché de bonne heure. Parfois, à peine ma bougie éteinte, mes yeux se "
    "fermaient si vite que je n'avais pas le temps de me dire: «Je m'endors.»"
)
GERMAN = (
    "Als Gregor Samsa eines Morgens aus unruhigen Träumen erwachte, fand er sich in seinem Bett zu "
    "einem ungeheueren Ungeziefer verwandelt. Er lag auf seinem panzerartig harten Rücken."
)
LEGACY = [
    (SIMPLIFIED, ["gb18030", "gbk", "gb2312", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]),
    (TRADITIONAL, ["big5", "cp950", "big5hkscs", "gb18030", "utf-16-le", "utf-16-be"]),
    (JAPANESE, ["shift_jis", "cp932", "euc_jp", "iso2022_jp", "utf-16-le", "utf-16-be"]),
    (KOREAN, ["euc_kr", "cp949", "utf-16-le", "utf-16-be"]),
    (RUSSIAN, ["koi8-r", "cp1251", "cp866", "iso8859-5", "mac-cyrillic", "utf-16-le", "utf-16-be"]),
    (FRENCH, ["cp1252", "latin-1", "utf-16-le", "utf-16-be"]),
    (GERMAN, ["cp1252", "utf-16-le"]),
]
CASES = [(text, name) for text, names in LEGACY for name in names]


def back(data: bytes, encoding: str | None = None) -> bytes:
    source = decode(data, "a.txt", encoding)
    return encode(source.text, encoding=source.encoding, newline=source.newline, bom=source.bom)


@pytest.mark.parametrize(("text", "name"), CASES, ids=[f"{name}-{text[:3]}" for text, name in CASES])
@pytest.mark.parametrize("newline", ["", "\n", "\r\n"])
def test_a_legacy_encoding_is_found_and_gives_the_same_bytes_back(text: str, name: str, newline: str) -> None:
    text = text.replace("。", "。" + newline).replace(". ", ". " + newline)
    data = text.encode(name)
    source = decode(data, "a.txt")
    assert source.text == text.replace("\r\n", "\n")
    assert back(data) == data


@pytest.mark.parametrize(("text", "name"), CASES, ids=[f"{name}-{text[:3]}" for text, name in CASES])
def test_eighty_characters_are_enough(text: str, name: str) -> None:
    data = text[:80].encode(name)
    assert decode(data, "a.txt").text == text[:80]


def test_the_encoding_has_a_canonical_codec_name() -> None:
    assert decode(SIMPLIFIED.encode("gbk"), "a").encoding == "gb18030"
    assert decode(RUSSIAN.encode("koi8-r"), "a").encoding == "koi8-r"
    assert decode(TRADITIONAL.encode("big5"), "a").encoding == "big5"
    assert decode(b"abc", "a", "UTF8").encoding == "utf-8"
    for text, name in CASES:
        found = decode(text.encode(name), "a").encoding
        assert found == codecs.lookup(found).name


def test_a_long_ascii_beginning_does_not_hide_the_encoding() -> None:
    data = b"# A heading in English\n" * 40_000 + SIMPLIFIED.encode("gb18030")
    assert decode(data, "a.txt").encoding == "gb18030"


@pytest.mark.parametrize("name", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030"])
@pytest.mark.parametrize("text", ["", "a", "汉字\n", "\ufeffx"])
def test_a_bom_is_taken_off_and_put_back(name: str, text: str) -> None:
    data = ("\ufeff" + text).encode(name)
    source = decode(data, "a.txt")
    assert (source.text, source.bom, source.encoding) == (text, True, name)
    assert back(data) == data


def test_a_source_knows_its_bytes() -> None:
    data = b"a\r\nb\r\n"
    source = decode(data, "x/a.txt")
    assert (source.path, source.size, source.sha256) == ("x/a.txt", 6, hashlib.sha256(data).hexdigest())


def test_an_empty_file_is_an_empty_text() -> None:
    assert decode(b"", "a").text == ""


@pytest.mark.parametrize(
    ("raw", "newline", "text"),
    [
        ("a", "\n", "a"),
        ("a\nb\n", "\n", "a\nb\n"),
        ("a\r\nb\r\n", "\r\n", "a\nb\n"),
        ("a\rb", "\r", "a\nb"),
        ("a\r\nb\n", "", "a\r\nb\n"),
        ("a\r\r\n", "", "a\r\r\n"),
        ("a\n\r", "", "a\n\r"),
    ],
)
def test_a_newline_used_throughout_becomes_one_character(raw: str, newline: str, text: str) -> None:
    assert unify_newlines(raw) == (newline, text)
    assert back(raw.encode()) == raw.encode()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]) | st.sampled_from("\r\n")))
def test_any_text_in_utf8_comes_back(text: str) -> None:
    data = text.encode()
    try:
        assert back(data) == data
    except NotText:
        assert any(char < " " or char == "\x7f" for char in text)


@given(st.binary(max_size=300))
def test_whatever_is_read_comes_back(data: bytes) -> None:
    try:
        assert back(data) == data
    except (EncodingError, NotText) as error:
        assert error.hint  # noqa: PT017


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0\x1b")),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-32-be", "gb18030", "big5", "cp932", "koi8-r", "iso2022_jp"]),
)
def test_a_named_encoding_gives_the_same_bytes_back(text: str, name: str) -> None:
    data = text.encode(name, "ignore")
    try:
        assert back(data, name) == data
    except EncodingError as error:
        assert "byte for byte" in str(error)  # noqa: PT017
    except NotText:
        pass  # a text that begins as a file of another kind does


def test_a_named_encoding_is_used_strictly() -> None:
    with pytest.raises(EncodingError, match=r"a\.txt:2: not valid utf-8 at byte 2") as caught:
        decode(b"a\n\xff", "a.txt", "utf-8")
    assert "--encoding" in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["klingon", "rot13", "hex", "", "a\0b"])
def test_an_unknown_encoding_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError):
        codec_name(name)


@pytest.mark.parametrize("data", [b"caf\xe9", "中".encode("gbk"), "Все".encode("koi8-r"), "각하".encode("euc_kr")])
def test_what_is_too_short_to_tell_is_not_guessed(data: bytes) -> None:
    with pytest.raises(EncodingError, match="cannot be told") as caught:
        decode(data, "a.txt")
    assert "--encoding" in (caught.value.hint or "")


def test_utf8_with_a_broken_byte_is_not_taken_for_something_else() -> None:
    data = SIMPLIFIED.encode()
    with pytest.raises(EncodingError, match=r"a\.txt:1: not valid utf-8 at byte 60"):
        decode(data[:60] + b"\xff" + data[60:], "a.txt")
    with pytest.raises(EncodingError, match=f"byte {len(data) - 3}"):
        decode(data[:-1], "a.txt")


def test_utf16_that_is_cut_off_is_an_error_and_not_a_binary_file() -> None:
    for mark in ("", "\ufeff"):
        with pytest.raises(EncodingError, match="utf-16-le"):
            decode((mark + RUSSIAN).encode("utf-16-le")[:-1], "a.txt")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(64),
        b"%PDF-1.7\nabc",
        b"PK\x03\x04abc",
        b"plain\0text",
        bytes(range(256)) * 4,
        bytes([1, 2, 3, 4, 5, 6, 200, 201]) * 9,
    ],
)
def test_a_binary_file_is_not_text(data: bytes) -> None:
    with pytest.raises(NotText) as caught:
        decode(data, "a.txt")
    assert caught.value.hint


def test_a_guess_that_would_not_come_back_is_not_taken() -> None:
    data = JAPANESE.encode("cp932") + b"\x81\xca" + b"\xee\xf9" + b"\xfa\x54"  # three ways to write one sign
    assert data.decode("cp932").encode("cp932") != data
    assert decode(data, "a.txt").encoding == "shift_jis_2004"
    assert back(data) == data
    with pytest.raises(EncodingError, match="byte for byte"):
        decode(data, "a.txt", "cp932")


def test_the_next_of_a_family_is_taken_where_the_first_lacks_a_character() -> None:
    data = (JAPANESE + "か゚俱").encode("shift_jis_2004")
    assert decode(data, "a.txt").encoding == "shift_jis_2004"
    assert back(data) == data


@pytest.mark.parametrize(("text", "name"), [(FRENCH, "cp1252"), (GERMAN, "cp1252"), (RUSSIAN, "koi8-r")])
def test_letters_of_a_code_page_are_not_read_as_han(text: str, name: str) -> None:
    for start in range(len(text) - 80):
        part = text[start : start + 80]
        if part.isascii():
            continue
        assert decode(part.encode(name), "a.txt").text == part


def test_two_readings_that_are_as_likely_are_an_error_that_names_both() -> None:
    with pytest.raises(EncodingError, match=r"cannot be told: .*cp949"):
        decode("가나각간감강개거건검게격견결경계고".encode("euc_kr"), "a.txt")


def test_encoding_a_foreign_character_says_which() -> None:
    with pytest.raises(EncodingError, match=r"U\+4E2D"):
        encode("中", encoding="cp1252")


def test_a_stray_nul_in_a_long_text_does_not_make_it_binary() -> None:
    text = "A page of a web site that lost a byte here or there on its way. " * 8 + "\0 and went on all the same.\n"
    source = decode(text.encode(), "page.txt")
    assert (source.text, source.encoding) == (text, "utf-8")
    assert encode(source.text) == text.encode()
