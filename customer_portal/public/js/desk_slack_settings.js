// How an admin connects Slack: the app's manifest and addresses to copy there, and a test.
frappe.ui.form.on("Customer Portal Settings", {
	refresh(frm) {
		const wrapper = frm.get_field("slack_setup").$wrapper.empty();
		wrapper.append($('<label class="control-label"></label>').text(__("Set-up of Slack")));
		const given = frm.doc.__onload?.slack;
		if (given) addSlackSteps(wrapper, given);
		else wrapper.append($('<p class="text-muted"></p>').text(noAddressForSlack()));
		if (!frm.doc.slack_enabled || !given) return;
		const report = makeSlackReport();
		const last = wrapper.find("ol > li").last();
		addSlackTest(frm, last, report, "");
		last.append(report);
		lookAtSlack(report, "");
	},
});

function noAddressForSlack() {
	return __("Slack must reach this site from the internet by HTTPS. Set the site address first; then the manifest for Slack is shown here.");
}

function addSlackSteps(wrapper, { manifest, events, actions, bot_name }) {
	const list = $('<ol style="padding-inline-start: 1.4em"></ol>').appendTo(wrapper);
	const step = (text) => $('<li style="margin-bottom: var(--margin-md)"></li>').append($("<p></p>").text(text)).appendTo(list);
	const apps = '<a href="https://api.slack.com/apps" target="_blank" rel="noopener" style="text-decoration: underline">api.slack.com/apps</a>';
	const first = step("");
	first.find("p").html(__("At {0} press Create New App, choose From a manifest and your workspace, and paste this in the place of the JSON there:", [apps]));
	addManifest(first, manifest);
	step(__("Install the app in your workspace. Copy the bot token (OAuth & Permissions) and the signing secret (Basic Information) into the fields here, tick Connect with Slack, and save."));
	const third = step(__("In the app's page Event Subscriptions have Slack verify the Request URL. It answers only when the signing secret is saved here."));
	addAddress(third, __("Request URL of events"), events);
	addAddress(third, __("Request URL of interactivity"), actions);
	const fourth = step(__("In Slack invite the app to the triage channel and to each customer's channel:"));
	addAddress(fourth, __("Message to invite the app"), `/invite @${bot_name}`);
	step(__("Enter the channels' IDs here and in Portal Customer Access, save, and send a test."));
}

function addManifest(parent, manifest) {
	const id = frappe.dom.get_unique_id();
	const box = $('<textarea class="form-control" rows="10" dir="ltr" readonly spellcheck="false"></textarea>');
	box.attr({ id, "aria-label": __("Manifest of the Slack app") }).val(manifest);
	box.css({ "font-family": "monospace", "font-size": "12px", "white-space": "pre", "max-height": "none" });
	const button = $('<button type="button" class="btn btn-default btn-sm" style="margin-top: var(--margin-sm)"></button>');
	button.text(__("Copy the manifest")).on("click", () => frappe.utils.copy_to_clipboard(manifest));
	parent.append(box, button);
}
