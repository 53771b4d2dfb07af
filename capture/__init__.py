"""Floor 3: meeting notes become drafts, and drafts become practice pages."""
