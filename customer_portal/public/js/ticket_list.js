// The list works without this: it keeps empty fields out of the address, and shows how an export comes on.
const finder = document.querySelector(".finder");
const box = document.querySelector(".export");
const form = box?.querySelector("form");
const note = box?.querySelector("[role=status]");
const bar = box?.querySelector("progress");
const stop = box?.querySelector("button[type=button]");
const MEGABYTE = 1024 ** 2;
const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
let running;

function empty(on) {
	for (const field of finder.elements) {
		if (field.name && (!field.value || field.value === field.dataset.usual)) field.disabled = on;
	}
}

finder?.addEventListener("submit", () => empty(true));
addEventListener("pageshow", () => finder && empty(false));

async function save(answer, name) {
	const parts = [];
	let size = 0;
	for (const reader = answer.body.getReader(); ; ) {
		const { done, value } = await reader.read();
		if (done) break;
		parts.push(value);
		size += value.length;
		note.textContent = box.dataset.running.replace("{0}", number.format(size / MEGABYTE));
	}
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob(parts, { type: answer.headers.get("Content-Type") }));
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function show(text, isRunning) {
	note.textContent = text;
	bar.hidden = stop.hidden = !isRunning;
	for (const button of form.querySelectorAll("button")) button.disabled = isRunning;
}

// The server's page says why, such as that another export is running.
async function problem(answer) {
	const page = new DOMParser().parseFromString(await answer.text(), "text/html");
	return page.querySelector("[role=alert]")?.textContent.trim() || box.dataset.failed;
}

form?.addEventListener("submit", async (event) => {
	event.preventDefault();
	if (running) return;
	running = new AbortController();
	const body = new URLSearchParams(new FormData(form, event.submitter));
	show(box.dataset.running.replace("{0}", number.format(0)), true);
	try {
		const answer = await fetch(form.action, { method: "POST", body, signal: running.signal });
		const name = answer.headers.get("Content-Disposition")?.match(/filename="([^"]+)"/)?.[1];
		if (answer.ok && name) await save(answer, name);
		show(answer.ok && name ? box.dataset.done : await problem(answer), false);
	} catch (error) {
		show(error.name === "AbortError" ? box.dataset.stopped : box.dataset.failed, false);
	}
	running = undefined;
});
stop?.addEventListener("click", () => running?.abort());
