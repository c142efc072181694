"""Score collation on texts with known edits: what is found, what it is called, and what becomes the text.

    python tests/bench/collation.py [--seeds N] [--bibles FOLDER]

Found and named: a base text in Chinese or English and 2 to 9 witnesses, each with edits of every class at known
places, once with the edits of all witnesses apart and once with those of several witnesses crossing. The base is a
witness too, and alone has a vote, so that all differences are told as from the base. An edit is found
when the collation gives its witness another reading there; it is named when every such reading has its class. F1 is
over all edits, accuracy over the found ones of a class.

Canonical: witnesses with wrong letters, and the error of the canonical text against the true base (Levenshtein
distance by length), beside the witnesses' own and that of a vote letter by letter.

Bibles: FOLDER holds `docs.jsonl` {"id": "VERSION:BOOK", "text"} and `verses.jsonl` {"doc", "verse", "start", "end"}.
The versions of each book are collated as one passage; a verse stands together when most of its letters stand against
those of the same verse in the base.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from dedup.collate import Collation, base_of, collate, rebuild
from dedup.fold import fold
from dedup.model import VariantClass as V
from dedup.vote import Copy

# ------------------------------------------------------------------------------------------------- the base text

_ZH = """
    团结 合作 人类 社会 世界 国家 政府 人民 群众 医院 学校 工厂 农村 城市 道路 河流 山脉 海洋 天空 土地 历史 文化
    艺术 音乐 科学 技术 教育 经济 贸易 投资 市场 价格 工资 收入 生活 健康 安全 和平 发展 改革 开放 创新 建设 管理
    服务 质量 效率 方法 问题 原因 结果 目标 任务 计划 会议 报告 文件 法律 制度 权利 义务 责任 信心 决心 力量 智慧
    精神 传统 现代 希望 梦想 幸福 快乐 友谊 邻居 客人 老师 学生 医生 护士 司机 农民 工人 士兵 将领 作家 诗人 画家
    记者 编辑 读者 观众 提高 降低 增加 减少 扩大 缩小 加快 放慢 开始 结束 继续 停止 支持 反对 赞成 批评 表扬 鼓励
    帮助 保护 破坏 修复 建造 拆除 购买 出售 运输 储存 研究 调查 分析 讨论 决定 宣布 公布 发表 出版 翻译 阅读 写作
    计算 测量 观察 实验 自己 已经 未来 周末 土壤 战士 认为 相信 知道 了解 明白 忘记 记得 想起
""".split()  # noqa: SIM905
_ZH_NEW = """
    玻璃 橘子 蝴蝶 葡萄 骆驼 喇叭 琵琶 蜻蜓 蚂蚁 橄榄 咖啡 沙漠 狐狸 蘑菇 芝麻 萝卜 蜘蛛 珊瑚 琥珀 枇杷 鹦鹉 蝙蝠
    麒麟 玫瑰
""".split()  # noqa: SIM905
_EN = """
    people country government village hospital school factory river mountain ocean history culture music science
    market price income health safety peace reform building service quality method question reason result target
    meeting report letter treaty system right duty courage wisdom spirit tradition dream friend neighbour teacher
    student doctor driver farmer worker soldier writer painter reader supports rejects praises blames protects repairs
    destroys carries stores studies measures observes discusses decides announces publishes translates believes
    remembers forgets modern corner eternal government's early common bright distant careful silent golden narrow
    broad heavy gentle sudden ancient local public private archaeology café résumé the a this every some with from
    under over between during after before because while although and of to in for upon against beside without
""".split()  # noqa: SIM905
_EN_NEW = """
    zeppelin oyster jackal quartz walrus hyacinth buzzard wizard pyjamas xylophone yoghurt vinegar kiosk puzzle
    gazelle mosquito labyrinth zigzag quokka jigsaw whisky bamboo paprika tuxedo flamingo vortex kumquat
