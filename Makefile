.DEFAULT_GOAL := help
.PHONY: help demo test bench stop

help:
	@echo "make demo   a bench with Helpdesk and this app, demo data, and an outbox for mail and SMS"
	@echo "make test   fresh sites on the same bench, the whole suite in four lanes, install and uninstall"
	@echo "make bench  the benchmarks, on a site of their own"
	@echo "make stop   ends what make demo started"
	@echo
	@echo "Options: FRAPPE_BENCH, {FRAPPE,TELEPHONY,HELPDESK}_{SOURCE,BRANCH}, WEB_PORT and others: see README.md"

demo test bench stop:
	@python3 -m dev $@
