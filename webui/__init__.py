"""Floor 4: every front door: pages, JSON API, command line, the extension inside the wiki."""