""".split()  # noqa: SIM905
_ZH_NUMBERS = [("3000", "三千", "5000"), ("12", "十二", "13"), ("1.5万", "15000", "1.6万"), ("三百", "300", "五百")]
_ZH_NUMBERS += [("2020年2月", "二〇二〇年二月", "2021年2月"), ("5%", "百分之五", "6%"), ("叁仟", "三千", "肆仟")]
_EN_NUMBERS = [("3,000", "3000", "5,000"), ("twelve", "12", "eleven"), ("5 per cent", "5%", "6 per cent")]
_EN_NUMBERS += [
    ("twenty-five", "25", "thirty-five"),
    ("1,500", "1500", "1,600"),
    ("three thousand", "3,000", "four thousand"),
]


@dataclass(frozen=True, slots=True)
class Language:
    """How texts of a language are put together and spoiled."""

    name: str
    words: Sequence[str]
    new: Sequence[str]
    gap: str
    comma: str
    stop: str
    numbers: Sequence[tuple[str, str, str]]
    acronym: str


LANGUAGES = (
    Language("Chinese", _ZH, _ZH_NEW, "", "，", "。", _ZH_NUMBERS, "GDP"),
    Language("English", _EN, _EN_NEW, " ", ",", ".", _EN_NUMBERS, "Lisbon"),
)


@dataclass(frozen=True, slots=True)
class Base:
    """A text and the places of its words and numbers: start, end."""

    text: str
    words: list[tuple[int, int]]
    numbers: dict[tuple[int, int], tuple[str, str, str]]


def base_text(language: Language, words: int, rng: random.Random) -> Base:
    parts: list[str] = []
    size = 0
    spans: list[tuple[int, int]] = []
    numbers = {}

    def put(piece: str) -> tuple[int, int]:
        nonlocal size
        parts.append(piece)
        size += len(piece)
        return size - len(piece), size

    last = ""
    for n in range(words):
        word = rng.choice([word for word in language.words if not set(word) & set(last)] or language.words)
        if language.gap:
            word = rng.choice([word for word in language.words if word != last])
        last = word
        if n % 7 == 3:
            number = rng.choice(language.numbers)
            numbers[put(number[0])] = number
            put(language.gap)
        if n % 19 == 11:
            spans.append(put(language.acronym))
            put(language.gap)
        spans.append(put(word))
        if n % 12 == 11:
            put(language.stop + language.gap)
        elif n % 5 == 4:
            put(language.comma + language.gap)
        else:
            put(language.gap)
    return Base("".join(parts), spans, numbers)


# ------------------------------------------------------------------------------------------------- edits


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `[start, end)` of the base become `text`. `reach`: where in the base it may be told as well."""

    start: int
    end: int
    text: str
    kind: V
    reach: tuple[int, int]


_TRADITIONAL = dict(
    zip(
        "团类国众医学厂农业历艺乐经济贸资场价写设务质问题报权义责现",
        "團類國眾醫學廠農業歷藝樂經濟貿資場價寫設務質問題報權義責現",
        strict=True,
    )
)
_ALIKE_ZH = dict(zip("己已未末土士", "已己末未士土", strict=True))
_ALIKE_EN = {"rn": "m", "l": "1", "o": "0"}
_CYRILLIC = {"a": "а", "e": "е", "o": "о"}


