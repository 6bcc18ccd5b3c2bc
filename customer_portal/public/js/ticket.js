// The page is right without this: it refreshes the state while somebody looks, and copies the number.
const SHORTEST = 10_000;
const LONGEST = 120_000;
const block = document.getElementById("state");
const news = document.getElementById("news");
const copy = document.getElementById("copy");
let version = `"${block.dataset.version}"`;
let pause = SHORTEST;
let timer;

async function refresh() {
	const headers = { "If-None-Match": version };
	try {
		const answer = await fetch(block.dataset.address, { headers, cache: "no-store" });
		if ([401, 403, 404].includes(answer.status)) return location.reload();
		if (answer.ok) show(await answer.text(), answer.headers.get("ETag"));
		else pause = Math.min(pause * 1.5, LONGEST);
	} catch {
		pause = Math.min(pause * 2, LONGEST); // offline
	}
	plan();
}

function show(html, newVersion) {
	block.innerHTML = html;
	version = newVersion;
	news.textContent = block.querySelector("[data-news]").dataset.news;
	block.classList.add("fresh");
	pause = SHORTEST;
}

function plan() {
	clearTimeout(timer);
	if (document.visibilityState === "visible") timer = setTimeout(refresh, pause);
}

async function copyNumber() {
	const label = copy.textContent;
	await navigator.clipboard.writeText(copy.dataset.value);
	copy.textContent = news.textContent = copy.dataset.done;
	setTimeout(() => (copy.textContent = label), 2000);
}

block.addEventListener("animationend", () => block.classList.remove("fresh"));
document.addEventListener("visibilitychange", () => {
	pause = SHORTEST;
	if (document.visibilityState === "visible") refresh();
	else clearTimeout(timer);
});
copy.hidden = !navigator.clipboard;
copy.addEventListener("click", copyNumber);
plan();
