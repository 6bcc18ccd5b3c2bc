// The forms work without this: it keeps a draft, checks files before they travel, stops double sending, shows news.
const SHORTEST = 10_000;
const LONGEST = 120_000;
const thread = document.getElementById("thread");
const news = document.getElementById("news");
const files = document.getElementById("files");
const draft = document.querySelector("form[action$='/reply'] textarea");
const place = `draft:${location.pathname}`;
let version = thread && `"${thread.dataset.version}"`;
let pause = SHORTEST;
let timer;

async function refresh() {
	try {
		const answer = await fetch(thread.dataset.address, { headers: { "If-None-Match": version }, cache: "no-store" });
		if (answer.status === 401 || answer.status === 404) return;
		if (answer.ok) show(await answer.text(), answer.headers.get("ETag"));
		else pause = Math.min(pause * 1.5, LONGEST);
	} catch {
		pause = Math.min(pause * 2, LONGEST); // offline
	}
	plan();
}

function show(html, newVersion) {
	const had = thread.children.length;
	thread.innerHTML = html;
	version = newVersion;
	if (thread.children.length >= had) news.textContent = thread.dataset.news;
	pause = SHORTEST;
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
if (new URLSearchParams(location.search).get("done") === "reply") sessionStorage.removeItem(place);
// The session may end while somebody types; after a new code the text is here again.
if (draft) {
	draft.value ||= sessionStorage.getItem(place) ?? "";
	draft.addEventListener("input", () => sessionStorage.setItem(place, draft.value));
}
files?.addEventListener("change", checkFiles);
if (thread?.dataset.address) {
	document.addEventListener("visibilitychange", () => {
		pause = SHORTEST;
		if (document.visibilityState === "visible") refresh();
		else clearTimeout(timer);
	});
	plan();
}