def edit(kind: V, base: Base, language: Language, word: int, rng: random.Random) -> Edit | None:
    """An edit of a class at or soon after a word of the base, if there is a place for it."""
    han = not language.gap
    text, words = base.text, base.words
    start, end = words[word]
    near = words[word : word + 12]

    def change(start: int, end: int, new: str, reach: tuple[int, int] | None = None) -> Edit:
        return Edit(start, end, new, kind, reach or (start, end))

    def letter(table: dict[str, str]) -> Edit | None:
        for low, high in near:
            for old, new in rng.sample(sorted(table.items()), len(table)):
                at = text.find(old, low, high)
                if at >= 0:
                    return change(at, at + len(old), new)
        return None

    def number(which: int) -> Edit | None:
        found = [span for span in base.numbers if start <= span[0] < near[-1][1]]
        return change(*found[0], base.numbers[found[0]][which]) if found else None

    def mark() -> int:
        return text.find(language.comma + language.gap, start, near[-1][1])  # not the one in 3,000

    if kind is V.SEGMENTATION:
        return change(end, end, "\n") if han else change(end, end + 1, "\n") if text[end] == " " else None
    if kind is V.WHITESPACE:
        return change(end, end, " ") if han or text[end] == " " else None
    if kind is V.WIDTH:
        at = mark()
        if han:
            return change(at, at + 1, ",") if at >= 0 else None
        wide = "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in text[start:end])
        return change(start, end, wide) if text[start:end].isascii() and text[start:end].islower() else None
    if kind is V.CASE:
        if han:
            at = text.find(language.acronym, start, near[-1][1])
            return change(at, at + len(language.acronym), "gdp") if at >= 0 else None
        return change(start, start + 1, text[start].upper()) if text[start].islower() else None
    if kind is V.MARKUP:
        return change(start, end, f"**{text[start:end]}**")
    if kind is V.PUNCTUATION:
        at = mark()
        return change(at, at + 1, rng.choice(("；", "") if han else (";", ""))) if at >= 0 else None
    if kind is V.SCRIPT:
        return letter(_TRADITIONAL if han else {"ae": "æ"})
    if kind is V.NUMBER_FORM:
        return number(1)
    if kind is V.NUMBER_VALUE:
        return number(2)
    if kind is V.OCR:
        how = rng.randrange(4)
        if how == 0:
            at = rng.randrange(start, end)
            return change(at, at + 1, rng.choice("\ufffd□"))
        if how == 1:
            return letter(_ALIKE_ZH if han else _ALIKE_EN)
        if how == 2:
            if han:
                return change(end, end, f"\n{text[end - 1]}", (end - 1, end + 1))
            return change(end, end, f"\n{text[start:end]}", (start, end + 1)) if text[end] == " " else None
        return change(end, end, rng.choice((" and ", "the"))) if han else letter(_CYRILLIC)
    if kind is V.TRANSPOSITION:
        if len(near) < 3:
            return None
        (a, b), (c, d) = near[:2]
        if c - b != len(language.gap) or text[d : d + 1] == "" or {text[a:b]} == {text[c:d]}:
            return None
        return change(a, d, text[c:d] + language.gap + text[a:b])
    if kind is V.REPETITION:
        last = near[rng.choice((0, 2, 4)) % len(near)][1]
        if text[last : last + 1] not in (language.gap, *text[last : last + 1] * han):
            return None
        return change(last, last, language.gap + text[start:last], (start, last + 1))
    if kind is V.LACUNA:
        last = word + rng.choice((5, 7, 9, 11))
        if last >= len(words) or sum(c.isalnum() for c in text[start : words[last][0]]) < (10 if han else 24):
            return None
        return change(start, words[last][0], "")
    if kind is V.ADDITION:
        return change(start, start, "".join(w + language.gap for w in rng.sample(language.new, rng.choice((6, 9)))))
    how = rng.randrange(3)
    if how == 0:
        return change(start, end, rng.choice(language.new))
    if how == 1:
        return change(start, start, rng.choice(language.new) + language.gap)
    if text[end : end + len(language.gap)] != language.gap or len(text[start:end]) > 7:
        return None
    return change(start, end + len(language.gap), "")


def spoil(base: Base, edits: Sequence[Edit]) -> str:
    parts, done = [], 0
    for change in edits:
        parts += base.text[done : change.start], change.text
        done = change.end
    return "".join([*parts, base.text[done:]])


SLOT = 30  # words of the base in which a witness has one edit at most, and room around it


def witnesses(language: Language, count: int, crossing: bool, rng: random.Random) -> tuple[Base, list[list[Edit]]]:
    """A base and the edits of its witnesses. Where they cross, all witnesses have their edits in the same slots."""
    kinds = list(V)
    each = 5  # edits of each class, about
    slots = each * len(kinds) * (1 if crossing else count)
    base = base_text(language, SLOT * slots, rng)
    edits: list[list[Edit]] = [[] for _ in range(count)]
    for slot in range(slots):
        for witness in range(count) if crossing else (slot % count,):
            for _ in range(20):
                word = SLOT * slot + rng.randrange(2, SLOT - 24)
                found = edit(rng.choice(kinds), base, language, word, rng)
                if found:
                    edits[witness].append(found)
                    break
    return base, edits


# ------------------------------------------------------------------------------------------------- scores


def copy(text: str) -> Copy:
    folded = fold([text])
    return Copy(text, folded.letters, folded.offsets.astype(np.int64))


