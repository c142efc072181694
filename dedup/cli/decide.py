"""`dedup decide`: what is open in a merged folder, and a reviewer's word on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args

import click

from dedup.cli import options
from dedup.cli.terminal import Paint, columns, grid, in_brackets, shortened, table
from dedup.config import load
from dedup.errors import UsageError

if TYPE_CHECKING:
    from dedup.decisions import Decision
    from dedup.docket import Case, Docket
    from dedup.rows import Row

_FILE = "decisions.jsonl"
_WORDS = ("reading", "take", "keep", "merge", "split", "skip", "undo")


@click.command("decide", short_help="List what is open in a merged folder, and decide it.")
@click.argument("out", metavar="OUT")
@click.argument("name", metavar="[ID]", required=False)
@click.option("--reading", metavar="TEXT", help="On a variant: this is the text here.")
@click.option("--take", metavar="N", type=int, help="On a variant: the reading with this number is the text.")
@click.option("--merge", is_flag=True, help="Reviewed: do as proposed.")
@click.option("--keep", is_flag=True, help="On a passage: nothing of it leaves the corpus.")
@click.option("--split", metavar="WITNESS", multiple=True, help="On a passage: this is no witness of it; repeat it.")
@click.option("--skip", is_flag=True, help="Seen, left open.")
@click.option("--undo", is_flag=True, help="Take back what was decided.")
@click.option("--check", "checking", is_flag=True, help="List the decisions that are about nothing any more.")
@click.option("--by", metavar="NAME", help="Who decides.")
@click.option("--note", metavar="TEXT", help="Why.")
@click.option("-o", "--output", "file", metavar="FILE", help=f"The decisions file. [default: {_FILE}]")
@options.style("text", "jsonl")
def command(
    out: str, name: str | None, by: str | None, note: str | None, file: str | None, style: str | None, checking: bool,
    **words: Any,
) -> None:  # fmt: skip
    """List what a merge left to a reviewer, the worst first, and decide it. OUT is what `dedup merge` wrote, ID a
    passage or a variant in it; the beginning of an id will do. `dedup merge --decisions FILE` then carries it out.

    With an ID alone it shows the passage with its witnesses and readings. A WITNESS is a path, PATH:LINE or a key.
    --check says what no longer fits and why; that is no error, and the exit code is 0. A decision that is made
    again replaces the earlier one. Without -o, the file is the one that [tool.dedup] or DEDUP_DECISIONS names.

    \b
    Examples:
      dedup decide merged
      dedup decide merged 7d3c2f784243.ae453359
      dedup decide merged 7d3c2f784243.ae453359 --take 2 --by Lin --note "as in the first print"
      dedup decide merged 7d3c2f784243 --keep
      dedup decide merged 7d3c2f784243 --split draft.txt
      dedup decide merged --check
    """
    from dedup.decisions import merge_decisions, read_decisions, write_decisions
    from dedup.docket import named, open_cases, read_docket, without_object

    said = [word for word in _WORDS if words[word] not in (None, False, ())]
    if len(said) > 1:
        raise UsageError(f"--{said[0]} and --{said[1]} do not go together", hint="decide one thing at a time")
    if said and checking:
        raise UsageError(f"--{said[0]} and --check do not go together", hint="leave one of them out")
    if said and name is None:
        raise UsageError(f"--{said[0]} needs the ID of what is decided", hint="see dedup decide --help")
    if (by or note) and (not said or "undo" in said):
        raise UsageError(
            f"--{'by' if by else 'note'} is about a decision, and none is made", hint="say what is decided"
        )
    if file == "-":
        raise UsageError("decisions are kept in a file", path=file, hint="name it with -o")
    file = file or load().files.decisions or _FILE
    paint = Paint(sys.stdout)
    style = style or ("text" if sys.stdout.isatty() else "jsonl")
    decisions = read_decisions(file)
    docket = read_docket(out)
    if checking:
        _echo(_stale(without_object(docket, decisions), len(decisions), file, style))
        return
    if name is None:
        _echo(_open(docket, open_cases(docket, decisions), decisions, style, paint))
        return
    cluster, variant = named(docket, name)
    if not said:
        _echo(_shown(docket, cluster, variant, decisions, style, paint))
        return
    decision = _decision(cluster, variant, said[0], words, by, note)
    if decision is None:
        key = cluster["id"], variant["id"] if variant else ""
        left = [of for of in decisions if of.key != key]
        if len(left) == len(decisions):
            raise UsageError(f"nothing was decided on {key[1] or key[0]}", path=file, hint="there is nothing to undo")
        write_decisions(file, left)
        click.echo(f"{file}: {key[1] or key[0]} is open again, {_count(len(left))}")
        return
    every = merge_decisions(decisions, [decision])
    write_decisions(file, every)
    click.echo(f"{file}: {decision.variant or decision.cluster} {_told(decision)}, {_count(len(every))}")


def _decision(
    cluster: Row, variant: Row | None, word: str, words: dict[str, Any], by: str | None, note: str | None
) -> Decision | None:
    """What the options say; None where they take it back."""
    from dedup.decisions import ON_CLUSTERS, Decision, Verdict
    from dedup.docket import readings_of, witness_keys

    if word == "undo":
        return None
    verdict = "reading" if word == "take" else word
    assert verdict in get_args(Verdict)
    if variant is None and verdict not in ON_CLUSTERS:
        raise UsageError(f"--{word} is for a variant, and {cluster['id']} is a passage", hint="name CLUSTER.VARIANT")
    if variant is not None and word in ("keep", "split"):
        raise UsageError(f"--{word} is for a passage, and {variant['id']} is a variant", hint=f"say {cluster['id']}")
    text = words["reading"]
    if word == "take":
        readings = readings_of(variant or {}, cluster)
        if not 1 <= words["take"] <= len(readings):
            raise UsageError(f"there is no reading {words['take']}", hint=f"there are {len(readings)} of them")
        text = readings[words["take"] - 1][0]
    return Decision(
        cluster=cluster["id"],
        variant=variant["id"] if variant else None,
        verdict=verdict,  # type: ignore[arg-type]
        text=text,
        exclude=witness_keys(cluster, words["split"]),
        by=by,
        note=note,
        seen=tuple(witness["key"] for witness in cluster["witnesses"]),
    )


def _open(
    docket: Docket, cases: list[Case], decisions: tuple[Decision, ...], style: str, paint: Paint
) -> Iterator[str]:
    from dedup.jsonl import line

    if style == "jsonl":
        for case in cases:
            yield line(case.variant or case.cluster) + "\n"
        return
    passages = len({case.cluster["id"] for case in cases})
    head = f"{len(cases):,} open in {passages:,} passage{'' if passages == 1 else 's'}" if cases else "Nothing is open"
    yield paint.bold(head) + f", {_count(len(decisions))}\n"
    for case in cases:
        yield "\n"
        if case.variant is None:
            told = f"{len(case.cluster['unseen'])} new since it was decided: {case.cluster['decision']}"
            yield f"{paint.bold(case.cluster['id'])}  {told}\n"
            yield from _witnesses(case.cluster, paint)
        else:
            yield from _variant(case.variant, case.cluster, paint, " (skipped)" if case.skipped else "")


def _variant(variant: Row, cluster: Row, paint: Paint, told: str = "") -> Iterator[str]:
    """A variant with its readings, numbered for --take."""
    from dedup.docket import readings_of

    tags = "".join(f", {tag}" for tag in variant["tags"])
    yield f"{paint.bold(variant['id'])}  {variant['class']}{'*' if variant['needs_review'] else ''}{tags}{told}\n"
    rows = []
    for number, (text, witnesses) in enumerate(readings_of(variant, cluster), 1):
        where = [f"{cluster['witnesses'][n]['path']}:{cluster['witnesses'][n]['line']}" for n in witnesses]
        more = f" and {len(where) - 2} more" if len(where) > 2 else ""
        rows.append(
            (
                str(number),
                in_brackets(variant["context"], text, paint.green if number == 1 else paint.red),
                ", ".join(where[:2]) + more,
            )
        )
    yield grid(rows, right={0}, flexible=(1, 2), width=columns(sys.stdout))


def _shown(
    docket: Docket, cluster: Row, variant: Row | None, decisions: tuple[Decision, ...], style: str, paint: Paint
) -> Iterator[str]:
    from dedup.jsonl import line

    variants = docket.variants_of(cluster["id"]) if variant is None else [variant]
    if style == "jsonl":
        yield from (line(row) + "\n" for row in ([cluster] if variant is None else []) + variants)
        return
    verdicts = {decision.key: decision for decision in decisions}
    if variant is None:
        own = verdicts.get((cluster["id"], ""))
        yield paint.bold(cluster["id"]) + f"  {cluster['relation']}{', ' + _told(own) if own else ''}\n"
        yield f"  {shortened(cluster['text'], 100)}\n"
        yield from _witnesses(cluster, paint)
    for row in variants:
        own = verdicts.get((cluster["id"], row["id"]))
        yield "\n" if variant is None else ""
        yield from _variant(row, cluster, paint, f", {_told(own)}" if own else "")


def _witnesses(cluster: Row, paint: Paint) -> Iterator[str]:
    new = cluster.get("unseen", ())
    yield table(
        (w["key"], w["status"], f"{w['similarity']:.4f}", f"{w['path']}:{w['line']}", "new" if w["key"] in new else "")
        for w in cluster["witnesses"]
    )


def _stale(found: list[tuple[Decision, str]], every: int, file: str, style: str) -> Iterator[str]:
    from dedup.decisions import decision_row
    from dedup.jsonl import line

    if style == "jsonl":
        yield from (line({**decision_row(decision), "reason": reason}) + "\n" for decision, reason in found)
        return
    yield f"{file}: {_count(every)}, {len(found):,} stale\n"
    yield table((of.variant or of.cluster, _told(of), reason) for of, reason in found)


def _told(decision: Decision) -> str:
    """A verdict in words."""
    told = str(decision.verdict)
    if decision.text is not None:
        told += f" “{shortened(decision.text, 30)}”"
    if decision.exclude:
        told += f" off {', '.join(decision.exclude)}"
    return told + (f" by {decision.by}" if decision.by else "")


def _count(number: int) -> str:
    return f"{number:,} decision{'' if number == 1 else 's'}"


def _echo(parts: Iterator[str]) -> None:
    click.echo("".join(parts), nl=False, color=True)
