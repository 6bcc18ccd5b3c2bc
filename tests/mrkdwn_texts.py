"""What tests of Slack's markup ask of a text."""

import re

import html5lib

NAMES = {"U1": "Sara Lind", "U2": "سارة", "W3": "<img src=x onerror=alert(1)>"}
MARKUP = {"Sara": "<@U1>", "سارة": "<@U2>"}
JOINT = "\u200b"
LOOKALIKES = str.maketrans("∗﹡＊ˍ＿∼ˋ｀", "***__~``")


def elements(document: str) -> list:
	tree = html5lib.parseFragment(document, treebuilder="etree", namespaceHTMLElements=False)
	return [element for element in tree.iter() if element is not tree]


def words(document: str) -> str:
	"""What is visible, without blanks, and without the signs that keep Slack from reading marks."""
	text = "".join(html5lib.parseFragment(document, treebuilder="etree").itertext())
	return re.sub(rf"[\s{JOINT}]+", "", text.translate(LOOKALIKES))


def assert_mentions_nobody(text: str) -> None:
	"""Each bracket is that of a link, and each entity is whole."""
	rest = re.sub(r"<(?:https?://|mailto:|tel:)[^<>]*>", "", text, flags=re.IGNORECASE)
	assert "<" not in rest
	assert not re.search(r"&(?!(?:amp|lt|gt);)", text)
	assert text.count("```") % 2 == 0
