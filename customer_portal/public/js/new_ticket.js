// The form works without this: it suggests articles while the subject is typed, narrows what depends on a choice, and
// keeps a draft: the session may end while somebody types.
const PAUSE = 350;
const SHORTEST = 4;
const form = document.getElementById("filing");
const subject = document.getElementById("subject");
const suggestions = document.getElementById("suggestions");
let timer;
let asked = "";
let typing;

async function suggest() {
	const text = subject.value.trim();
	if (text === asked) return;
	asked = text;
	typing?.abort();
	typing = new AbortController();
	if (text.length < SHORTEST) return suggestions.replaceChildren();
	try {
		const address = `${subject.dataset.address}?q=${encodeURIComponent(text)}`;
		const answer = await fetch(address, { signal: typing.signal, cache: "no-store" });
		if (answer.ok) suggestions.innerHTML = await answer.text();
	} catch {
		asked = ""; // offline, or typed on
	}
}

subject.addEventListener("input", () => {
	clearTimeout(timer);
	timer = setTimeout(suggest, PAUSE);
});

// What the button without this module does, in the background. What was typed meanwhile, and chosen files, stay.
async function narrow() {
	const data = new FormData(form);
	for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
	data.set("refresh", "1");
	const answer = await fetch(form.action, { method: "POST", body: data });
	if (!answer.ok) throw new Error(answer.status);
	const page = new DOMParser().parseFromString(await answer.text(), "text/html");
	const fresh = page.getElementById("fields");
	const old = document.getElementById("fields");
	const focused = document.activeElement?.id;
	for (const control of old.querySelectorAll("input, select, textarea")) keep(control, fresh);
	old.replaceWith(fresh);
	if (focused) fresh.querySelector(`#${CSS.escape(focused)}`)?.focus();
}

function keep(control, fresh) {
	const same = [...fresh.querySelectorAll(`[name="${CSS.escape(control.name)}"]`)];
	const twin = same.find((one) => one.type === control.type && (same.length === 1 || one.value === control.value));
	if (!twin) return;
	if (control.type === "checkbox" || control.type === "radio") twin.checked = control.checked;
	else if (control.localName === "select") {
		if ([...twin.options].some((option) => option.value === control.value)) twin.value = control.value;
	} else {
		control.required = twin.required;
		twin.replaceWith(control);
	}
}

for (const text of [subject, document.getElementById("description")]) {
	const place = `draft:${location.pathname}:${form.dataset.draft}:${form.elements.form.value}:${text.id}`;
	const draft = sessionStorage.getItem(place);
	if (draft && text.value === text.defaultValue && !document.getElementById("problem")) text.value = draft;
	text.addEventListener("input", () => sessionStorage.setItem(place, text.value));
}

let narrowing = Promise.resolve();
form.addEventListener("change", ({ target }) => {
	if (target.dataset.steers === undefined) return;
	narrowing = narrowing.then(narrow).catch(() => refresh.hidden = false);
});
const refresh = document.getElementById("refresh");
if (refresh) refresh.hidden = true;
// The subject comes first, but a problem comes before it.
document.getElementById("problem")?.focus();
