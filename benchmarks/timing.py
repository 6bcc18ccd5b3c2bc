"""Medians of things done in turn (A B A B …), so that a drift of the machine's speed meets them all alike."""

import time
from collections.abc import Callable
from statistics import median


def medians(rounds: int, *acts: Callable[[], object]) -> list[float]:
	"""The median duration of each act in seconds, over ``rounds`` rounds after a tenth of them as warm-up."""
	durations: list[list[float]] = [[] for _ in acts]
	for number in range(-(rounds // 10), rounds):
		for act, taken in zip(acts, durations, strict=True):
			start = time.perf_counter()
			act()
			if number >= 0:
				taken.append(time.perf_counter() - start)
	return [median(taken) for taken in durations]


def milliseconds(seconds: float) -> str:
	return f"{seconds * 1000:.2f} ms"


def beside(a: float, b: float) -> str:
	return f"{milliseconds(a)} / {milliseconds(b)}"
