"""What Grafana watches: numbers of named queries over all communes, each with a runbook in docs/runbooks/."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboards.grafana.asking import NamedSql, watched_of
from dashboards.grafana.model import SOURCE_UID, Json, Target, as_json
from dashboards.vocabulary import Text

RUNBOOKS = "docs/runbooks"
FOLDER_TITLE = "LiênCấp"


@dataclass(frozen=True, slots=True)
class Alert:
    """A number that should not rise above another one, and for how long it may.

    Attributes:
        uid: also the name of its runbook.
        query: a named query; `value` is an expression over its rows `one`.
        above: firing where the value is greater.
        lasts: for how long it must have been so.
    """

    uid: str
    title: Text
    summary: Text
    query: str
    value: str
    above: float
    lasts: str
    severity: str = "warning"


ALERTS = (
    Alert(
        "liencap-silent-communes",
        Text("Có xã im lặng", "A commune is silent"),
        Text(
            "Có xã không gửi tín hiệu nào quá số giờ làm việc cho phép.",
            "A commune has given no sign for more working hours than allowed.",
        ),
        query="silent_feeds",
        value="countIf(one.kind = 'source_broken')",
        above=0,
        lasts="10m",
    ),
    Alert(
        "liencap-overdue-at-ministries",
        Text("Khó khăn quá hạn ở bộ", "A difficulty is overdue at a ministry"),
        Text(
            "Có khó khăn ở bộ đã quá thời hạn do luật, quy định hoặc văn bản đặt.",
            "A difficulty at a ministry is past a deadline of law, regulation or a document.",
        ),
        query="open_by_level",
        value="sumIf(one.overdue_count, one.level = 'ministry')",
        above=0,
        lasts="15m",
    ),
    Alert(
        "liencap-dead-letters-growing",
        Text("Có bản ghi bị để riêng", "Dead letters grow"),
        Text(
            "Trong 30 phút qua có bản ghi không đọc được, đã để riêng.",
            "In the last 30 minutes records could not be read and were set aside.",
        ),
        query="dead_letters_lately",
        value="sum(one.letter_count)",
        above=0,
        lasts="0s",
    ),
    Alert(
        "liencap-stale-data",
        Text("Số liệu không mới", "Data is not fresh"),
        Text(
            "Hơn 30 phút không có tín hiệu nào của xã nào tới kho số liệu.",
            "For more than 30 minutes no sign of any commune has reached the warehouse.",
        ),
        query="landed_feeds",
        value="if(any(one.is_known), dateDiff('minute', any(one.as_of), now64(6, 'UTC')), 0)",
        above=30,
        lasts="5m",
        severity="critical",
    ),
    Alert(
        "liencap-backlog-above-capacity",
        Text("Tồn vượt khả năng giải quyết", "The backlog is above capacity"),
        Text(
            "Hồ sơ đang giải quyết nhiều hơn số đã giải quyết trong 30 ngày qua.",
            "More cases are open than were resolved in the last 30 days.",
        ),
        query="units_total",
        value="any(one.open) / greatest(any(one.resolved), 1)",
        above=1,
        lasts="1h",
    ),
)


def rules_of(sql_of: NamedSql, runbook_of: Callable[[str], str]) -> Json:
    """Return the rules as a file of Grafana's provisioning has them.

    Args:
        sql_of: the text of a named query.
        runbook_of: the text of the runbook of a uid. It goes along whole: whoever is woken has no link to look for.
    """
    rules: list[Json] = [_rule(one, sql_of, runbook_of(one.uid)) for one in ALERTS]
    group: Json = {
        "orgId": 1,
        "name": "liencap",
        "folder": FOLDER_TITLE,
        "interval": "5m",
        "rules": rules,
    }
    return {"apiVersion": 1, "groups": [group]}


def _rule(alert: Alert, sql_of: NamedSql, runbook: str) -> Json:
    target = Target(watched_of(alert.query, alert.value, sql_of))
    return {
        "uid": alert.uid,
        "title": alert.title.vi,
        "condition": "B",
        "for": alert.lasts,
        "noDataState": "NoData",
        "execErrState": "Error",
        "labels": {"product": "liencap", "severity": alert.severity},
        "annotations": {
            "summary": f"{alert.summary.vi} / {alert.summary.en}",
            "description": alert.title.en,
            "runbook": runbook,
        },
        "data": [
            {
                "refId": "A",
                "datasourceUid": SOURCE_UID,
                "relativeTimeRange": {"from": 600, "to": 0},
                "model": as_json(target),
            },
            {
                "refId": "B",
                "datasourceUid": "__expr__",
                "relativeTimeRange": {"from": 0, "to": 0},
                "model": {
                    "refId": "B",
                    "type": "threshold",
                    "expression": "A",
                    "datasource": {"type": "__expr__", "uid": "__expr__"},
                    "conditions": [{"evaluator": {"type": "gt", "params": [alert.above]}}],
                },
            },
        ],
    }
