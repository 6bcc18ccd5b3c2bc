frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Portal Verifications per Day"] = {
	method: "customer_portal.api.figures.get_verifications_per_day",
	filters: [],
};
