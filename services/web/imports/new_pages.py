"""Pages on which a person looks at a file, corrects its mapping, tries it, and imports it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from reporting.dated.bodies import NATION
from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.access.policy import may, require
from services.access.tokens import unit_level
from services.connectors.case_importer import CaseImporter
from services.connectors.errors import ImplausibleFile
from services.connectors.inspecting import Inspection, inspect, labels_of
from services.connectors.judgement import NAMES
from services.connectors.summary import Summary
from services.connectors.target import ImportTarget
from services.connectors.uploads import Upload
from services.errors import BadInput
from services.web.imports.pages import IMPORTS
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.parts import Parts

PATH = f"{IMPORTS}/moi"
MOST_MAPPING = 60_000
KIND_KEYS = {
    "text": "text",
    "number": "number",
    "error": "error",
    "number in scientific notation": "scientific",
}
"""Kinds of values that have a name of their own in the labels; forms of days name themselves."""
router = APIRouter(prefix=PATH, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of the form of a file: mapping, sheet, day of a snapshot, accepted findings."""

    mapping: str | None = None
    sheet: str | None = None
    on: str | None = None
    accept: tuple[str, ...] = ()

    @property
    def day(self) -> dt.date | None:
        """Return the day that a snapshot shows.

        Raises:
            BadInput: it is no day.
        """
        try:
            return dt.date.fromisoformat(self.on) if self.on else None
        except ValueError:
            raise BadInput(f"{self.on!r} is no day", field="on") from None


@dataclass(slots=True)
class Shown:
    """The parts of the page of a file beside the inspection."""

    asked: Asked = field(default_factory=Asked)
    summary: Summary | None = None
    errors: dict[str, str] = field(default_factory=dict)
    fault: str = ""


@router.get("")
def choose(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """Show the field for a file, into which one can be dropped."""
    _target(parts, actor)
    return layout_of(request).render(request, "imports/choose.html", address=PATH, errors=Blank())


@router.post("")
def take(request: Request, parts: Here, actor: Who, file: UploadFile) -> Response:
    """Hold a file for its sender, and show what is in it."""
    _target(parts, actor)
    try:
        upload = parts.uploads.keep(actor, file.filename or "", file.file)
        try:
            _inspected(parts, upload, None)
        except LienCapError:
            parts.uploads.discard(upload)
            raise
    except LienCapError as error:
        errors = form_errors_of(error, parts.labels, lang_of(request))
        shown = {"file": next(iter(errors.values()))}
        return layout_of(request).render(
            request, "imports/choose.html", address=PATH, errors=Blank(shown), status=422
        )
    return RedirectResponse(f"{PATH}/{upload.id}", 303)


@router.get("/{upload_id}")
def look(
    request: Request, upload_id: UUID, parts: Here, actor: Who, sheet: str | None = None
) -> HTMLResponse:
    """Show what a file holds, and its drafted mapping."""
    upload = parts.uploads.find(actor, upload_id)
    return _page(request, parts, actor, upload, Shown(Asked(sheet=sheet)))


@router.get("/{upload_id}/mapping.toml")
def mapping(upload_id: UUID, parts: Here, actor: Who) -> Response:
    """Download the mapping as it was last corrected, else the drafted one."""
    upload = parts.uploads.find(actor, upload_id)
    text = upload.mapping or _inspected(parts, upload, None).mapping
    headers = {"Content-Disposition": 'attachment; filename="mapping.toml"'}
    return Response(text, media_type="application/toml; charset=utf-8", headers=headers)


@router.post("/{upload_id}")
def act(
    request: Request,
    upload_id: UUID,
    parts: Here,
    actor: Who,
    mapping: Annotated[str, Form(max_length=MOST_MAPPING)] = "",
    sheet: Annotated[str, Form(max_length=200)] = "",
    on: Annotated[str, Form(max_length=10)] = "",
    accept: Annotated[Sequence[str], Form(max_length=20)] = (),
    act: Annotated[str, Form(max_length=20)] = "try",
) -> Response:
    """Try the corrected mapping on the file, or import it; what stops it stands on the page."""
    upload = parts.uploads.find(actor, upload_id)
    shown = Shown(Asked(mapping, sheet or None, on or None, tuple(name for name in accept if name in NAMES)))
    upload.correct(mapping)
    if act == "import":
        require(actor, "cases.sync", actor.unit_code, units=parts.tables.units)
    try:
        if act == "import":
            _run(parts, actor, upload, shown.asked, dry_run=False)
            parts.uploads.discard(upload)
            return RedirectResponse(f"{IMPORTS}?done=imported", 303)
        shown.summary = _run(parts, actor, upload, shown.asked, dry_run=True)
    except ImplausibleFile:
        shown.summary = _run(parts, actor, upload, shown.asked, dry_run=True)
        shown.errors = {"accept": parts.labels.text("imports_new.stopped", lang_of(request))}
    except LienCapError as error:
        shown.errors, shown.fault = form_errors_of(error, parts.labels, lang_of(request)), error.message
    return _page(request, parts, actor, upload, shown, status=422 if shown.errors else 200)


def _run(parts: Parts, actor: Actor, upload: Upload, asked: Asked, *, dry_run: bool) -> Summary:
    importer = CaseImporter(parts.intake, parts.tables, parts.store, parts.clock)
    return importer.run(
        upload.path,
        upload.mapping_path,
        _target(parts, actor),
        dry_run=dry_run,
        accept=asked.accept,
        snapshot_on=asked.day,
    )


def _target(parts: Parts, actor: Actor) -> ImportTarget:
    """Return whose cases the actor may look at in a file, and in whose name they are taken.

    Raises:
        Forbidden: the actor reads no cases; or works for the nation, which has no file of its own.
    """
    require(actor, "cases.read", actor.unit_code, units=parts.tables.units)
    if actor.unit_code == NATION:
        raise BadInput("a file is of a commune or of a province", field="unit")
    if unit_level(actor.unit_code) == "commune":
        return ImportTarget(unit_code=actor.unit_code, sender=actor)
    return ImportTarget(province_code=actor.unit_code, sender=actor)


def _inspected(parts: Parts, upload: Upload, sheet: str | None) -> Inspection:
    labels = labels_of(parts.tables, local_day(parts.clock()))
    return inspect(upload.path, sheet=sheet, labels=labels)


def _page(
    request: Request, parts: Parts, actor: Actor, upload: Upload, shown: Shown, status: int = 200
) -> HTMLResponse:
    seen = _inspected(parts, upload, shown.asked.sheet)
    return layout_of(request).render(
        request,
        "imports/new.html",
        address=f"{PATH}/{upload.id}",
        at=f"{PATH}/{upload.id}",
        base=PATH,
        upload=upload,
        seen=seen,
        mapping=shown.asked.mapping or upload.mapping or seen.mapping,
        asked=shown.asked,
        summary=shown.summary,
        errors=Blank(shown.errors),
        fault=shown.fault,
        kind_keys=KIND_KEYS,
        may_import=may(actor, "cases.sync", actor.unit_code, units=parts.tables.units),
        status=status,
    )
