frappe.pages["portal-setup-check"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({
		parent: wrapper,
		title: __("Portal Set-up Check"),
		single_column: true,
	});
	const check = new PortalSetupCheck(page);
	page.set_primary_action(__("Check Again"), () => check.run(), "refresh");
	check.run();
};

class PortalSetupCheck {
	// Colour, and the word that says the same to whoever does not see it.
	static states = {
		OK: { colour: "green", word: __("OK") },
		Warning: { colour: "orange", word: __("Warning") },
		Failed: { colour: "red", word: __("Failed") },
		Off: { colour: "gray", word: __("Not in use") },
	};
	static at_once = 4; // requests: a site may have as few as two web workers

	constructor(page) {
		this.page = page;
		this.root = $('<div class="portal-check"></div>').appendTo(page.main);
		this.summary = $('<div class="portal-check-summary" role="status"></div>').appendTo(this.root);
		this.groups = $("<div></div>").appendTo(this.root);
	}

	async run() {
		this.page.btn_primary.prop("disabled", true);
		this.counts = { OK: 0, Warning: 0, Failed: 0, Off: 0 };
		this.summary.text(__("Checking…"));
		try {
			const checks = await frappe.xcall("customer_portal.api.setup_check.get_checks");
			this.draw(checks);
			const waiting = [...checks];
			const lanes = Array.from({ length: PortalSetupCheck.at_once }, () => this.work(waiting));
			await Promise.all(lanes);
			this.sum_up();
		} finally {
			this.page.btn_primary.prop("disabled", false);
		}
	}

	async work(waiting) {
		while (waiting.length) {
			const check = waiting.shift();
			this.show(check.key, await this.look(check));
		}
	}

	async look(check) {
		try {
			return await frappe.xcall("customer_portal.api.setup_check.run_check", { key: check.key });
		} catch {
			return { state: "Failed", found: __("The server did not answer."), mend: "", link: "" };
		}
	}

	draw(checks) {
		this.groups.empty();
		this.rows = {};
		for (const check of checks) {
			const list = this.list_of(check.group);
			const row = $(`<li class="portal-check-row">
				<span class="portal-check-state"><span class="indicator-pill gray">…</span></span>
				<div class="portal-check-text">
					<h4></h4><p class="portal-check-found"></p><p class="portal-check-mend"></p>
				</div>
			</li>`);
			row.find("h4").text(check.title);
			this.rows[check.key] = row.appendTo(list);
		}
	}

	list_of(group) {
		const last = this.groups.children().last();
		if (last.data("group") === group) return last.find("ul");
		const section = $('<section><h3></h3><ul class="list-unstyled"></ul></section>').data("group", group);
		section.find("h3").text(group);
		return section.appendTo(this.groups).find("ul");
	}

	show(key, finding) {
		const { colour, word } = PortalSetupCheck.states[finding.state];
		const row = this.rows[key];
		this.counts[finding.state] += 1;
		row.attr("data-state", finding.state).attr("data-key", key);
		row.find(".portal-check-state").html(`<span class="indicator-pill ${colour}"></span>`);
		row.find(".indicator-pill").text(word);
		row.find(".portal-check-found").text(finding.found);
		row.find(".portal-check-mend").text(finding.mend);
		if (finding.link) this.add_link(row, finding.link);
	}

	add_link(row, link) {
		const anchor = $('<a class="portal-check-link"></a>').attr("href", link).text(__("Open"));
		row.find(".portal-check-mend").append(" ", anchor);
	}

	sum_up() {
		const { Failed: failed, Warning: warnings } = this.counts;
		const state = failed ? "Failed" : warnings ? "Warning" : "OK";
		const sentences = {
			Failed: __("Something needs mending: failed {0}, warnings {1}.", [failed, warnings]),
			Warning: __("Everything works. Warnings: {0}.", [warnings]),
			OK: __("Everything is in order."),
		};
		this.summary.attr("data-state", state).text(sentences[state]);
	}
}
