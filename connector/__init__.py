"""Floor 1: the wiki, and our mirror of it, the source of truth."""
