"""What is measured, and how it is shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
	"""One measured value beside its limit; ``detail`` says what it was made of, such as ``4.1 ms / 1.6 ms``."""

	what: str
	value: float
	limit: float
	unit: str = "×"
	detail: str = ""

	@property
	def holds(self) -> bool:
		return self.value <= self.limit


def table(figures: list[Figure]) -> str:
	"""A Markdown table with a row a figure."""
	head = "| What | Measured | Limit | | Made of |\n|---|---|---|---|---|"
	return "\n".join([head, *(_row(figure) for figure in figures)])


def _row(figure: Figure) -> str:
	verdict = "holds" if figure.holds else "**over**"
	value, limit = _number(figure.value, figure.unit), _number(figure.limit, figure.unit)
	return f"| {figure.what} | {value} | {limit} | {verdict} | {figure.detail} |"


def _number(value: float, unit: str) -> str:
	return f"{value:.2f}{unit}" if unit == "×" else f"{value:g} {unit}".strip()
