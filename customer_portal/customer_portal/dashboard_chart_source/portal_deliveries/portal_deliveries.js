frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Portal Deliveries"] = {
	method: "customer_portal.api.figures.get_deliveries",
	filters: [],
};
