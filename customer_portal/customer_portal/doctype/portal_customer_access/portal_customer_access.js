frappe.ui.form.on("Portal Customer Access", { refresh: explain });
frappe.ui.form.on("Portal Customer Access", { who: explain, enabled: explain });

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
