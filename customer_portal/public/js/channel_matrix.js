// Which channel tells which sub-status. The table edits the hidden rows of "exclusions", which name what is not told.
{
	const CHANNELS = "customer_portal.api.channels.names";
	const SUB_STATUS = "Portal Sub-Status";
	let channels;

	async function draw(frm) {
		const target = frm.get_field("matrix")?.$wrapper;
		if (!target) return;
		channels ??= frappe.xcall(CHANNELS);
		const rows = (frm.doc.sub_statuses || []).filter((row) => row.sub_status);
		const titles = await Promise.all(rows.map((row) => title_of(row.sub_status)));
		target.html(table_of(frm, await channels, rows, titles));
	}

	async function title_of(sub_status) {
		const known = frappe.utils.get_link_title(SUB_STATUS, sub_status);
		return known || (await frappe.utils.fetch_link_title(SUB_STATUS, sub_status)) || "";
	}

	function table_of(frm, channels, rows, titles) {
		const table = $('<table class="table table-bordered portal-matrix">');
		const head = $("<tr>").append($('<th scope="col">').text(__("Sub-status")));
		channels.forEach((channel) => head.append(head_of(channel)));
		const body = rows.map((row, place) => row_of(frm, channels, row, titles[place]));
		return $("<div>").append(
			$('<p class="text-muted small">').text(
				__("Ticked: this channel tells customers when their ticket changes to this sub-status.")
			),
			$('<div class="table-responsive">').append(
				table.append($("<thead>").append(head), $("<tbody>").append(body))
			)
		);
	}

	function head_of(channel) {
		const cell = $('<th scope="col" class="text-center">').text(channel.label);
		if (!channel.is_on) cell.append($('<div class="text-muted small">').text(__("Switched off")));
		return cell;
	}

	function row_of(frm, channels, row, title) {
		const name = $('<th scope="row" class="font-weight-normal">').text(title);
		name.append($('<div class="text-muted small">').text(row.customer_label || ""));
		const line = $("<tr>").append(name);
		if (row.notify) return line.append(channels.map((channel) => cell_of(frm, channel, row, title)));
		const nobody = $(`<td class="text-muted small text-center align-middle" colspan="${channels.length}">`);
		return line.append(nobody.text(__("No message: “{0}” is not ticked above.", [__("Tell the customer")])));
	}

	function cell_of(frm, channel, row, title) {
		const box = $('<input type="checkbox" class="m-0">')
			.attr("aria-label", `${title}: ${channel.label}`)
			.prop("checked", !exclusions(frm).some((one) => is_of(one, row, channel)))
			.prop("disabled", !frm.perm[0]?.write)
			.on("change", () => tell(frm, row, channel, box.prop("checked")));
		return $('<td class="text-center align-middle">').append(box);
	}

	function tell(frm, row, channel, is_told) {
		const others = exclusions(frm).filter((one) => !is_of(one, row, channel));
		const kept = others.map(({ sub_status, channel }) => ({ sub_status, channel }));
		if (!is_told) kept.push({ sub_status: row.sub_status, channel: channel.name });
		frm.clear_table("exclusions");
		kept.forEach((one) => frm.add_child("exclusions", one));
		frm.dirty();
	}

	const exclusions = (frm) => frm.doc.exclusions || [];
	const is_of = (one, row, channel) => one.sub_status === row.sub_status && one.channel === channel.name;

	frappe.ui.form.on("Portal Ticket Template", { refresh: draw });
	frappe.ui.form.on("Portal Template Sub-Status", {
		sub_status: draw,
		customer_label: draw,
		notify: draw,
		sub_statuses_move: draw,
		sub_statuses_remove: draw,
	});
}
