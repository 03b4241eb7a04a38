"""The register of villages as a file: every row of a tab."""

from __future__ import annotations

from collections.abc import Sequence

from services.web.promises.schemas import SpotView
from services.web.promises.views import SpotViewer
from services.web.shell.list_files import ListFile
from services.web.shell.workbook import SheetLine


def file_of(viewer: SpotViewer, tab: str, narrowed: str, lines: Sequence[SpotView]) -> ListFile:
    """Return entries as a list to be written.

    Args:
        narrowed: what else the list was narrowed to, in words.
    """
    text = viewer.parts.labels.text
    heads = (
        *("promises.village", "promises.unit", "list_file.unit_code", "promises.gap_column"),
        *("list_file.state", "promises.households", "promises.promiser", "promises.promised_on"),
        *("promises.first_promised_on", "list_file.moved_count", "list_file.slipped_days"),
        *("list_file.measured_on", "list_file.measured", "list_file.item"),
    )
    chosen = [(text("list_file.view", viewer.lang), text(f"promises.state.{tab}", viewer.lang))]
    if narrowed:
        chosen.append((text("queue.filter.name", viewer.lang), narrowed))
    return ListFile(
        kind="villages",
        title=text("promises.title", viewer.lang),
        head=tuple(text(name, viewer.lang) for name in heads),
        rows=[_row(viewer, one) for one in lines],
        chosen=tuple(chosen),
        read_at=viewer.parts.clock(),
    )


def _row(viewer: SpotViewer, one: SpotView) -> SheetLine:
    text = viewer.parts.labels.text
    works = {True: "promises.works_yes", False: "promises.works_no"}
    return (
        *(one.village or text("promises.erased", viewer.lang), one.unit_name, one.unit_code),
        *(one.gap_label, one.state_label, one.household_count, one.promiser_name),
        *(one.promised_on, one.first_promised_on, one.moved_count, one.slipped_days, one.measured_on),
        "" if one.measured_works is None else text(works[one.measured_works], viewer.lang),
        str(one.id),
    )
