"""The JSON API, version 1: importing a part of it loads no other. See `docs/reference/http-api.md`."""
