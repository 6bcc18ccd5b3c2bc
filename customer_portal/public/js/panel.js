// The panel works without this: it copies, keeps its lists fresh, and closes the frame that it is shown in.
const SHORTEST = 5_000;
const LONGEST = 60_000;
let pause = SHORTEST;
let timer;

async function copy(button) {
	const field = document.getElementById(button.dataset.copy);
	field.select();
	const isCopied = navigator.clipboard
		? await navigator.clipboard.writeText(field.value).then(() => true, () => false)
		: document.execCommand("copy"); // a site on plain http has no other way
	if (!isCopied) return;
	const label = button.textContent;
	button.textContent = button.dataset.done;
	setTimeout(() => (button.textContent = label), 2000);
}

async function refresh() {
	try {
		const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
		if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
	} catch {
		// offline: the next round tries again
	}
	plan();
}

function show(page) {
	let isChanged = false;
	for (const part of document.querySelectorAll("[data-fresh]")) {
		const fresh = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
		if (!fresh || fresh.innerHTML === part.innerHTML || part.contains(document.activeElement)) continue;
		part.innerHTML = fresh.innerHTML;
		isChanged = true;
	}
	pause = isChanged ? SHORTEST : Math.min(pause * 1.5, LONGEST);
}

function plan() {
	clearTimeout(timer);
	if (document.visibilityState === "visible") timer = setTimeout(refresh, pause);
}

// The page around the frame may be dark where the system is light: its choice counts.
function followTheme(theme) {
	if (!theme) return;
	document.documentElement.style.colorScheme = theme;
	for (const rule of document.styleSheets[0].cssRules) {
		const isOfDark = rule.media?.mediaText.includes("prefers-color-scheme");
		if (isOfDark) rule.media.mediaText = theme === "dark" ? "all" : "not all";
	}
}

const dialog = window.frameElement?.closest("dialog");
followTheme(dialog?.dataset.theme);
for (const button of document.querySelectorAll("[data-copy]")) {
	button.hidden = false;
	button.addEventListener("click", () => copy(button));
}
document.addEventListener("keydown", (event) => {
	if (event.key === "Escape" && !document.querySelector(":popover-open")) {
		dialog?.close();
	}
});
document.addEventListener("visibilitychange", () => {
	pause = SHORTEST;
	plan();
});
plan();
