"""The formats that notes come in; each is read into the same numbered lines."""
