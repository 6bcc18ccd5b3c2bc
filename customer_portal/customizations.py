"""What the app adds to Helpdesk's doctypes, as data: install writes it, uninstall takes it back."""

MODULE = "Customer Portal"
DOCTYPES = (
	"Customer Portal Settings",
	"Portal Access Domain",
	"Portal Access Form",
	"Portal Access Link",
	"Portal Access Person",
	"Portal Account",
	"Portal Channel Exclusion",
	"Portal Customer Access",
	"Portal Join Request",
	"Portal Language",
	"Portal Main Status",
	"Portal Notification",
	"Portal Opt-Out",
	"Portal OTP Session",
	"Portal Slack Event",
	"Portal Slack Message",
	"Portal Slack User",
	"Portal Status Event",
	"Portal Status Fit",
	"Portal Sub-Status",
	"Portal Sub-Status Label",
	"Portal Template Sub-Status",
	"Portal Throttle",
	"Portal Throttle Event",
	"Portal Ticket Follower",
	"Portal Ticket Template",
	"Portal Ticket View",
	"Portal WhatsApp Template",
)

CUSTOM_FIELDS = {
	"HD Ticket": [
		{
			"fieldname": "sub_status",
			"label": "Sub-status",
			"fieldtype": "Link",
			"options": "Portal Sub-Status",
			"insert_after": "status",
			"no_copy": 1,
			"print_hide": 1,
			"in_list_view": 1,
			"search_index": 1,
		},
		{
			"fieldname": "portal_section",
			"label": "Customer Portal",
			"fieldtype": "Section Break",
			"insert_after": "customer",
			"collapsible": 1,
		},
		{
			"fieldname": "portal_phone",
			"label": "Phone for the ticket link",
			"fieldtype": "Data",
			"insert_after": "portal_section",
			"no_copy": 1,
		},
		{
			"fieldname": "portal_email",
			"label": "E-mail for the ticket link",
			"fieldtype": "Data",
			"options": "Email",
			"insert_after": "portal_phone",
			"no_copy": 1,
		},
		{
			"fieldname": "portal_language",
			"label": "Customer's language",
			"fieldtype": "Link",
			"options": "Language",
			"insert_after": "portal_email",
			"no_copy": 1,
		},
		{
			"fieldname": "portal_private",
			"label": "Private",
			"description": "In the customer portal only who raised it, managers and people whom they have added see it.",
			"fieldtype": "Check",
			"insert_after": "portal_language",
			"no_copy": 1,
		},
		{
			"fieldname": "portal_archived",
			"label": "Archived",
			"fieldtype": "Check",
			"insert_after": "portal_private",
			"no_copy": 1,
			"read_only": 1,
			"search_index": 1,
		},
		{
			"fieldname": "portal_archived_on",
			"label": "Archived on",
			"fieldtype": "Datetime",
			"insert_after": "portal_archived",
			"no_copy": 1,
			"read_only": 1,
		},
		{
			"fieldname": "portal_updated_on",
			"label": "Last update for the customer (UTC)",
			"description": "When the sub-status last changed: the time of the ledger's last event.",
			"fieldtype": "Datetime",
			"insert_after": "portal_archived_on",
			"no_copy": 1,
			"read_only": 1,
			"hidden": 1,
		},
	]
}

# What lists of members are read by: whose tickets, then the order or what is often asked for. A search reads the first
# one alone: what it needs is in there. InnoDB adds the name to each. Of two columns at least: Frappe's migration drops
# one of a single column that no field asks for.
INDEXES = {
	"HD Ticket": {
		"portal_newest": ("customer", "creation", "name", "subject", "raised_by", "portal_private"),
		"portal_updated": ("customer", "portal_updated_on"),
		"portal_priority": ("customer", "priority", "creation"),
		"portal_status": ("customer", "template", "sub_status", "creation"),
		"portal_raised_by": ("raised_by", "creation"),
		"portal_contact": ("contact", "creation"),
	},
	"Contact": {"portal_user": ("user", "creation")},
}

# A row of each HD Ticket Template: it shows the field under "Ticket Info" of Helpdesk's own ticket page.
TEMPLATE_ROW = {
	"fieldname": "sub_status",
	"url_method": "customer_portal.api.sub_status.options",
	"hide_from_customer": 1,
	"required": 0,
}

# HD Form Scripts, which add to Helpdesk's own ticket page: name, and sources below public/js.
FORM_SCRIPTS = {
	"Customer Portal: sub-status": ("helpdesk_sub_status.js",),
	"Customer Portal: ticket link": ("panel_dialog.js", "helpdesk_ticket_link.js"),
}
