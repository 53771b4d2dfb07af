"""The web application: a factory that puts pages, API, protection and languages on one set of services."""

from typing import TYPE_CHECKING

from flask import Flask

from webui import current, errors, language, limits, pages, security
from webui.api.blueprint import blueprint as api_blueprint
from webui.api.blueprint import gadget_blueprint, wiki_blueprint
from webui.feeds import routes as feeds
from webui.monitoring import metrics
from webui.pages import display
from webui.sign_in import account_menu, gate, sessions

if TYPE_CHECKING:
    from webui.bootstrap import Services

MAX_BODY_BYTES = 2_300_000
"""Notes may have 2 MB; the rest is room for the form around them."""


def create_app(services: "Services") -> Flask:
    """Make the web application.

    Args:
        services: What answers questions, reads notes and publishes; kept in `app.extensions["compagnon"]`.

    Returns:
        A WSGI application.

    Raises:
        ConfigError: the key that signs cookies can neither be read nor made.
    """
    config = services.config
    app = Flask("webui")
    app.config.update(
        SECRET_KEY=config.secret_key(),
        # A web site must not be able to point a name of its own at this machine and read the pages through
        # its visitor's browser (DNS rebinding): only known names are answered.
        TRUSTED_HOSTS=security.known_hosts(config),
        SESSION_COOKIE_SECURE=bool(config.values["web.secure_cookies"]),
        # Of who has signed in: the database says earlier when it ends.
        PERMANENT_SESSION_LIFETIME=sessions.LONGEST,
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        MAX_FORM_PARTS=5_000,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # documented on Flask's default provider
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    current.attach(app, services)
    metrics.init_app(app)
    security.init_app(app)
    language.init_app(app)
    errors.init_app(app)
    display.init_app(app)
    account_menu.init_app(app)
    gate.init_app(app)
    app.register_blueprint(pages.blueprint)
    feeds.init_app(app)
    app.register_blueprint(api_blueprint)
    app.register_blueprint(wiki_blueprint)
    app.register_blueprint(gadget_blueprint)
    limits.init_app(app)
    return app
