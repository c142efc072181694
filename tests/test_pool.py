"""Work is spread over processes where that pays, and comes back in the order it was given."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from random import Random
from textwrap import wrap

import numpy as np
import pytest

from dedup.config import Settings
from dedup.engine.local import scan
from dedup.errors import WorkerLost
from dedup.model import Source
from dedup.pool import aside, meanwhile, processors, spread


def of(shared: int, number: int) -> tuple[int, int]:
    return shared * number, os.getpid()


@pytest.mark.parametrize("jobs", [0, 1, 2, 3])
def test_results_come_in_the_order_of_the_items_from_any_number_of_processes(jobs: int) -> None:
    with spread(of, 3, range(40), 10**9, jobs) as results:
        found = list(results)
    assert [product for product, _ in found] == [3 * number for number in range(40)]
    others = {process for _, process in found} - {os.getpid()}
    assert bool(others) == ((jobs or processors()) > 1)


def test_what_another_process_was_given_need_not_stay_here() -> None:
    given = np.zeros(5)
    here = weakref.ref(given)
    with aside(np.sum, given, work=10**9, jobs=2) as asked:
        del given
        assert here() is None
        assert asked() == 0


priority = getattr(os, "nice", lambda _: 0)


def priority_of(_: object, __: int) -> int:
    return int(priority(0))


def test_only_patient_processes_let_all_others_work_first_where_the_system_can() -> None:
    own = priority(0)
    for patient in (False, True):
        with spread(priority_of, None, range(40), 10**9, 2, patient=patient) as results:
            assert {of > own for of in results} == {patient and hasattr(os, "nice")}
    assert priority(0) == own


def test_little_work_starts_no_process() -> None:
    with spread(of, 3, range(40), 1000, 8) as results:
        assert {process for _, process in results} == {os.getpid()}


def test_processes_begin_before_their_results_are_asked_for_and_end_with_the_block() -> None:
    with spread(of, 3, range(40), 10**9, 2):
        children = multiprocessing.active_children()
        assert len(children) == 2
    assert not any(child.is_alive() for child in children)


@pytest.mark.parametrize(("work", "jobs"), [(10**9, 2), (10**9, 1), (1000, 2)])
def test_what_runs_aside_is_asked_for_its_result(work: int, jobs: int) -> None:
    with aside(of, 3, 5, work=work, jobs=jobs) as asked:
        product, process = asked()
    assert product == 15
    assert (process != os.getpid()) == (work > 1000 and jobs > 1)


def test_what_runs_aside_begins_before_it_is_asked_for(tmp_path: Path) -> None:
    with aside(Path.touch, tmp_path / "begun", work=10**9, jobs=2):
        until = time.monotonic() + 20
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < until
            time.sleep(0.01)


def test_an_error_aside_is_raised_where_the_result_is_asked_for() -> None:
    with aside(divmod, 1, 0, work=10**9, jobs=2) as asked, pytest.raises(ZeroDivisionError):
        asked()


def test_an_error_in_a_process_is_raised_with_what_led_to_it() -> None:
    with spread(divided, 1, [3, 2, 1, 0], 10**9, 2) as results:
        assert [next(results) for _ in range(3)] == [0, 0, 1]
        with pytest.raises(ZeroDivisionError) as raised:
            next(results)
    assert "in divided" in raised.value.__notes__[0]


def divided(shared: int, number: int) -> int:
    return shared // number


def killed(shared: int, number: int) -> int:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.01)
    return number


def test_a_process_that_is_killed_is_an_error_that_says_so() -> None:
    with pytest.raises(WorkerLost, match="was killed"), spread(killed, 0, range(40), 10**9, 2) as results:
        list(results)


INTERRUPTED = """
import time
import weakref
from dedup.pool import aside, spread

def large(shared, number):  # with others, more than a pipe holds: half the time is spent on sending
    until = time.time() + 0.0002
    while time.time() < until:
        pass
    return str(number) * 60_000

def long(seconds):
    time.sleep(seconds)
    return seconds

try:
    with aside(long, 0, work=10**9, jobs=2) as idle, aside(long, 60, work=10**9, jobs=2):
        idle()
        with spread(large, 0, range(1600), 10**9, 2) as results:
            print("begun", flush=True)
            for _ in results:
                pass
        time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@contextlib.contextmanager
def begun() -> Iterator[subprocess.Popen[str]]:
    """A run whose processes work."""
    run = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "begun\n"
    try:
        yield run
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)


@pytest.mark.parametrize("everyone", [True, False])
@pytest.mark.parametrize("after", [0.0, 0.1, 0.15, 0.2])
def test_an_interrupted_run_ends_its_processes_without_a_word_from_them(after: float, everyone: bool) -> None:
    with begun() as run:
        time.sleep(after)
        if everyone:  # as a terminal does
            os.killpg(run.pid, signal.SIGINT)
        else:
            run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=30)
    assert (out, err, run.returncode) == ("interrupted\n", "", 0)


@pytest.mark.parametrize("sort", [signal.SIGKILL, signal.SIGTERM])
def test_the_processes_of_a_killed_run_end_with_it(sort: signal.Signals) -> None:
    with begun() as run:
        run.send_signal(sort)
        assert run.communicate(timeout=30)[1] == ""  # comes when nobody holds its end any more


def test_a_thread_does_its_part_meanwhile() -> None:
    with meanwhile(of, 3, 5, work=10**9, jobs=2) as asked:
        assert asked() == (15, os.getpid())
    with meanwhile(divmod, 1, 0, work=10**9, jobs=2) as asked, pytest.raises(ZeroDivisionError):
        asked()


def test_a_scan_finds_the_same_whatever_jobs_there_are() -> None:
    random = Random(5)
    texts = ["".join(chr(0x4E00 + random.randrange(3000)) for _ in range(60_000)) for _ in range(4)]
    texts[1] = texts[1][:20_000] + texts[0][5_000:6_000] + texts[1][20_000:]
    texts[3] = texts[3][:100] + texts[2][50_000:50_700].replace(texts[2][50_100], "") + texts[3][100:]
    sources = [Source(f"{number}.txt", "。\n".join(wrap(text, 40))) for number, text in enumerate(texts)]
    alone, together = (scan(sources, Settings(jobs=jobs)).matches for jobs in (1, 2))
    assert len(alone) >= 2
    for column in fields(alone):
        assert np.array_equal(getattr(alone, column.name), getattr(together, column.name))
