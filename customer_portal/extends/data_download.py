"""Frappe's Personal Data Download Request: what this app holds of the person stands in the same file."""

import json

from frappe.website.doctype.personal_data_download_request.personal_data_download_request import (
	PersonalDataDownloadRequest,
)

from customer_portal import personal_data


class PortalDataDownload(PersonalDataDownloadRequest):
	"""Not by ``user_data_fields``, which copies whole rows: with digests, and with the names of others."""

	def generate_file_and_send_mail(self, personal_data_of_frappe: str) -> None:
		data = json.loads(personal_data_of_frappe) | personal_data.export(self.user)
		super().generate_file_and_send_mail(json.dumps(data, indent=2, default=str))
