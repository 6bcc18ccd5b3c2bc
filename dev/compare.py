"""Compares two fingerprints of a site."""

from collections.abc import Mapping

Fingerprint = Mapping[str, Mapping[str, str]]


def differences(before: Fingerprint, after: Fingerprint, may_grow: frozenset[str] = frozenset()) -> list[str]:
	"""One line for each thing that came, went or changed.

	In the sections of ``may_grow`` new keys are no difference: the suite makes documents of its own.
	"""
	lines = []
	for section in sorted(before.keys() | after.keys()):
		old, new = before.get(section, {}), after.get(section, {})
		lines += [f"{section}: {key} is gone" for key in sorted(old.keys() - new.keys())]
		lines += [
			f"{section}: {key} changed" for key in sorted(old.keys() & new.keys()) if old[key] != new[key]
		]
		if section not in may_grow:
			lines += [f"{section}: {key} is new" for key in sorted(new.keys() - old.keys())]
	return lines
