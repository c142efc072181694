"""Work is spread over processes where that pays, and comes back in the order it was given."""

from __future__ import annotations

import os

import pytest

from dedup.pool import processors, spread


def of(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("jobs", [0, 1, 2, 3])
def test_results_come_in_the_order_of_the_items_from_any_number_of_processes(jobs: int) -> None:
    found = list(spread(of, range(40), 10**9, jobs))
    assert [square for square, _ in found] == [number * number for number in range(40)]
    others = {process for _, process in found} - {os.getpid()}
    assert bool(others) == ((jobs or processors()) > 1)


def test_little_work_starts_no_process() -> None:
    assert {process for _, process in spread(of, range(40), 1000, 8)} == {os.getpid()}
