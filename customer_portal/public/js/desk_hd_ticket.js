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
		frm.add_custom_button(__("Ticket link"), () => openLink(frm.doc.name), group);
	},
});

async function openLink(ticket) {
	const ask = (method) => frappe.xcall(`customer_portal.api.links.${method}`, { ticket });
	const { title, lines, actions } = await ask("get_link_dialog");
	const dialog = new frappe.ui.Dialog({ title });
	const act = async (action) => {
		dialog.hide();
		const address = await ask(action.method);
		if (action.is_address) frappe.utils.copy_to_clipboard(address);
		frappe.show_alert({ message: action.done, indicator: "green" });
	};
	for (const line of lines) $("<p>").text(line).appendTo(dialog.body);
	const buttons = $('<div class="flex flex-wrap" style="gap: 8px">').appendTo(dialog.body);
	for (const action of actions) {
		const look = action.is_first ? "primary" : action.is_final ? "danger" : "default";
		$(`<button class="btn btn-sm btn-${look}">`)
			.text(action.label)
			.on("click", () => act(action))
			.appendTo(buttons);
	}
	dialog.show();
}
