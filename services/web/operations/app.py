"""The application of a process without pages: alive, ready, metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from services.web.operations import routes
from services.web.shell.error_documents import install_error_documents

if TYPE_CHECKING:
    from services.web.operations.routes import Operated


def build_operations(asked: Operated) -> FastAPI:
    """Build the application for operators only."""
    app = FastAPI(title="LiênCấp: operations", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts = asked
    # Operators read what scripts read: there are no pages here.
    install_error_documents(app)
    app.include_router(routes.router)
    return app
