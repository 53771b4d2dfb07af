"""`/metrics`: numbers for Prometheus, without a title, a name or a question in them.

https://prometheus.io/docs/practices/naming/
"""

import time
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from webui.current import services_of
from webui.monitoring.gauges import ServiceGauges
from webui.rights.readers import check_role
from webui.rights.roles import Role
from webui.visitors import is_of_this_machine

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

_METHODS: Final = frozenset(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
_QUESTIONS: Final = {
    "pages.search": "pages",
    "api.search": "api",
    "api.experts": "api",
    "wiki_api.search": "wiki",
}
"""The endpoints that put a question, by where it is asked."""
_SIGN_INS: Final = frozenset(["pages.sign_in_with_password", "pages.oauth_return"])
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 45.0)
_PASSED_ON: Final = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")
"""Of these a proxy sets at least one."""


class Metrics:
    """What one application counts, in a registry of its own."""

    def __init__(self, gauges: ServiceGauges) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "compagnon_requests",
            "Requests, by endpoint, method and status.",
            ["endpoint", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "compagnon_request_seconds",
            "How long an answer took.",
            ["endpoint"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.searches = Counter(
            "compagnon_searches", "Questions that were searched.", ["asked_in"], registry=self.registry
        )
        self.refused_sign_ins = Counter(
            "compagnon_sign_ins_refused", "Attempts to sign in that were refused.", registry=self.registry
        )
        self.rate_limited = Counter(
            "compagnon_rate_limited",
            "Requests of visitors who had asked too often.",
            ["endpoint"],
            registry=self.registry,
        )
        self.registry.register(gauges)

    def count(self, *, endpoint: str, method: str, status: int, seconds: float, asked: bool) -> None:
        """Count one answer.

        Args:
            endpoint: name of the function that answered; empty where there is none.
            method: of the request.
            status: of the answer.
            seconds: that it took.
            asked: whether a question was put.
        """
        self.requests.labels(endpoint, method if method in _METHODS else "other", str(status)).inc()
        self.seconds.labels(endpoint).observe(seconds)
        if endpoint in _QUESTIONS and asked and status == 200:
            self.searches.labels(_QUESTIONS[endpoint]).inc()
        if endpoint in _SIGN_INS and status >= 400:
            self.refused_sign_ins.inc()
        if status == 429:
            self.rate_limited.labels(endpoint).inc()


def metrics() -> Response:
    """Show the numbers to administrators, to the owner's token, and to programs of this machine.

    Raises:
        SignInWantedError: it is none of them.
        NotAllowedError: likewise.
    """
    if not _asked_on_this_machine():
        check_role(Role.ADMINISTRATOR)
    return Response(generate_latest(current_metrics().registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def current_metrics() -> Metrics:
    """Return what the application at hand counts."""
    found: Metrics = current_app.extensions["compagnon_metrics"]
    return found


def _asked_on_this_machine() -> bool:
    """Whether a program of this machine asks for itself: a proxy asks for somebody else, and says so."""
    return is_of_this_machine(request.remote_addr or "") and not any(
        name in request.headers for name in _PASSED_ON
    )


def _begin() -> None:
    g.begun = time.perf_counter()


def _end(response: "AnyResponse") -> "AnyResponse":
    current_metrics().count(
        endpoint=request.endpoint or "",
        method=request.method,
        status=response.status_code,
        seconds=time.perf_counter() - g.get("begun", time.perf_counter()),
        asked=bool(request.args.get("q", "").strip()),
    )
    return response


def init_app(app: Flask) -> None:
    """Count what the application answers; to be called before whatever may refuse a request."""
    app.extensions["compagnon_metrics"] = Metrics(ServiceGauges(services_of(app)))
    app.add_url_rule("/metrics", "metrics", metrics)
    app.before_request(_begin)
    app.after_request(_end)
