"""The services that answer the current request."""

from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

if TYPE_CHECKING:
    from webui.bootstrap import Services

EXTENSION = "compagnon"


def attach(app: Flask, services: "Services") -> None:
    """Give the application its services, once, when it is made."""
    app.extensions[EXTENSION] = services


def current_services() -> "Services":
    """Return the services of the application that answers this request."""
    return services_of(current_app)


def services_of(app: Flask) -> "Services":
    """Return the services of an application."""
    return cast("Services", app.extensions[EXTENSION])
