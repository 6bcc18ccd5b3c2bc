"""Names of people without what nobody sees in them."""

import pytest

from customer_portal.names import visible


@pytest.mark.parametrize(
	"name, seen",
	[
		("Sara Ali", "Sara Ali"),
		("  Sara \u00a0\u2003\n Ali\t", "Sara Ali"),
		("Support\u3164\u3164", "Support"),
		("\u202eSara\u200b\u2066", "Sara"),
		("\u3164\u115f\u1160\uffa0\u2800\u034f\u17b4\ufe0f\u180b\U000e0061\U000e0100\x00\ue000", ""),
		("سارة علي", "سارة علي"),
		("김철수 😀", "김철수 😀"),
		("", ""),
	],
)
def test_visible(name, seen):
	assert visible(name) == seen
