"""Reads the app's source as syntax trees, for the tests of its architecture."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

APP = "customer_portal"
ROOT = Path(__file__).resolve().parent.parent / APP
CONTROLLERS = f"{APP}.{APP}.doctype."


@dataclass(frozen=True)
class Module:
	"""One file: ``name`` is dotted, as it is imported."""

	name: str
	path: Path
	tree: ast.Module

	@property
	def room(self) -> str:
		"""The first part below the app, such as ``otp`` or ``clock``."""
		return self.name.removeprefix(f"{APP}.").split(".")[0]

	@property
	def is_controller(self) -> bool:
		return self.name.startswith(CONTROLLERS)

	def functions(self) -> Iterator[ast.FunctionDef]:
		yield from (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef))

	def calls(self) -> Iterator[ast.Call]:
		yield from (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

	def imports(self) -> Iterator[str]:
		"""Every imported name, dotted, at any depth of the file."""
		for node in ast.walk(self.tree):
			if isinstance(node, ast.Import):
				yield from (alias.name for alias in node.names)
			elif isinstance(node, ast.ImportFrom):
				yield from (f"{node.module}.{alias.name}" for alias in node.names)

	@functools.cached_property
	def assigned(self) -> dict[str, ast.expr]:
		"""What each plain name was last assigned, in any scope of the file."""
		found: dict[str, ast.expr] = {}
		for node in ast.walk(self.tree):
			if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
				found[node.targets[0].id] = node.value
		return found

	@functools.cached_property
	def aliases(self) -> dict[str, str]:
		"""The name in this file → what it stands for elsewhere, dotted."""
		found: dict[str, str] = {}
		for node in ast.walk(self.tree):
			if isinstance(node, ast.ImportFrom):
				found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
		return found


@functools.cache
def modules() -> dict[str, Module]:
	"""All of the app by dotted name. The linked ``doctype`` folder is the same files again, and left out."""
	found = {}
	for path in sorted(ROOT.rglob("*.py")):
		parts = path.relative_to(ROOT.parent).with_suffix("").parts
		if parts[:2] == (APP, "doctype") or "node_modules" in parts:
			continue
		name = ".".join(part for part in parts if part != "__init__")
		found[name] = Module(name, path, ast.parse(path.read_text(), str(path)))
	return found


def text_of(module: Module, node: ast.AST | None, depth: int = 6) -> str | None:
	"""The text that an expression stands for: a literal, a constant of this or another module, a doctype's table.

	``{"doctype": "X"}``, ``frappe.get_doc("X", name)`` and ``frappe.qb.DocType("X")`` stand for X.
	"""
	if depth == 0 or node is None:
		return None
	if isinstance(node, ast.Constant):
		return node.value if isinstance(node.value, str) else None
	if isinstance(node, ast.Name):
		return _text_of_name(module, node.id, depth)
	if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
		return _text_elsewhere(f"{module.aliases.get(node.value.id)}.{node.attr}", depth)
	if isinstance(node, ast.Dict):
		return _text_of_dict(module, node, depth)
	if isinstance(node, ast.Call) and node.args:
		return text_of(module, node.args[0], depth - 1)
	return _text_of_format(module, node, depth)


def _text_of_name(module: Module, name: str, depth: int) -> str | None:
	if name in module.assigned:
		return text_of(module, module.assigned[name], depth - 1)
	return _text_elsewhere(module.aliases.get(name, ""), depth)


def _text_elsewhere(dotted: str, depth: int) -> str | None:
	name, _, attribute = dotted.rpartition(".")
	other = modules().get(name)
	return _text_of_name(other, attribute, depth - 1) if other else None


def _text_of_dict(module: Module, node: ast.Dict, depth: int) -> str | None:
	for key, value in zip(node.keys, node.values, strict=True):
		if isinstance(key, ast.Constant) and key.value == "doctype":
			return text_of(module, value, depth - 1)
	return None


def _text_of_format(module: Module, node: ast.AST, depth: int) -> str | None:
	"""An f-string, with every part that is known."""
	if not isinstance(node, ast.JoinedStr):
		return None
	parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
	return "".join(text_of(module, part, depth - 1) or "" for part in parts)
