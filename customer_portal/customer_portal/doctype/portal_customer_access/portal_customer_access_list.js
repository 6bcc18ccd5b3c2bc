frappe.listview_settings["Portal Customer Access"] = {
	add_fields: ["enabled"],
	hide_name_column: true,
	get_indicator: ({ enabled }) =>
		enabled ? [__("On"), "green", "enabled,=,1"] : [__("Off"), "gray", "enabled,=,0"],
};
