"""A community's data in one file, and back: what is in it, how it is written, how it is put back."""
