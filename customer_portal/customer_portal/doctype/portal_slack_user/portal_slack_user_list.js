frappe.listview_settings["Portal Slack User"] = {
	add_fields: ["user", "is_fixed"],
	get_indicator: ({ user, is_fixed }) => {
		if (!user) return [__("Nobody in Helpdesk"), "gray", "user,is,not set"];
		return is_fixed
			? [__("Chosen by hand"), "blue", "user,is,set|is_fixed,=,1"]
			: [__("By e-mail address"), "green", "user,is,set|is_fixed,=,0"];
	},
};
