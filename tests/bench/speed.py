"""Time, memory and recall of `dedup` beside other programs, all in one go, each in a process of its own.

    python tests/bench/speed.py [FOLDER] [--only NAME,NAME] [--sample N]
    python tests/bench/speed.py --debian manpages-zh
    python tests/bench/speed.py --growth 9,18,36,72,144 [--only dedup-pairs,dedup-merge]
    python tests/bench/speed.py FOLDER --only dedup-pairs --options="--memory 2GB"

Without a FOLDER the texts are made up (`generate.py`, 9 MB); `--debian` takes those of a package instead.
`pip install -r tests/bench/requirements.txt` installs the others; one that is missing or fails gets a row that says so.
`dedup-pairs` is `dedup scan --pairs --formulas`, which gives what the others give, boilerplate too, but verified;
`dedup-scan` is `dedup scan`, which also says what a merge would do with each place.

The others get more help than in life: the paragraphs as `dedup` heals them, folded to their letters, without the time
that took. `dedup` reads the files as they are, and its time and memory are those of the whole command. Recall is
against brute force: the pairs of a random sample of paragraphs with any paragraph whose sets of 5-letter shingles have
a Jaccard similarity of 0.5 or more. `pairs` counts paragraphs, for `dedup` passages, which may be parts of paragraphs
or many of them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import shlex
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import generate
from rivals import RIVALS, THRESHOLD, shingles

import dedup
from dedup.corpus import build

HERE = Path(__file__).parent
OURS = ("dedup-pairs", "dedup-scan", "dedup-merge")
SHORTEST = 20  # letters of a paragraph that is handed to the others


@dataclass(frozen=True)
class Unit:
    """A paragraph as the others get it: where it stands, in characters of the file."""

    path: str
    start: int
    end: int
    letters: str


@dataclass(frozen=True)
class Run:
    """What a process took: seconds, bytes, and the last line it complained with if it failed."""

    wall: float
    cpu: float
    peak: int
    failure: str | None


_LAUNCHER = """
import json, os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=open(sys.argv[1], "wb"))
_, status, usage = os.wait4(process.pid, 0)
wall = time.perf_counter() - start
print(json.dumps([wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)]))
"""


def run(command: Sequence[str]) -> Run:
    """Run a command; its CPU time and peak memory are its own and those of processes it waited for.

    A small process starts it: the peak memory of a process counts what the one that started it had.
    """
    with tempfile.NamedTemporaryFile() as errors:
        launch = [sys.executable, "-S", "-E", "-c", _LAUNCHER, errors.name, *command]
        told = subprocess.run(launch, check=True, stdout=subprocess.PIPE).stdout
        complaint = errors.read().decode("utf-8", "replace").strip().splitlines()
    wall, cpu, peak, code = json.loads(told)
    failure = None
    if code:
        said = [line for line in complaint if line.startswith("error:")] or complaint[-1:]
        failure = said[0] if said else f"exit code {code}"
    return Run(wall, cpu, peak * (1 if sys.platform == "darwin" else 1024), failure)


# --- corpora


def debian(package: str, folder: Path) -> None:
    """The texts of a Debian package, unpacked."""
    subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True)
    (archive,) = folder.glob("*.deb")
    subprocess.run(["dpkg", "-x", archive.name, "unpacked"], cwd=folder, check=True)
    archive.unlink()
    for file in sorted((folder / "unpacked").rglob("*")):
        if file.suffix in {".gz", ".txt", ".md", ""} and file.is_file() and not file.is_symlink():
            data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
            name = file.relative_to(folder / "unpacked").as_posix().removesuffix(".gz").replace("/", "-")
            (folder / f"{name.removesuffix('.txt')}.txt").write_bytes(data)
            file.unlink()


def units_of(folder: Path) -> tuple[list[Unit], int]:
    """The paragraphs of a folder's texts, and the letters of all of them together."""
    corpus = build(dedup.read_sources([folder]).sources)
    paragraphs, units = corpus.paragraphs, []
    for p in range(len(paragraphs.source)):
        first, last = int(paragraphs.first[p]), int(paragraphs.last[p])
        if last - first >= SHORTEST:
            number = int(paragraphs.source[p])
            lines = corpus.lines[number]
            start, end = lines.outer(int(paragraphs.start[p])), lines.outer(int(paragraphs.end[p]))
            units.append(Unit(corpus.sources[number].path, start, end, corpus.letters(first, last)))
    return units, len(corpus.folded.letters)


