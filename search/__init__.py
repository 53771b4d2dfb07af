"""Floor 2: derived and deletable: chunks, indexes, practices, experts, link suggestions."""