def told(collation: Collation) -> Iterator[tuple[int, int, int, V]]:
    """Each reading that is not canonical: the witness, where in the first witness's text, and its class."""
    for point in collation.points:
        for witness, verdict in point.differs.items():
            if witness:
                yield witness, *point.spans[0], verdict.kind


@dataclass
class Score:
    found: Counter[V]
    named: Counter[V]
    there: Counter[V]
    extra: int = 0

    def f1(self) -> float:
        hits = self.found.total()
        return 2 * hits / max(1, hits + self.extra + self.there.total())


def score(language: Language, crossing: bool, seeds: int, misses: Counter[str]) -> Score:
    total = Score(Counter(), Counter(), Counter())
    for seed in range(seeds):
        for count in (2, 3, 5, 9):
            rng = random.Random(f"{language.name} {crossing} {seed} {count}")
            base, edits = witnesses(language, count, crossing, rng)
            texts = [base.text, *(spoil(base, of) for of in edits)]
            collation = collate([copy(text) for text in texts], 0, [0])
            assert all(rebuild(collation, n, text) == text for n, text in enumerate(texts))
            by_witness: dict[int, list[tuple[int, int, V]]] = defaultdict(list)
            for witness, start, end, kind in told(collation):
                by_witness[witness].append((start, end, kind))
            for witness, of in enumerate(edits, 1):
                used = set()
                for true in of:
                    low, high = true.reach
                    low, high = low - 3, high + 3
                    hits = [(n, kind) for n, (a, b, kind) in enumerate(by_witness[witness]) if a <= high and low <= b]
                    total.there[true.kind] += 1
                    if hits:
                        total.found[true.kind] += 1
                        used |= {n for n, _ in hits}
                    if hits and {kind for _, kind in hits} == {true.kind}:
                        total.named[true.kind] += 1
                    else:
                        what = sorted({str(kind) for _, kind in hits}) or "not found"
                        misses[f"{true.kind} as {what}: {base.text[true.start : true.end]!r} > {true.text!r}"] += 1
                total.extra += len(by_witness[witness]) - len(used)
    return total


def print_scores(seeds: int, verbose: bool) -> None:
    for language in LANGUAGES:
        scores = {}
        misses: Counter[str] = Counter()
        for name, crossing in (("apart", False), ("crossing", True)):
            scores[name] = score(language, crossing, seeds, misses)
        print(f"\n{language.name:14}" + "".join(f"{name:>22}" for name in scores))
        print(f"  {'detection F1':14}" + "".join(f"{of.f1():20.4f}  " for of in scores.values()))
        for kind in V:
            if any(of.there[kind] for of in scores.values()):
                row = (
                    f"{of.named[kind] / max(1, of.found[kind]):12.4f} of {of.there[kind]:4d}  "
                    for of in scores.values()
                )
                print(f"  {kind:14}" + "".join(row))
        if verbose:
            for miss, times in misses.most_common(60):
                print(f"    {times:4d} {miss}")


# ------------------------------------------------------------------------------------------------- the canonical text


def wrong_letters(base: Base, language: Language, rate: float, rng: random.Random) -> str:
    pool = [c for word in language.words for c in word if c.isalpha()]
    return "".join(rng.choice(pool) if c.isalpha() and rng.random() < rate else c for c in base.text)


def plain_vote(texts: Sequence[str]) -> str:
    """A vote letter by letter over the first witness's positions; the first of the most frequent wins."""
    slots = [[c] for c in texts[0]]
    for text in texts[1:]:
        column = [""] * len(slots)
        for op in Levenshtein.opcodes(texts[0], text):
            for at in range(op.src_start, op.src_end):
                if op.tag == "equal" or (op.tag == "replace"):
                    column[at] = text[op.dest_start + at - op.src_start]
        for slot, c in zip(slots, column, strict=True):
            slot.append(c)
    return "".join(Counter(slot).most_common(1)[0][0] for slot in slots)


