// The menus open and close without this; with it, Escape and a press elsewhere close them too.
for (const menu of document.querySelectorAll(".languages details, .person")) {
	document.addEventListener("click", ({ target }) => {
		if (!menu.contains(target)) menu.open = false;
	});
	menu.addEventListener("keydown", ({ key }) => {
		if (key !== "Escape") return;
		menu.open = false;
		menu.querySelector("summary").focus();
	});
}
