"""The forms by which customers file tickets: HD Ticket Templates, as Helpdesk's own portal shows them."""