def print_canonical(seeds: int) -> None:
    print("\ncanonical text, wrong characters in 100")
    for language in LANGUAGES:
        for name, bad_copies, count in (("5 witnesses", 0, 5), ("3 witnesses", 0, 3), ("2 and 3 copies", 3, 2)):
            ours: list[float] = []
            plain: list[float] = []
            single: list[float] = []
            for seed in range(seeds):
                rng = random.Random(f"canonical {language.name} {name} {seed}")
                base = base_text(language, 2000, rng)
                texts = [wrong_letters(base, language, 0.05, rng) for _ in range(count)]
                if bad_copies:
                    bad = wrong_letters(base, language, 0.08, rng)
                    # prints of one bad print: each with a few slips of its own
                    texts += [wrong_letters(Base(bad, [], {}), language, 0.002, rng) for _ in range(bad_copies)]
                rng.shuffle(texts)
                copies = [copy(text) for text in texts]
                text = collate(copies, base_of(copies, 0), range(len(copies))).text
                ours.append(100 * Levenshtein.normalized_distance(text, base.text))
                plain.append(100 * Levenshtein.normalized_distance(plain_vote(texts), base.text))
                single.append(min(100 * Levenshtein.normalized_distance(t, base.text) for t in texts))
            means = (sum(of) / len(of) for of in (ours, plain, single))
            words = zip(("collated", "plain vote", "best witness"), means, strict=True)
            print(f"  {language.name:8} {name:15}" + "".join(f"  {what} {value:.3f}" for what, value in words))


# ------------------------------------------------------------------------------------------------- Bibles


def print_bibles(folder: Path) -> None:
    def read(name: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]

    books: dict[str, dict[str, str]] = defaultdict(dict)
    for row in read("docs.jsonl"):
        version, _, book = str(row["id"]).partition(":")
        books[book][version] = str(row["text"])
    verses: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in read("verses.jsonl"):
        verses[str(row["doc"])][str(row["verse"])] = (int(str(row["start"])), int(str(row["end"])))
    print("\nversions  seconds  a witness  points  MB  verses together")
    for book, of in books.items():
        names = sorted(of, key=lambda name: (name != "KJV", name != "UKJV", name))
        for count in range(2, len(names) + 1):
            texts = [of[name] for name in names[:count]]
            copies = [copy(text) for text in texts]
            started = time.process_time()
            collation = collate(copies, 0, range(count))
            seconds = time.process_time() - started
            assert all(rebuild(collation, n, text) == text for n, text in enumerate(texts)), "a letter was lost"
            share = _together(collation, texts, [verses[f"{name}:{book}"] for name in names[:count]])
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(
                f"  {book:6}{count}  {seconds:7.2f}  {seconds / count:9.3f}  {len(collation.points):6d}  {memory}"
                f"  {share:.4f}"
            )


def _together(collation: Collation, texts: Sequence[str], verses: Sequence[dict[str, tuple[int, int]]]) -> float:
    """Of the verses that a witness shares with the base: the share that stands against the same verse of it."""
    together = there = 0
    for witness in range(1, len(texts)):
        at = np.zeros(len(texts[witness]) + 1, np.int64)  # for each character the base's that stands against it
        done = done_base = 0
        for point in [*collation.points, None]:
            a, b = point.spans[witness] if point else (len(texts[witness]),) * 2
            x, y = point.spans[0] if point else (len(texts[0]),) * 2
            at[done:a] = done_base + np.arange(a - done)
            at[a:b] = x + np.minimum(np.arange(b - a), max(0, y - x - 1))
            done, done_base = b, y
        for name, (start, end) in verses[witness].items():
            if name in verses[0]:
                low, high = verses[0][name]
                inside = (at[start:end] >= low) & (at[start:end] < high)
                together += 2 * int(np.count_nonzero(inside)) > end - start
                there += 1
    return together / max(1, there)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2, help="texts of each kind (2)")
    parser.add_argument("--bibles", type=Path, help="a folder with docs.jsonl and verses.jsonl")
    parser.add_argument("--misses", action="store_true", help="print what was not found or was misnamed")
    parser.add_argument("--only", choices=("edits", "canonical", "bibles"))
    options = parser.parse_args()
    if options.only in (None, "edits"):
        print_scores(options.seeds, options.misses)
    if options.only in (None, "canonical"):
        print_canonical(options.seeds)
    if options.bibles and options.only in (None, "bibles"):
        print_bibles(options.bibles)


if __name__ == "__main__":
    main()
