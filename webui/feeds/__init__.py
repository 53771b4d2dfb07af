"""Feeds for feed readers, as Atom and RSS."""
