"""Suggestions while a subject is typed, and the articles themselves."""

import frappe
import pytest

from tests.factories import attach_file, unique
from tests.talk import own_png

PATH = "/portal/articles"


@pytest.fixture(scope="module")
def category(site):
	made = frappe.get_doc({"doctype": "HD Article Category", "category_name": unique("Printers")}).insert()
	write(made.name, "First one")
	return made.name


def write(category: str, title: str, content: str = "<p>Read the manual.</p>", status: str = "Published"):
	article = frappe.new_doc("HD Article")
	article.update({"title": title, "content": content, "category": category, "status": status})
	article.insert()
	frappe.db.commit()
	return article


def suggested(member, text: str) -> list[str]:
	answer = member.get(PATH, params={"q": text})
	assert answer.status_code == 200
	return [part.split('"')[0] for part in answer.text.split(f'href="{PATH}/')[1:]]


def test_what_fits_best_comes_first(member, category):
	word = unique("zebra").replace("-", "")
	title = write(category, f"How to clean a {word} roller")
	text = write(category, "Maintenance", f"<p>The {word.upper()} roller needs oil.</p>")
	write(category, "Something else", "<p>Nothing to see.</p>")
	assert suggested(member, f"My {word} roller!")[:2] == [title.name, text.name]
	answer = member.get(PATH, params={"q": word})
	assert "<html" not in answer.text
	assert f"<bdi>{title.title}</bdi>" in answer.text
	assert 'target="_blank" rel="noopener"' in answer.text


def test_only_published_articles(member, category):
	word = unique("walrus").replace("-", "")
	for status in ("Draft", "Archived"):
		hidden = write(category, f"About {word}", status=status)
		assert member.get(f"{PATH}/{hidden.name}").status_code == 404
	assert suggested(member, word) == []
	assert member.get(f"{PATH}/nothing").status_code == 404


@pytest.mark.parametrize(
	"text",
	["", "  ", "a b", "the", "%%%", "___", "\\", "'; drop table x; --", "{{7*7}}", "😀😀", "\u202e", "%"],
)
def test_nothing_to_look_for(member, category, text):
	answer = member.get(PATH, params={"q": text})
	assert answer.status_code == 200
	assert "7*7}} 49" not in answer.text


@pytest.mark.parametrize("query", ["q=a&q=b", "q=%00", "q=" + "a" * 400])
def test_bad_input(member, query):
	assert member.get(f"{PATH}?{query}").status_code == 400


def test_other_scripts(member, category):
	arabic = write(category, "كيف أنظف الطابعة")
	assert arabic.name in suggested(member, "مشكلة في الطابعة")


def test_hostile_titles_are_text(member, category):
	word = unique("viper").replace("-", "")
	write(category, f"<script>alert(1)</script> {word}")
	answer = member.get(PATH, params={"q": word})
	assert "<script>" not in answer.text
	assert word in answer.text


def test_searches_have_a_limit(member, category):
	answers = [member.get(PATH, params={"q": "printer"}).status_code for _time in range(101)]
	assert answers[:100] == [200] * 100
	assert answers[100] == 429


def test_only_members_may_ask(client, new_client):
	answer = client.get(PATH, params={"q": "printer"})
	assert answer.status_code in (303, 401, 403)


def test_an_article(member, category):
	article = write(category, "Cleaning", "x")
	public = attach_file(article, "a.png", own_png())
	secret = attach_file(article, "b.png", own_png())
	public.db_set({"is_private": 0, "file_url": public.file_url.replace("/private", "")})
	content = f"""<h1 style="position:fixed">Steps</h1><script>alert(1)</script><p>Wipe it.</p>
		<img src="{public.file_url}"><img src="{secret.file_url}"><img src="https://evil.example/x.png">"""
	frappe.db.set_value("HD Article", article.name, "content", content)
	frappe.db.commit()
	page = member.get(f"{PATH}/{article.name}").text
	assert ">Steps</h2>" in page
	assert "Wipe it." in page
	assert f'src="{public.file_url}"' in page
	for hidden in (secret.file_url, "evil.example", "alert(1)", "position:fixed"):
		assert hidden not in page
	assert "Some images are not shown" in page


def test_the_right_one_of_a_thousand_articles(member, category):
	wanted = write(category, "The printer does not print")
	filler = "<p>" + "Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 80 + "</p>"
	columns = ["name", "title", "content", "category", "status", "owner", "creation", "modified"]
	now = frappe.utils.now()
	values = [
		(unique("bulk"), f"Article {number}", filler, category, "Published", "Administrator", now, now)
		for number in range(1000)
	]
	frappe.db.bulk_insert("HD Article", columns, values)
	frappe.db.commit()
	try:
		found = suggested(member, "why does my consectetur printer not print any pages today")
		assert found[0] == wanted.name
	finally:
		frappe.db.delete("HD Article", {"name": ("like", "bulk-%")})
		frappe.db.commit()
