"""Conditions of fields, as Frappe's own pages evaluate them by JavaScript."""

import pytest

from customer_portal.ticket_forms.expressions import holds, names

VALUES = {"kind": "Bug", "count": "3", "done": "1", "off": "0", "empty": "", "many": ["a", "b"]}
TRUE = (
	"",
	"kind",
	"doc.kind",
	"eval:doc.kind",
	"eval: doc.kind == 'Bug'",
	'eval:doc.kind === "Bug"',
	"eval:doc.kind != ''",
	"eval:['Bug', 'Other'].includes(doc.kind)",
	"eval:in_list(['Bug'], doc.kind)",
	"eval:doc.count > 2 && doc.count <= 3",
	"eval:doc.count == 3",
	"eval:!doc.empty",
	"eval:!doc.unknown",
	"eval:doc.unknown == null",
	"eval:doc.empty || doc.done",
	"eval:(doc.kind == 'X' || doc.kind == 'Bug') && !doc.off",
	"eval:doc.kind.length == 3",
	"eval:doc.many.includes('a')",
	"eval:cint(doc.count) >= 3;",
	"eval:'it\\'s' != doc.kind",
	"eval:doc.kind.includes('ug')",
	"many",
)
FALSE = (
	"empty",
	"off",
	"unknown",
	"doc.off",
	"eval:doc.kind == 'Feature'",
	"eval:['Feature'].includes(doc.kind)",
	"eval:[].includes(doc.kind)",
	"eval:doc.count < 3",
	"eval:!doc.kind",
	"eval:doc.kind > 3",
	"eval:doc.kind == 'Bug' && doc.empty",
	"eval:false",
	"eval:doc.count !== 3",
)
UNREADABLE = (
	"eval:",
	"eval:frappe.user.has_role('X')",
	"eval:doc.kind == ",
	"eval:doc.kind = 'Bug'",
	"eval:(() => true)()",
	"eval:doc",
	"eval:doc.kind.toUpperCase() == 'BUG'",
	"eval:doc[kind]",
	"eval:'unfinished",
	"eval:" + "(" * 500 + ")" * 500,
	"eval:" + "!" * 3000,
	"eval:in_list(doc.kind",
	"eval:in_list(1, 2, 3)",
	"eval:1 2",
	"eval:[1 2]",
)


@pytest.mark.parametrize("condition", TRUE)
def test_true(condition):
	assert holds(condition, VALUES) is True


@pytest.mark.parametrize("condition", FALSE)
def test_false(condition):
	assert holds(condition, VALUES) is False


@pytest.mark.parametrize("condition", UNREADABLE, ids=lambda text: text[:30])
def test_what_cannot_be_read_is_neither(condition):
	assert holds(condition, VALUES) is None


def test_what_a_condition_depends_on():
	assert names("eval:doc.kind == 'x' && doc.count > 2") == {"kind", "count"}
	assert names("kind") == {"kind"}
	assert names(None) == set()
