async function setupForm({ doc, call, toast }) {
	if (!doc?.name) return { actions: [] };
	try {
		const texts = await call("customer_portal.api.links.get_link_entry");
		const open = () => {
			const menu = document.querySelector('[aria-haspopup="menu"][aria-expanded="true"]');
			openTicketPanel(doc.name, texts, menu);
		};
		return { actions: [{ group: texts.group, items: [{ label: texts.title, icon: "link", onClick: open }] }] };
	} catch (error) {
		toast.error(error.messages?.[0] || error.message);
		return { actions: [] };
	}
}
