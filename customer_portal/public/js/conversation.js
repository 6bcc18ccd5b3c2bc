// The forms work without this: it keeps a draft, checks files before they travel, stops double sending, shows news.
const SHORTEST = 10_000;
const LONGEST = 120_000;
const thread = document.getElementById("thread");
const news = document.getElementById("news");
const jump = document.getElementById("jump");
const files = document.getElementById("files");
const draft = document.querySelector("form[action$='/reply'] textarea");
const place = `draft:${location.pathname}${draft?.dataset.draft ?? ""}`;
const sources = (messages) => new Map([...messages].map((message) => [message.id, message.outerHTML]));
let sent = sources(thread?.children ?? []); // as they came: in the page, a focus or an extension alters elements
let version = thread && `"${thread.dataset.version}"`;
let pause = SHORTEST;
let timer;

function forget(beginning) {
	for (const name of Object.keys(sessionStorage)) if (name.startsWith(beginning)) sessionStorage.removeItem(name);
}

async function refresh() {
	try {
		const answer = await fetch(thread.dataset.address, { headers: { "If-None-Match": version }, cache: "no-store" });
		if ([401, 403, 404].includes(answer.status)) return;
		if (answer.ok) show(await answer.text(), answer.headers.get("ETag"));
		else pause = Math.min(pause * 1.5, LONGEST);
	} catch {
		pause = Math.min(pause * 2, LONGEST); // offline
	}
	plan();
}

function show(html, newVersion) {
	const parsed = document.createElement("template");
	parsed.innerHTML = html;
	const fresh = [...parsed.content.children];
	const has = new Set([...thread.children].map((message) => message.id));
	const added = fresh.filter((message) => !has.has(message.id));
	holdStill(() => fill(fresh));
	version = newVersion;
	pause = SHORTEST;
	if (!added.length) return;
	news.textContent = thread.dataset.news;
	watched.disconnect();
	watched.observe(thread.lastElementChild);
}

// Only what is new or changed, so that nobody loses the place, the focus, or a picture that is loaded.
function fill(fresh) {
	const wanted = sources(fresh);
	for (const message of [...thread.children]) if (!wanted.has(message.id)) message.remove();
	for (const [place, message] of fresh.entries()) {
		const old = thread.children[place];
		if (old?.id !== message.id) thread.insertBefore(message, old ?? null);
		else if (sent.get(message.id) !== wanted.get(message.id)) old.replaceWith(message);
	}
	sent = wanted;
}

// Scroll anchoring holds what is topmost on the screen: that is a message, not what somebody types below it.
function holdStill(change) {
	const box = () => document.activeElement.getBoundingClientRect();
	const before = box();
	change();
	const isTyping = document.activeElement.form && before.bottom > 0 && before.top < innerHeight;
	if (isTyping) scrollBy({ top: box().top - before.top, behavior: "instant" });
}

const watched = new IntersectionObserver(([last]) => {
	jump.hidden = last.isIntersecting;
	jump.lastElementChild.textContent = last.boundingClientRect.top < 0 ? "↑" : "↓";
	if (last.isIntersecting) watched.disconnect();
});

function jumpToNewest() {
	const last = thread.lastElementChild;
	last.tabIndex = -1;
	last.scrollIntoView({ block: "center" });
	last.focus({ preventScroll: true });
}

function plan() {
	clearTimeout(timer);
	if (document.visibilityState === "visible") timer = setTimeout(refresh, pause);
}

function checkFiles() {
	const { files: most, bytes, all, large, many } = files.dataset;
	const chosen = [...files.files];
	const big = chosen.find((file) => file.size > bytes);
	const total = chosen.reduce((sum, file) => sum + file.size, 0);
	const problem = big ? large.replace("{0}", big.name) : chosen.length > most || total > all ? many : "";
	files.setCustomValidity(problem);
	if (problem) files.reportValidity();
}

for (const form of document.forms) {
	form.addEventListener("submit", (event) => {
		if (form.dataset.sent) event.preventDefault();
		form.dataset.sent = "1";
		if (form.action.endsWith("/sign-out")) sessionStorage.removeItem(place);
	});
}
// A page that comes back from the browser's memory may be sent again.
addEventListener("pageshow", () => {
	for (const form of document.forms) delete form.dataset.sent;
});
const done = new URLSearchParams(location.search).get("done");
if (done === "reply") sessionStorage.removeItem(place);
if (done === "file") forget("draft:/portal/new:");
// The session may end while somebody types; after a new code the text is here again.
if (draft) {
	draft.value ||= sessionStorage.getItem(place) ?? "";
	draft.addEventListener("input", () => sessionStorage.setItem(place, draft.value));
}
files?.addEventListener("change", checkFiles);
jump?.addEventListener("click", jumpToNewest);
if (thread?.dataset.address) {
	document.addEventListener("visibilitychange", () => {
		pause = SHORTEST;
		if (document.visibilityState === "visible") refresh();
		else clearTimeout(timer);
	});
	plan();
}
