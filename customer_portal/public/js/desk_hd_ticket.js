frappe.ui.form.on("HD Ticket", {
	setup(frm) {
		frm.set_query("sub_status", () => ({
			query: "customer_portal.api.sub_status.search",
			filters: { ticket_template: frm.doc.template || "" },
		}));
	},
	refresh(frm) {
		if (frm.is_new()) return;
		const method = frm.doc.portal_archived ? "unarchive" : "archive";
		const label = frm.doc.portal_archived ? __("Take out of the archive") : __("Archive");
		const group = __("Customer portal");
		const moveArchive = async () => {
			await frappe.call(`customer_portal.api.archive.${method}`, { tickets: [frm.doc.name] });
			frm.reload_doc();
		};
		frm.add_custom_button(label, moveArchive, group);
		const texts = { title: __("Link and messages"), close: __("Close") };
		const opener = () => frm.page.get_inner_group_button(group).find("button")[0];
		frm.add_custom_button(texts.title, () => openTicketPanel(frm.doc.name, texts, opener()), group);
	},
});
