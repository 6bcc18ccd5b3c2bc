frappe.ui.form.on("Portal Customer Access", { refresh: explain });
frappe.ui.form.on("Portal Customer Access", { who: explain, enabled: explain, refresh: showSlackChannel });

function explain(frm) {
	if (!frm.doc.enabled) {
		frm.set_intro(__("Switched off: nobody of this customer can sign in."), "orange");
		return;
	}
	frm.set_intro(
		frm.doc.who === "Named people only"
			? __("Only the people listed below can sign in.")
			: __("Everyone with an address in the domains can sign in, and the people listed below.")
	);
}

function showSlackChannel(frm) {
	const field = frm.get_field("slack_channel").$wrapper;
	field.find(".slack-channel").remove();
	if (frm.is_new() || !frm.doc.slack_channel) return;
	const part = $('<div class="slack-channel" style="margin-bottom: var(--margin-md)"></div>').appendTo(field);
	const report = makeSlackReport();
	if (frappe.user.has_role("System Manager")) addSlackTest(frm, part, report, frm.doc.customer);
	part.append(report);
	if (frm.perm[0]?.write) lookAtSlack(report, frm.doc.customer);
}
