frappe.listview_settings["Portal Slack Event"] = {
	add_fields: ["state"],
	hide_name_column: true,
	get_indicator: ({ state }) => {
		const colours = { Waiting: "orange", Working: "blue", Done: "green", Failed: "red" };
		return [__(state), colours[state], `state,=,${state}`];
	},
};
