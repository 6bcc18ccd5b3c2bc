frappe.listview_settings["Portal Slack Message"] = {
	add_fields: ["state"],
	hide_name_column: true,
	get_indicator: ({ state }) => {
		const colours = { Queued: "orange", Sending: "blue", Sent: "green", Failed: "red", Removed: "gray", Received: "green" };
		return [__(state), colours[state], `state,=,${state}`];
	},
	onload(listview) {
		if (!frappe.user.has_role("System Manager")) return;
		listview.page.add_actions_menu_item(__("Send again"), async () => {
			const messages = listview.get_checked_items(true).join(",");
			const count = await frappe.xcall("customer_portal.api.slack.send_again", { messages });
			frappe.show_alert(__("{0} messages go to Slack again.", [count]));
			listview.clear_checked_items();
			listview.last_args = null; // else refresh() does nothing for three seconds after the last time
			listview.refresh();
		});
	},
};
