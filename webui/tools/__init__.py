"""The tools for language models (`compagnon mcp`)."""
