async function setupForm({ doc, call, toast }) {
	if (!doc?.name) return { actions: [] };
	try {
		const texts = await call("customer_portal.api.links.get_link_entry");
		const open = () => {
			const menu = document.querySelector('[aria-haspopup="menu"][aria-expanded="true"]');
			openTicketPanel(doc.name, texts, menu);
		};
		const item = { label: texts.title, icon: "link", onClick: open };
		return { actions: [{ group: texts.group, hideLabel: true, items: [item] }] }; // the archive's group has the label
	} catch (error) {
		toast.error(error.messages?.[0] || error.message);
		return { actions: [] };
	}
}
