"""The JSON API of the service itself: whether it is ready, and what it can be asked."""

from flask import Response, jsonify

from webui.api.openapi import openapi_json
from webui.current import current_services
from webui.monitoring.health import why_not_ready


def ready() -> tuple[Response, int]:
    """`GET /api/v1/ready`: whether questions can be answered now; status 503 while they cannot."""
    error = why_not_ready(current_services())
    return jsonify(ready=error is None, error=error), 200 if error is None else 503


def openapi() -> Response:
    """`GET /api/v1/openapi.json`: what the API can be asked, and what it answers."""
    return Response(openapi_json(), mimetype="application/json")
