"""Made-up prose in many scripts, the layouts it comes in, and heaps of files that share passages.

Everything follows from small numbers: `prose("han", 7)` is the same text on every machine. Words are drawn from
lists large enough that two seeds share no passage by chance.
"""

from __future__ import annotations

import json
import random
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from dedup.config import Settings
from dedup.decisions import Decision, merge_decisions
from dedup.engine.local import Scan, scan
from dedup.merge import Merged, merge
from dedup.read import Inputs, read
from dedup.write import write

# ------------------------------------------------------------------------------------------------- scripts

_HAN = (
    "天地人和春夏秋冬山川河海风雨雷电日月星辰东西南北上下左右前后里外高低长短大小多少古今中外工农商学兵"
    "政经文化教育科技医药卫生城市乡村道路桥梁车船飞机房屋门窗桌椅书报纸笔墨诗歌舞画琴棋花草树木鸟兽虫鱼"
    "米麦豆茶酒油盐糖衣帽鞋布丝棉金银铜铁石玉火水土气光声色香味冷热温凉快慢轻重远近新旧好坏美丑善恶真假"
    "是非得失成败胜负进退来去出入开关起落生死老少男女父母兄弟姐妹儿孙师友邻客王民官吏将士军队国家社会历史"
    "思想理论实践方法问题原因结果目标任务计划组织领导群众干部党员会议报告讲话文件制度法律权利义务责任安全"
    "发展改革创造建设保护环境资源能源生态污染治理防控检查监督管理服务质量效率速度规模结构产业企业市场价格"
    "投资消费贸易合作交流友谊和平战争胜利困难挑战机遇信心决心力量智慧精神传统现代未来希望梦想幸福健康快乐"
)
_TRADITIONAL = str.maketrans(
    "东风云电车长书报纸画鱼麦盐铜铁声热轻远旧恶败胜负进来开关师邻军队国会历论实践问题结标务计划组织领导众党员"
    "议讲话权义责发创设护环资产业质规构贸创报战机难检监动给习总济经学体样见说这还为们时过对没现变点边种应业义",
    "東風雲電車長書報紙畫魚麥鹽銅鐵聲熱輕遠舊惡敗勝負進來開關師鄰軍隊國會歷論實踐問題結標務計劃組織領導眾黨員"
    "議講話權義責發創設護環資產業質規構貿創報戰機難檢監動給習總濟經學體樣見說這還為們時過對沒現變點邊種應業義",
)
_KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
_KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
_THAI = """
    การ ความ ประเทศ เมือง บ้าน คน เด็ก ครู โรง เรียน ทาง น้ำ ฝน ดิน ไฟ ลม ต้น ไม้ ดอก ผล ข้าว ปลา
    นก ช้าง ม้า วัว รถ เรือ ถนน สะพาน ตลาด เงิน ทอง งาน เวลา ปี เดือน วัน คืน เช้า เย็น ใหญ่ เล็ก
    ดี งาม เก่า ใหม่ สูง ต่ำ ไกล ใกล้ เร็ว ช้า พูด อ่าน เขียน ฟัง ดู เดิน วิ่ง นั่ง นอน กิน ดื่ม ทำ
    สร้าง ช่วย รัก หวัง ฝัน จำ ลืม รู้ คิด ถาม ตอบ ซื้อ ขาย ให้ รับ เปิด ปิด
""".split()  # noqa: SIM905


def _syllables(rng: random.Random, onsets: Sequence[str], vowels: Sequence[str], codas: Sequence[str]) -> str:
    return "".join(rng.choice(onsets) + rng.choice(vowels) + rng.choice(codas) for _ in range(rng.choice((1, 2, 2, 3))))


def _latin(rng: random.Random) -> str:
    onsets = [*"bcdfghlmnprstvw", "st", "tr", "gr", "pl", "sh", "ch"]
    return _syllables(rng, onsets, ["a", "e", "i", "o", "u", "ea", "ou"], ["", "", "n", "r", "t", "s", "l", "nd"])


def _cyrillic(rng: random.Random) -> str:
    return _syllables(rng, list("бвгджзклмнпрстфхчш"), list("аеиоуыэюя"), ["", "", "н", "р", "т", "й", "л", "ё"])


def _arabic(rng: random.Random) -> str:
    letters = "بتثجحخدذرزسشصضطظعغفقكلمنهوي"
    stem = "".join(rng.choice(letters) + rng.choice(("", "", "ا", "و", "ي")) for _ in range(3))
    return rng.choice(("", "", "ال", "و")) + stem


def _han(rng: random.Random) -> str:
    return "".join(rng.choice(_HAN) for _ in range(rng.choice((1, 2, 2, 2, 3, 4))))


