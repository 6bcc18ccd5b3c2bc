frappe.ui.form.on("Customer Portal Settings", { refresh: show_organisations });

function show_organisations(frm) {
	const { portal_address, organisations } = frm.doc.__onload || {};
	frm.get_field("organisation_address")?.$wrapper.html(portal_address ? address_of(portal_address) : no_address());
	frm.get_field("organisation_access")?.$wrapper.html(access_of(organisations || 0));
}

function address_of(address) {
	const field = $('<input type="text" readonly class="form-control" dir="ltr">').val(address);
	field.attr("aria-label", __("Address of the portal")).on("focus", () => field.trigger("select"));
	const copy = $('<button type="button" class="btn btn-default">').text(__("Copy"));
	copy.on("click", () => frappe.utils.copy_to_clipboard(address));
	const open = $('<a class="btn btn-default" target="_blank" rel="noopener">').text(__("Open"));
	open.attr("href", address);
	return $("<div>").append(
		$('<label class="control-label">').text(__("Address of the portal")),
		$('<div class="flex" style="gap: 8px">').append(field, copy, open)
	);
}

function no_address() {
	return $('<p class="text-muted">').text(
		__("The site has no address yet: enter it under General, or set host_name in the site's configuration.")
	);
}

function access_of(count) {
	const list = $('<a class="btn btn-default" href="/app/portal-customer-access">').text(__("Organisations with access"));
	const add = $('<a class="btn btn-default" href="/app/portal-customer-access/new">').text(__("Give access"));
	const told = count ? __("Organisations with access: {0}", [count]) : __("No organisation has access yet.");
	return $("<div>").append(
		$('<p class="control-label">').text(told),
		$('<div class="flex" style="gap: 8px">').append(list, add)
	);
}
