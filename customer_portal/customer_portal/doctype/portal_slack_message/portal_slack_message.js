frappe.ui.form.on("Portal Slack Message", {
	refresh(frm) {
		if (frm.doc.state !== "Failed" || !frappe.user.has_role("System Manager")) return;
		frm.add_custom_button(__("Send again"), async () => {
			await frappe.xcall("customer_portal.api.slack.send_again", { messages: frm.doc.name });
			frm.reload_doc();
		});
	},
});
