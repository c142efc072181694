"""Work is spread over processes where that pays, and comes back in the order it was given."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from dedup.pool import aside, processors, spread


def of(shared: int, number: int) -> tuple[int, int]:
    return shared * number, os.getpid()


@pytest.mark.parametrize("jobs", [0, 1, 2, 3])
def test_results_come_in_the_order_of_the_items_from_any_number_of_processes(jobs: int) -> None:
    with spread(of, 3, range(40), 10**9, jobs) as results:
        found = list(results)
    assert [product for product, _ in found] == [3 * number for number in range(40)]
    others = {process for _, process in found} - {os.getpid()}
    assert bool(others) == ((jobs or processors()) > 1)


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


def test_an_error_aside_is_raised_where_the_result_is_asked_for() -> None:
    with aside(divmod, 1, 0, work=10**9, jobs=2) as asked, pytest.raises(ZeroDivisionError):
        asked()
