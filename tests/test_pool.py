"""Work is spread over processes where that pays, and comes back in the order it was given."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from dedup.pool import processors, spread


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
