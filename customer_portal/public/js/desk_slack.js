// What the settings and a customer's form have in common: a test message, and what Slack says of the channels.
const slackColours = { OK: "green", Warning: "orange", Failed: "red" };

function makeSlackReport() {
	return $('<div role="status" style="margin-top: var(--margin-sm)"></div>');
}

function showSlackLines(report, lines) {
	report.empty();
	for (const { state, text } of lines) {
		const line = $('<div class="form-message" style="margin-bottom: var(--margin-xs)"></div>');
		line.addClass(slackColours[state]).attr("data-state", state).text(text);
		report.append(line);
	}
}

function addSlackTest(frm, parent, report, customer) {
	const button = $('<button type="button" class="btn btn-default btn-sm"></button>').text(__("Send a test"));
	button.on("click", async () => {
		if (frm.is_dirty()) {
			frappe.msgprint(__("Save first: the test uses what is saved."));
			return;
		}
		button.prop("disabled", true);
		try {
			showSlackLines(report, await frappe.xcall("customer_portal.api.slack.send_test", { customer }));
		} finally {
			button.prop("disabled", false);
		}
	});
	parent.append(button);
}

// Tells only what is wrong, or who else reads there.
async function lookAtSlack(report, customer) {
	const lines = await frappe.xcall("customer_portal.api.slack.look", { customer });
	if (report.is(":empty")) showSlackLines(report, lines.filter(({ state }) => state !== "OK"));
}
