async function setupForm({ doc, call, toast, $dialog }) {
	if (!doc?.name) return { actions: [] };
	const ask = (method) => call(`customer_portal.api.links.${method}`, { ticket: doc.name });
	const complain = (error) => toast.error(error.messages?.[0] || error.message);
	const copy = async (address, title) => {
		try {
			await navigator.clipboard.writeText(address);
			return true;
		} catch {
			$dialog({ title, message: address }); // no clipboard on plain http
			return false;
		}
	};
	const act = (action, title) => async (close) => {
		close();
		try {
			const answer = await ask(action.method);
			const isShown = action.is_address && !(await copy(answer, title));
			if (!isShown) toast.success(action.done);
		} catch (error) {
			complain(error);
		}
	};
	const button = (action, title) => ({
		label: action.label,
		theme: action.is_final ? "red" : "gray",
		variant: action.is_first ? "solid" : "subtle",
		onClick: ({ close }) => act(action, title)(close),
	});
	const open = async () => {
		try {
			const { title, lines, actions } = await ask("get_link_dialog");
			const buttons = actions.map((action) => button(action, title));
			$dialog({ title, message: lines.join("\n"), actions: buttons });
		} catch (error) {
			complain(error);
		}
	};
	try {
		const { group, label } = await ask("get_link_entry");
		return { actions: [{ group, items: [{ label, icon: "link", onClick: open }] }] };
	} catch (error) {
		complain(error);
		return { actions: [] };
	}
}