# --- truth, and what of it was found


def brute_force(units: Sequence[Unit], sample: int) -> set[tuple[int, int]]:
    """The pairs of `sample` random units with any unit that have a Jaccard similarity of THRESHOLD or more."""
    chosen = random.Random(1).sample(range(len(units)), min(sample, len(units)))
    sets = {number: shingles(units[number].letters) for number in chosen}
    having = defaultdict(list)
    for number, own in sets.items():
        for shingle in own:
            having[shingle].append(number)
    pairs = set()
    for other, unit in enumerate(units):
        own = shingles(unit.letters)
        common = Counter(number for shingle in own for number in having.get(shingle, ()))
        for number, count in common.items():
            if number != other and count >= THRESHOLD * (len(own) + len(sets[number]) - count):
                pairs.add((min(number, other), max(number, other)))
    return pairs


def told_by_rival(file: Path) -> set[tuple[int, int]]:
    pairs = (sorted(map(int, line.split())) for line in file.read_text().splitlines())
    return {(one, other) for one, other in pairs}


def told_by_dedup(file: Path, units: Sequence[Unit], truth: set[tuple[int, int]]) -> tuple[int, set[tuple[int, int]]]:
    """How many matches there are, and which true pairs one of them holds: half of both units and more, in line."""
    wanted = defaultdict(list)
    for pair in truth:
        one, other = sorted(pair, key=lambda number: (units[number].path, units[number].start))
        wanted[units[one].path, units[other].path].append((one, other, pair))
    count, found = 0, set()
    with open(file, encoding="utf-8") as lines:
        for match in map(json.loads, lines):
            count += 1
            a, b = match["a"], match["b"]
            for one, other, pair in wanted.get((a["path"], b["path"]), ()):
                if _holds(a, units[one]) and _holds(b, units[other]) and _in_line(a, b, units[one], units[other]):
                    found.add(pair)
    return count, found


def _holds(span: dict[str, int], unit: Unit) -> bool:
    return 2 * (min(span["end"], unit.end) - max(span["start"], unit.start)) >= unit.end - unit.start


def _in_line(a: dict[str, int], b: dict[str, int], one: Unit, other: Unit) -> bool:
    scale = (b["end"] - b["start"]) / (a["end"] - a["start"])
    middle = b["start"] + ((one.start + one.end) / 2 - a["start"]) * scale
    reach = other.end - other.start
    return other.start - reach <= middle <= other.end + reach


# --- tables


def compare(folder: Path, names: Sequence[str], sample: int, options: Sequence[str], work: Path) -> None:
    """One row a program."""
    units, letters = units_of(folder)
    truth = brute_force(units, sample)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{size / 1e6:.1f} MB, {letters:,} letters, {len(units):,} paragraphs; {len(truth):,} pairs to recall\n")
    file = work / "units.jsonl"
    with open(file, "w", encoding="utf-8") as stream:
        stream.writelines(json.dumps({"id": n, "text": unit.letters}) + "\n" for n, unit in enumerate(units))
    print(f"{'':12}  {'wall s':>8}  {'CPU s':>8}  {'letters/s':>12}  {'peak MB':>8}  {'pairs':>10}  {'recall':>6}")
    for name in names:
        out = work / f"{name}.pairs"
        result = run(_command(name, folder, file, out, options))
        if result.failure:
            print(f"{name:12}  {_failure(result.failure)}", flush=True)
            continue
        pairs = recall = ""
        if name == "dedup-pairs":
            count, found = told_by_dedup(out, units, truth)
            pairs, recall = f"{count:,}", _share(len(found), len(truth))
        elif name in RIVALS:
            told = told_by_rival(out)
            pairs, recall = f"{len(told):,}", _share(len(told & truth), len(truth))
        speed = f"{letters / result.cpu:,.0f}"
        row = f"{name:12}  {result.wall:8.1f}  {result.cpu:8.1f}  {speed:>12}  {result.peak / 1e6:8.0f}"
        print(f"{row}  {pairs:>10}  {recall:>6}", flush=True)


