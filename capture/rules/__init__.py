"""The rules of the local extractor: one room for each thing that notes hold."""
