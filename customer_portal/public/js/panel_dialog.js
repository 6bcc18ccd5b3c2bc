// The agents' panel of a ticket in a dialog: part of Helpdesk's form script and of the Desk's.
function openTicketPanel(ticket, texts, opener) {
	const dialog = document.createElement("dialog");
	const root = document.documentElement;
	const isDark = root.dataset.theme === "dark" || root.classList.contains("dark");
	const ink = isDark ? "#e9eef2" : "#17212b";
	const make = (tag, parent, css, values) => {
		const element = Object.assign(document.createElement(tag), values);
		element.style.cssText = css;
		parent.append(element);
		return element;
	};
	dialog.style.cssText = `width: min(66rem, 100vw); height: min(54rem, 100dvh); max-width: none; max-height: none;
		margin: auto; padding: 0; border: 1px solid ${isDark ? "#333e48" : "#d5dce3"}; border-radius: 12px;
		overflow: hidden; background: ${isDark ? "#10151a" : "#f4f6f8"}; color: ${ink};
		box-shadow: 0 16px 60px rgb(0 0 0 / .35); color-scheme: ${isDark ? "dark" : "light"}`;
	dialog.dataset.theme = isDark ? "dark" : "light";
	dialog.setAttribute("aria-labelledby", "customer-portal-panel");
	const frame = make("div", dialog, "display: flex; flex-direction: column; height: 100%");
	const head = make(
		"div",
		frame,
		"display: flex; align-items: center; justify-content: space-between; padding: 6px 8px 6px 16px",
	);
	make("h2", head, `margin: 0; font-size: 15px; font-weight: 600; color: ${ink}`, {
		id: "customer-portal-panel",
		textContent: texts.title,
	});
	const close = make(
		"button",
		head,
		"min-width: 44px; min-height: 44px; border: 0; background: none; color: inherit; font-size: 22px; cursor: pointer",
		{ type: "button", textContent: "×", onclick: () => dialog.close() },
	);
	close.setAttribute("aria-label", texts.close);
	// Until it has taken over the colours of this page it is not shown.
	make("iframe", frame, "flex: 1; width: 100%; border: 0; visibility: hidden", {
		title: texts.title,
		src: `/portal/staff/ticket/${encodeURIComponent(ticket)}`,
		onload: (event) => (event.target.style.visibility = "visible"),
	});
	dialog.addEventListener("close", () => {
		dialog.remove();
		opener?.focus();
	});
	dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
	document.body.append(dialog);
	dialog.showModal();
}
