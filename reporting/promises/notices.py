"""Derive the notices of an event in the register of promises: for the commune and the keeping department."""

from __future__ import annotations

from events.promises import PromiseEvent
from reporting.notice import Notice, Recipient, Template, notice_of, speakers_of
from reporting.promises.register import Change, Spot

_TEMPLATE: dict[Change, Template] = {
    "made": "promise_made",
    "moved": "promise_moved",
    "missed": "promise_missed",
    "closed": "promise_closed",
    "reopened": "promise_reopened",
    "asked_again": "promise_asked_again",
}


def notices_of_promise(event: PromiseEvent, spot: Spot | None) -> tuple[Notice, ...]:
    """Return the notices that an event of the register causes; none where it changed nothing, or was refused.

    The body that caused the event gets no notice. The village's name is a text that can be erased, so a
    notice names the commune, the gap and the entry.

    Args:
        event: of the topic `promises`.
        spot: the entry at this event or at any later one.
    """
    turn = None if spot is None else spot.turn_of(event.id)
    if spot is None or turn is None:
        return ()
    template, said_by = _TEMPLATE[turn.change], speakers_of(event)
    return tuple(
        notice_of(
            event, template, Recipient(body), unit_code=spot.unit_code, spot_id=spot.id, detail=spot.gap
        )
        for body in (f"{spot.unit_code}.ubnd", turn.department)
        if body not in said_by
    )
