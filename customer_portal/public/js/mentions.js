// A name after @ is found without this, where only one agent has it. With it, a list offers names while somebody types.
// Focus stays in the text and aria-activedescendant names the option, as the combobox pattern of the WAI-ARIA Authoring
// Practices asks for. A textarea may not have the role combobox (ARIA in HTML), so the live region tells of the list.
const text = document.getElementById("text");
const list = document.getElementById("agents");
const opener = document.getElementById("mention");
const voice = document.getElementById("news");
const MOST_SHOWN = 8;
const MOVES = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]);
const WRITTEN = /(?:^|[^A-Za-z0-9._%+@-])@([^@\n]{0,60})$/;
let people;
let shown = [];
let active = -1;

async function load() {
	const answer = await fetch(text.dataset.mentions, { cache: "no-store" });
	if (!answer.ok) return [];
	list.innerHTML = await answer.text();
	return [...list.children];
}

const folded = (name) => name.normalize("NFC").toLocaleLowerCase();
const written = () => WRITTEN.exec(text.value.slice(0, text.selectionStart))?.[1];

async function offer() {
	if (written() === undefined) return close();
	people ??= load().catch(() => ((people = undefined), []));
	const all = await people;
	const query = written(); // more may have been typed meanwhile
	if (query === undefined) return close();
	const fits = (one) => ` ${folded(one.textContent)}`.includes(` ${folded(query)}`);
	show(all.filter(fits).slice(0, MOST_SHOWN), all);
}

function show(found, all) {
	shown = found;
	for (const one of all) one.hidden = !found.includes(one);
	list.hidden = !found.length;
	mark(found.length ? 0 : -1);
	const count = String(found.length).replace(/\d/g, (digit) => list.dataset.digits[digit]);
	if (found.length) voice.textContent = list.dataset.some.replace("{0}", count);
	else if (all.length && !/\s/.test(written() ?? " ")) voice.textContent = list.dataset.none;
}

function mark(index) {
	active = index;
	for (const [place, one] of shown.entries()) one.setAttribute("aria-selected", String(place === index));
	if (index < 0) return text.removeAttribute("aria-activedescendant");
	text.setAttribute("aria-activedescendant", shown[index].id);
	shown[index].scrollIntoView({ block: "nearest" });
}

function close() {
	list.hidden = true;
	shown = [];
	mark(-1);
}

function choose(one) {
	const query = written();
	if (query === undefined) return close();
	const end = text.selectionStart;
	text.setRangeText(`@${one.textContent.trim()} `, end - query.length - 1, end, "end");
	const field = Object.assign(document.createElement("input"), { type: "hidden", name: "mention" });
	field.value = one.dataset.id;
	text.form.append(field);
	close();
	text.focus();
	text.dispatchEvent(new Event("input", { bubbles: true }));
}

function press(event) {
	if (list.hidden || event.isComposing) return;
	const last = shown.length - 1;
	const act = {
		ArrowDown: () => mark(active < last ? active + 1 : 0),
		ArrowUp: () => mark(active > 0 ? active - 1 : last),
		Enter: () => choose(shown[active]),
		Tab: () => choose(shown[active]),
		Escape: close,
	}[event.key];
	if (!act || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
	event.preventDefault();
	act();
}

if (text && list) {
	text.setAttribute("aria-autocomplete", "list");
	text.setAttribute("aria-haspopup", "listbox");
	text.setAttribute("aria-controls", list.id);
	text.addEventListener("input", offer);
	text.addEventListener("keydown", press);
	text.addEventListener("blur", close);
	text.addEventListener("click", offer);
	text.addEventListener("keyup", ({ key }) => MOVES.has(key) && !list.hidden && offer());
	list.addEventListener("pointerdown", (event) => event.preventDefault()); // the text keeps the focus
	list.addEventListener("click", ({ target }) => target.closest("li") && choose(target.closest("li")));
	opener.hidden = false;
	opener.addEventListener("click", () => {
		const before = text.value.slice(0, text.selectionStart);
		text.focus();
		text.setRangeText(/(^|\s)$/.test(before) ? "@" : " @", text.selectionStart, text.selectionEnd, "end");
		offer();
	});
}
