"""Signing in to the organisation portal: by a mail with a link and a code, for people whom an organisation admits."""
