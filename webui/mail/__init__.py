"""Mail: what a message is, and handing it to the SMTP server of the settings."""