def _japanese(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.2:
        return "".join(rng.choice(_KATAKANA) for _ in range(rng.randint(2, 5)))
    return "".join(rng.choice(_HAN) for _ in range(rng.randint(0, 2))) + "".join(
        rng.choice(_KANA) for _ in range(rng.randint(1, 3))
    )


def _korean(rng: random.Random) -> str:
    return "".join(chr(0xAC00 + rng.randrange(0, 11172)) for _ in range(rng.randint(1, 4)))


def _thai(rng: random.Random) -> str:
    return rng.choice(_THAI) + rng.choice(_THAI)


def _mixed(rng: random.Random) -> str:
    return _latin(rng).capitalize() if rng.random() < 0.12 else _han(rng)


_ODD = (
    *("𠀋", "😀", "👩\u200d🔬", "e\u0301", "n\u0303", "\ufffd", "\u200b", "\u00ad", "\ufeff", "\u202e", "ﬁ", "㎏", "①"),
    *("Ⅷ", "ß", "İ", "ǆ", "\u1100\u1161\u11a8", "\u0301", "\x07", "\x1b", "\ue000", "𝒜", "か\u3099", "½", "1,234.5"),
    *("３０００", "三千", "ﷺ", "\u2060"),
)


def _odd(rng: random.Random) -> str:
    """Words with what breaks programs: astral letters, emoji, marks, lost and unseen characters, right-to-left runs."""
    word = rng.choice((_han, _latin, _cyrillic, _arabic, _korean))(rng)
    odd = rng.choice(_ODD)
    return rng.choice((odd + word, word + odd, word, word))


@dataclass(frozen=True, slots=True)
class Script:
    """How prose of a script is put together."""

    word: Callable[[random.Random], str]
    space: str  # between words
    comma: str
    stops: tuple[str, ...]
    gap: str  # between sentences
    words: int  # in a sentence, about
    capital: bool = False


SCRIPTS: dict[str, Script] = {
    "han": Script(_han, "", "，", ("。", "。", "！", "？"), "", 14),
    "hant": Script(lambda rng: _han(rng).translate(_TRADITIONAL), "", "，", ("。", "。", "！"), "", 14),
    "latin": Script(_latin, " ", ",", (".", ".", "!", "?"), " ", 12, capital=True),
    "cyrillic": Script(_cyrillic, " ", ",", (".", ".", "!"), " ", 10, capital=True),
    "arabic": Script(_arabic, " ", "،", (".", "؟", "."), " ", 10),
    "thai": Script(_thai, "", " ", ("", "", "!"), " ", 10),
    "japanese": Script(_japanese, "", "、", ("。", "。", "？"), "", 12),
    "korean": Script(_korean, " ", ",", (".", ".", "?"), " ", 10),
    "mixed": Script(_mixed, "", "，", ("。", "。", "；"), "", 14),
    "odd": Script(_odd, " ", ",", (".", "。", "\u2028", "\x0b"), " ", 9),
}

Sentences = tuple[str, ...]
Prose = tuple[Sentences, ...]
"""Paragraphs of sentences; a sentence carries its punctuation and no space around it."""


@cache
def prose(script: str, seed: int, paragraphs: int = 2, sentences: int = 3) -> Prose:
    """Paragraphs that no other seed shares a passage with."""
    rng = random.Random(f"{script} {seed}")
    return tuple(tuple(_sentence(SCRIPTS[script], rng) for _ in range(sentences)) for _ in range(paragraphs))


def _sentence(script: Script, rng: random.Random) -> str:
    count = max(4, script.words + rng.randint(-3, 4))
    words = [script.word(rng) for _ in range(count)]
    if script.capital:
        words[0] = words[0].capitalize()
    cut = rng.randint(2, count - 2)
    head, tail = script.space.join(words[:cut]), script.space.join(words[cut:])
    return head + script.comma + script.space + tail + rng.choice(script.stops)


# ------------------------------------------------------------------------------------------------- layouts

Layout = Callable[[Prose, str], str]
"""Paragraphs and the space between their sentences -> text."""


def _lines(text: Prose, gap: str) -> str:
    return "".join(gap.join(paragraph) + "\n" for paragraph in text)


def _blank_lines(text: Prose, gap: str) -> str:
    return "\n\n".join(gap.join(paragraph) for paragraph in text) + "\n"


def _one_line(text: Prose, gap: str) -> str:
    return gap.join(gap.join(paragraph) for paragraph in text)


def _sentence_lines(text: Prose, gap: str) -> str:
    return "".join(sentence + "\n" for paragraph in text for sentence in paragraph)


def _indented(text: Prose, gap: str) -> str:
    indent = "    " if gap else "\u3000\u3000"
    return "".join(indent + gap.join(paragraph) + "\n" for paragraph in text)


def wrap(paragraph: str, columns: int) -> list[str]:
    """Lines of at most so many columns: broken at spaces where there are any, else anywhere."""
    lines, line, width = [], "", 0
    for piece in _breakable(paragraph):
        size = sum(2 if c >= "\u2e80" else 1 for c in piece)
        if line and width + size > columns:
            lines.append(line.rstrip(" "))
            line, width = "", 0
        line, width = line + piece, width + size
    return [*lines, line]


def _breakable(text: str) -> list[str]:
    pieces: list[str] = []
    for c in text:
        if (pieces and c != " " and c < "\u2e80" and pieces[-1][-1] not in " " and pieces[-1][-1] < "\u2e80") or (
            pieces and (c == " " or unicodedata.category(c)[0] in "MP" or c == "\u200d")
        ):
            pieces[-1] += c
        else:
            pieces.append(c)
    return pieces


def _wrapped(columns: int) -> Layout:
    def layout(text: Prose, gap: str) -> str:
        return "\n\n".join("\n".join(wrap(gap.join(paragraph), columns)) for paragraph in text) + "\n"

    return layout


def _page_broken(text: Prose, gap: str) -> str:
    """Blank lines in the middle of a sentence, once a paragraph."""
    broken = []
    for number, paragraph in enumerate(text):
        whole = gap.join(paragraph)
        pieces = _breakable(whole)
        at = len(pieces) * 2 // 3
        broken.append("".join(pieces[:at]).rstrip(" ") + "\n" * (2 + number % 3) + "".join(pieces[at:]))
    return "\n".join(broken) + "\n"


LAYOUTS: dict[str, Layout] = {
    "lines": _lines,
    "blank lines": _blank_lines,
    "one line": _one_line,
    "sentence lines": _sentence_lines,
    "indented": _indented,
    "wrapped at 40": _wrapped(40),
    "wrapped at 72": _wrapped(72),
    "page broken": _page_broken,
}

_HALF = str.maketrans("，。！？；：（）", ",.!?;:()")
_FULL = str.maketrans({",": "，", ".": "。", "!": "！", "?": "？", ";": "；"})


def lay_out(text: Prose, layout: str, script: str) -> str:
    return LAYOUTS[layout](text, SCRIPTS[script].gap)


def repunctuate(text: str, how: str) -> str:
    """Punctuation in the other width, or gone. No letter changes."""
    if how == "half":
        return text.translate(_HALF)
    if how == "full":
        return text.translate(_FULL)
    return "".join(c for c in text if c not in "，。！？；：、,!?;:")


# ------------------------------------------------------------------------------------------------- editions


def noise(text: str, rate: float, seed: int) -> str:
    """Every so many-th letter substituted by another of the text, dropped or doubled."""
    rng = random.Random(seed)
    letters = [c for c in text if c.isalnum()] or ["x"]
    noisy = []
    for c in text:
        kind = rng.random() / rate if rate and c.isalnum() else 1.0
        noisy.append(rng.choice(letters) if kind < 0.5 else "" if kind < 0.75 else c + c if kind < 1 else c)
    return "".join(noisy)


def excerpt(text: Prose) -> Prose:
    """The middle of each paragraph."""
    return tuple(p[1:-1] if len(p) > 2 else p[:1] for p in text)


def reorder(text: Prose, seed: int) -> Prose:
    paragraphs = list(text)
    random.Random(seed).shuffle(paragraphs)
    return tuple(paragraphs)


@dataclass(frozen=True)
class Edition:
    """One printing of a passage, or (number < 0) text that stands nowhere else."""

    script: str
    number: int
    paragraphs: int
    layout: str
    change: str
    seed: int

    def text(self) -> str:
        whole = prose(self.script, self.number, self.paragraphs, 3)
        if self.change == "excerpt":
            whole = excerpt(whole)
        elif self.change == "reordered":
            whole = reorder(whole, self.seed)
        text = lay_out(whole, self.layout, self.script)
        if self.change == "noise":
            return noise(text, 0.03, self.seed)
        if self.change in ("half", "full", "bare"):
            return repunctuate(text, self.change)
        if self.change in ("NFC", "NFD", "NFKC"):
            return unicodedata.normalize(self.change, text)
        return text


CHANGES = ("as it was", "noise", "excerpt", "reordered", "half", "full", "bare", "NFD", "NFC")


@dataclass(frozen=True)
class Print:
    """A file: editions one after another, and how it is written down."""

    editions: tuple[Edition, ...]
    join: str = "\n"
    newline: str = "\n"
    encoding: str = "utf-8"

    @property
    def text(self) -> str:
        return self.join.join(edition.text() for edition in self.editions)

    @property
    def data(self) -> bytes:
        text = self.text
        if self.newline == "mixed":
            text = "".join(c if c != "\n" else ("\n", "\r\n", "\r")[n % 3] for n, c in enumerate(text))
        elif self.newline != "\n":
            text = text.replace("\n", self.newline)
        if self.encoding == "gb18030" and any(edition.script not in ("han", "mixed") for edition in self.editions):
            return text.encode("utf-8")  # whose prose no one would guess to be GB 18030
        return text.encode(self.encoding)


Heap = dict[str, bytes]

ODDITIES: Heap = {
    "empty.txt": b"",
    "letter.txt": "一".encode(),
    "mark.txt": b".",
    "newline.txt": b"\n",
    "blank.txt": b" \n\n\t\n",
    "bom.txt": b"\xef\xbb\xbf",
}


@st.composite
def editions(draw: st.DrawFn, scripts: Sequence[str] = tuple(SCRIPTS), changes: Sequence[str] = CHANGES) -> Edition:
    script = draw(st.sampled_from(scripts))
    number = draw(st.integers(0, 2))
    if draw(st.integers(0, 3)) == 3:
        number = 100 + draw(st.integers(0, 100_000))  # text of its own
    return Edition(
        script,
        number,
        paragraphs=1 + number % 3,
        layout=draw(st.sampled_from(tuple(LAYOUTS))),
        change=draw(st.sampled_from(changes)),
        seed=draw(st.integers(0, 3)),
    )


@st.composite
def heaps(draw: st.DrawFn, scripts: Sequence[str] | None = None, changes: Sequence[str] = CHANGES) -> Heap:
    """A few short files that share passages; one or two scripts a heap, so that they do."""
    own = scripts or draw(st.lists(st.sampled_from(tuple(SCRIPTS)), min_size=1, max_size=2, unique=True))
    heap: Heap = {}
    for number in range(draw(st.integers(2, 4))):
        printed = Print(
            tuple(draw(st.lists(editions(own, changes), min_size=1, max_size=4))),
            join=draw(st.sampled_from(("\n", "\n\n", "", " ", "\n\n\n\n", "\n　　"))),
            newline=draw(st.sampled_from(("\n", "\n", "\r\n", "\r", "mixed"))),
            encoding=draw(st.sampled_from(("utf-8", "utf-8", "utf-8-sig", "utf-16", "gb18030"))),
        )
        name = f"{draw(st.sampled_from(('a', 'b/c', 'z')))}{number}"
        if draw(st.integers(0, 5)) == 5:
            rows = [{"id": str(n), "text": edition.text()} for n, edition in enumerate(printed.editions)]
            lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            heap[f"{name}.jsonl"] = "".join(lines).encode("utf-8", "surrogatepass")
        else:
            heap[f"{name}.txt"] = printed.data
    for odd in draw(st.lists(st.sampled_from(sorted(ODDITIES)), max_size=1)):
        heap[odd] = ODDITIES[odd]
    return heap


# ------------------------------------------------------------------------------------------------- the pipeline

SEEDS = Path(__file__).parent.parent / "seeds"

pipeline = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def lay(root: Path, heap: Heap | dict[str, str]) -> Path:
    """Write files below a folder."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in heap.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


@dataclass(frozen=True, eq=False)
class Run:
    """One `merge`, from the inputs to the folder that it wrote."""

    inputs: Inputs
    found: Scan
    merged: Merged
    out: Path

    def rows(self, name: str) -> list[dict]:  # type: ignore[type-arg]
        text = (self.out / name).read_bytes().decode("utf-8")
        return [json.loads(row) for row in text.split("\n") if row]

    def raw(self, path: str) -> str:
        """The decoded source as outer positions count it: without BOM, newlines as they stand in the file."""
        source = next(s for s in self.inputs.sources if s.path == path)
        return source.text if source.newline in ("", "\n") else source.text.replace("\n", source.newline)


def run(
    folder: Path | Sequence[Path], out: Path, options: Settings | None = None, decisions: Sequence[Decision] = ()
) -> Run:
    options = options or Settings()
    inputs = read([folder] if isinstance(folder, Path) else list(folder))
    found = scan(inputs.sources, options)
    merged = merge(found.corpus, found.matches, options, merge_decisions((), decisions))
    write(merged, inputs, found.corpus, options, out)
    return Run(inputs, found, merged, out)


def merge_texts(
    texts: dict[str, str], tmp: Path, options: Settings | None = None, decisions: Sequence[Decision] = ()
) -> Run:
    """Merge a few texts given as strings."""
    return run(lay(tmp / "in", texts), tmp / "out", options, decisions)


def tree(folder: Path) -> Heap:
    """Every file below a folder and its bytes."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }
