"""Signing in with the wiki: sessions, credentials, and the wiki under a person's own name."""
