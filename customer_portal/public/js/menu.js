// The language menu opens and closes without this; with it, Escape and a press elsewhere close it too.
const menu = document.querySelector(".languages details");
document.addEventListener("click", ({ target }) => {
	if (menu && !menu.contains(target)) menu.open = false;
});
menu?.addEventListener("keydown", ({ key }) => {
	if (key !== "Escape") return;
	menu.open = false;
	menu.querySelector("summary").focus();
});
