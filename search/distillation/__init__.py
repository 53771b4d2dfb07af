"""A student of a sentence-transformers model that reads French as its teacher reads English."""
