async function setupForm({ doc, call, toast, updateField }) {
	if (!doc?.name) return { actions: [] };
	const ticket = doc.name;
	// Read before the first await: Helpdesk runs this function again when one of them changes.
	const current = doc.sub_status;
	const isArchived = Boolean(doc.portal_archived);
	let offer;
	try {
		offer = await call("customer_portal.api.sub_status.of_ticket", { ticket });
	} catch (error) {
		toast.error(error.messages?.[0] || error.message);
		return { actions: [] };
	}
	const choose = (choice) => ({
		label: choice.label,
		icon: choice.value === current ? "check" : "circle",
		onClick: () => choice.value !== current && updateField("sub_status", choice.value),
	});
	const subStatuses = offer.groups.map((group) => ({
		group: group.label,
		buttonLabel: offer.texts.sub_status,
		items: group.choices.map(choose),
	}));
	const moveArchive = async () => {
		const method = isArchived ? "unarchive" : "archive";
		try {
			await call(`customer_portal.api.archive.${method}`, { tickets: [ticket] });
			doc.portal_archived = isArchived ? 0 : 1;
			toast.success(isArchived ? offer.texts.unarchived : offer.texts.archived);
		} catch (error) {
			toast.error(error.messages?.[0] || error.message);
		}
	};
	const archive = {
		group: offer.texts.portal,
		items: [
			{
				label: isArchived ? offer.texts.unarchive : offer.texts.archive,
				icon: "archive",
				onClick: moveArchive,
			},
		],
	};
	return { actions: [...subStatuses, archive] };
}
