(() => {
	const settings = (frappe.listview_settings["HD Ticket"] ??= {});
	const onload = settings.onload;
	const move = (listview, method) => async () => {
		const tickets = listview.get_checked_items(true);
		await frappe.call(`customer_portal.api.archive.${method}`, { tickets });
		listview.clear_checked_items();
		listview.refresh();
	};
	settings.onload = (listview) => {
		onload?.(listview);
		listview.page.add_actions_menu_item(__("Archive"), move(listview, "archive"));
		listview.page.add_actions_menu_item(__("Take out of the archive"), move(listview, "unarchive"));
	};
})();
