"""Frappe's personal-data tools, as their buttons and jobs use them."""

import json

import frappe
from frappe.website.doctype.personal_data_download_request.personal_data_download_request import get_user_data


def erase(user: str):
	"""As Frappe's button does, once the person has confirmed and the job runs. Returns the request."""
	request = frappe.get_doc({"doctype": "Personal Data Deletion Request", "email": user})
	request.insert(ignore_permissions=True)
	request.db_set("status", "Pending Approval")
	request.reload()
	request._anonymize_data()
	frappe.db.commit()
	return request


def download(user: str) -> dict[str, list[dict]]:
	"""The person asks, the job runs, and they open the file to which its mail leads."""
	request = frappe.get_doc({"doctype": "Personal Data Download Request", "user": user, "user_name": "Jane"})
	request.insert(ignore_permissions=True)
	request.generate_file_and_send_mail(get_user_data(user))
	frappe.db.commit()
	name = frappe.db.get_value("File", {"attached_to_name": request.name})
	return json.loads(frappe.get_doc("File", name).get_content())