def _command(name: str, folder: Path, units: Path, out: Path, options: Sequence[str]) -> list[str]:
    if name == "dedup-pairs":
        words = ["scan", str(folder), "--pairs", "--formulas", "--format", "jsonl", "-o", str(out)]
    elif name == "dedup-scan":
        words = ["scan", str(folder), "--format", "jsonl", "-o", str(out)]
    elif name == "dedup-merge":
        words = ["merge", str(folder), "-o", str(out)]
    else:
        return [sys.executable, str(HERE / "rivals.py"), name, str(units), str(out)]
    return [sys.executable, "-m", "dedup", *words, "--quiet", *options]


def _failure(complaint: str) -> str:
    if "No module named" in complaint:
        return "not installed"
    return f"failed: {complaint[:90]}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def growth(sizes: Sequence[float], letters: int, names: Sequence[str], options: Sequence[str], work: Path) -> None:
    """One row a size, and the exponents with which time and memory grow over all of them."""
    print(f"{'':12}  {'MB':>6}  {'wall s':>8}  {'CPU s':>8}  {'peak MB':>8}")
    for name in names:
        points = []
        for size in sizes:
            folder = work / f"{size:g}"
            if not folder.exists():
                generate.write(folder, size, letters=letters)
            result = run(_command(name, folder, work / "none", work / f"{name}-{size:g}", options))
            if result.failure:
                print(f"{name:12}  {size:6g}  {_failure(result.failure)}", flush=True)
                continue
            points.append((size, result))
            print(f"{name:12}  {size:6g}  {result.wall:8.1f}  {result.cpu:8.1f}  {result.peak / 1e6:8.0f}", flush=True)
        if len(points) > 1:
            cpu = _exponent([(size, result.cpu) for size, result in points])
            peak = _exponent([(size, result.peak) for size, result in points])
            print(f"{name:12}  grows with the power {cpu:.2f} in CPU time, {peak:.2f} in memory\n", flush=True)


def _exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the least-squares line through the logarithms."""
    xs, ys = ([math.log(point[i]) for point in points] for i in (0, 1))
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def corpus(given: argparse.Namespace, work: Path) -> Path:
    if given.folder:
        return given.folder
    folder = work / "texts"
    folder.mkdir()
    if given.debian:
        debian(given.debian, folder)
    else:
        generate.write(folder, 9)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--debian", metavar="PACKAGE")
    parser.add_argument("--growth", metavar="MB,MB", help="sizes of made-up texts")
    parser.add_argument("--letters", type=int, default=generate.FILE, help="of each made-up text, about")
    parser.add_argument("--only", metavar="NAME,NAME", help=f"of {', '.join([*OURS, *RIVALS])}")
    parser.add_argument("--sample", type=int, default=1000, help="paragraphs compared by brute force")
    parser.add_argument("--options", default="", help="for dedup, for example --options='--jobs 2'")
    given = parser.parse_args()
    options = shlex.split(given.options)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        generate.write(work / "warm", 0.01)
        run(_command("dedup-merge", work / "warm", work, work / "warmed", ()))  # compiles what is not compiled yet
        if given.growth:
            names = given.only.split(",") if given.only else OURS
            growth([float(size) for size in given.growth.split(",")], given.letters, names, options, work)
        else:
            names = given.only.split(",") if given.only else [*OURS, *RIVALS]
            compare(corpus(given, work), names, given.sample, options, work)


if __name__ == "__main__":
    main()
