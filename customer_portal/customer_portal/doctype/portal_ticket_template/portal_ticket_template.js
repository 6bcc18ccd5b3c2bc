frappe.ui.form.on("Portal Ticket Template", { refresh: add_preview_button });

// The preview shows what is saved.
function add_preview_button(frm) {
	if (frm.is_new()) return;
	frm.add_custom_button(__("Preview"), () => open_preview(frm));
}

async function open_preview(frm) {
	if (frm.is_dirty()) await frm.save();
	window.open(`/portal/staff/preview?template=${encodeURIComponent(frm.doc.name)}`, "_blank", "noopener");
}
