app_name = "customer_portal"
app_title = "Customer Portal"
app_publisher = "The Customer Portal maintainers"
app_description = "A customer portal for Frappe Helpdesk"
app_email = "maintainers@customer-portal.invalid"
app_license = "AGPL-3.0-or-later"
required_apps = ["frappe/helpdesk"]
require_type_annotated_api_methods = True

after_install = "customer_portal.install.after_install"
after_migrate = "customer_portal.install.after_migrate"
before_uninstall = "customer_portal.uninstall.before_uninstall"

page_renderer = [
	"customer_portal.pages.renderer.PortalPage",
	"customer_portal.pages.site.SitePage",
]
before_request = ["customer_portal.pages.renderer.before_request"]
after_request = [
	"customer_portal.pages.renderer.after_request",
	"customer_portal.extends.login.after_request",
]
on_login = ["customer_portal.extends.login.on_login"]
auth_hooks = ["customer_portal.extends.generic_requests.authenticate"]

doctype_js = {
	"Customer Portal Settings": [
		"public/js/desk_portal_settings.js",
		"public/js/desk_slack.js",
		"public/js/desk_slack_settings.js",
	],
	"HD Ticket": ["public/js/panel_dialog.js", "public/js/desk_hd_ticket.js"],
	"Portal Customer Access": "public/js/desk_slack.js",
	"Portal Ticket Template": "public/js/channel_matrix.js",
}
doctype_list_js = {"HD Ticket": "public/js/desk_hd_ticket_list.js"}

doc_events = {
	"Customer Portal Settings": {
		"onload": "customer_portal.extends.portal_settings.onload",
		"on_update": "customer_portal.extends.portal_settings.on_update",
	},
	"HD Ticket": {
		"before_validate": "customer_portal.extends.hd_ticket.before_validate",
		"after_insert": "customer_portal.extends.hd_ticket.after_insert",
		"on_change": "customer_portal.extends.hd_ticket.on_change",
		"on_trash": "customer_portal.extends.hd_ticket.on_trash",
		"onload": "customer_portal.extends.hd_ticket.onload",
	},
	"HD Customer": {
		"before_rename": "customer_portal.extends.hd_customer.before_rename",
		"after_rename": "customer_portal.extends.hd_customer.after_rename",
	},
	"HD Ticket Template": {
		"before_validate": "customer_portal.extends.hd_ticket_template.before_validate",
		"after_rename": "customer_portal.extends.hd_ticket_template.after_rename",
		"on_trash": "customer_portal.extends.hd_ticket_template.on_trash",
	},
	"HD Ticket Status": {
		"on_update": "customer_portal.statuses.forget_templates",
		"on_trash": "customer_portal.statuses.forget_templates",
		"after_rename": "customer_portal.statuses.forget_templates",
	},
	"Communication": {
		"before_insert": "customer_portal.extends.communication.before_insert",
		"after_insert": "customer_portal.extends.communication.after_insert",
		"on_update": "customer_portal.extends.communication.on_update",
		"on_trash": "customer_portal.extends.communication.on_trash",
	},
	"HD Ticket Comment": {
		"after_insert": "customer_portal.extends.hd_ticket_comment.after_insert",
	},
	"ToDo": {
		"on_update": "customer_portal.extends.to_do.on_change",
		"on_trash": "customer_portal.extends.to_do.on_change",
	},
	"Email Queue": {
		"before_insert": "customer_portal.extends.email_queue.before_insert",
	},
	"HD Ticket Activity": {
		"before_insert": "customer_portal.extends.hd_ticket_activity.before_insert",
	},
	"Personal Data Deletion Request": {
		"on_update": "customer_portal.extends.personal_data.on_update",
	},
	"Portal Slack User": {"validate": "customer_portal.extends.portal_slack_user.validate"},
	"Portal Customer Access": {
		"on_update": "customer_portal.extends.portal_customer_access.on_update",
		"after_delete": "customer_portal.extends.portal_customer_access.after_delete",
	},
	"Version": {
		"before_insert": "customer_portal.extends.version.before_insert",
	},
	"Portal Ticket Template": {
		"validate": "customer_portal.extends.portal_ticket_template.validate",
		"on_update": "customer_portal.statuses.forget_templates",
		"after_rename": "customer_portal.statuses.forget_templates",
		"on_trash": "customer_portal.statuses.forget_templates",
	},
	"Portal Sub-Status": {
		"on_update": "customer_portal.statuses.forget_templates",
		"on_trash": "customer_portal.statuses.forget_templates",
	},
}

# Dotted functions of (name, content) that raise customer_portal.exceptions.FileRefused; any app may add some.
customer_portal_scan_file = ["customer_portal.integrations.clamav.scan"]

override_doctype_class = {
	"Email Account": "customer_portal.extends.email_account.PortalEmailAccount",
	"File": "customer_portal.extends.files.PortalFile",
	"Personal Data Download Request": "customer_portal.extends.data_download.PortalDataDownload",
}

override_whitelisted_methods = {
	"frappe.client.get_count": "customer_portal.api.generic.get_count",
	"frappe.desk.form.utils.get_next": "customer_portal.api.generic.get_next",
	"frappe.desk.listview.get_group_by_count": "customer_portal.api.generic.get_group_by_count",
	"frappe.desk.search.get_link_title": "customer_portal.api.sub_status.get_link_title",
}

permission_query_conditions = {"HD Ticket": "customer_portal.extends.hd_ticket.hide_archived"}

ignore_links_on_delete = [
	"Portal Access Link",
	"Portal Account",
	"Portal Join Request",
	"Portal Notification",
	"Portal OTP Session",
	"Portal Slack Message",
	"Portal Slack User",
	"Portal Status Event",
	"Portal Ticket Follower",
	"Portal Ticket View",
]

# Days; an admin changes them in Log Settings. The ledger of status events is kept as long as its ticket.
default_log_clearing_doctypes = {
	"Portal Join Request": 90,
	"Portal Notification": 180,
	"Portal OTP Session": 30,
	"Portal Slack Event": 30,
	"Portal Throttle Event": 31,
}

scheduler_events = {
	"cron": {
		"* * * * *": [
			"customer_portal.tasks.every_minute",
			"customer_portal.tasks.send_codes",
			"customer_portal.tasks.reach_slack",
			"customer_portal.tasks.hear_slack",
		]
	},
	"hourly_long": [
		"customer_portal.tasks.catch_up_with_slack",
		"customer_portal.tasks.tell_news",
		"customer_portal.tasks.tell_members",
		"customer_portal.tasks.tell_managers",
	],
	"daily_long": [
		"customer_portal.tasks.daily",
		"customer_portal.tasks.resume_backfill",
		"customer_portal.tasks.purge",
	],
}
