// The addresses that an admin copies: for customers, and for the consoles of Google and Microsoft.
frappe.ui.form.on("Customer Portal Settings", {
	refresh(frm) {
		const addresses = frm.doc.__onload?.addresses;
		const wrapper = frm.get_field("sign_in_addresses").$wrapper.empty();
		if (!addresses) {
			wrapper.text(__("Set the site address first."));
			return;
		}
		addAddress(wrapper, __("Address of the organisation portal"), addresses.portal);
		addAddress(wrapper, __("Redirect address for Google"), addresses.google);
		addAddress(wrapper, __("Redirect address for Microsoft"), addresses.microsoft);
	},
});

function addAddress(wrapper, label, address) {
	const id = frappe.dom.get_unique_id();
	const row = $('<div class="form-group"><label class="control-label"></label><div class="input-group"></div></div>');
	row.find("label").text(label).attr("for", id);
	const field = $('<input class="form-control" dir="ltr" readonly>').attr({ id, title: address }).val(address);
	const button = $('<button type="button" class="btn btn-default btn-sm"></button>').text(__("Copy"));
	button.on("click", () => frappe.utils.copy_to_clipboard(address));
	row.find(".input-group").append(field, $('<span class="input-group-append"></span>').append(button));
	wrapper.append(row);
}
