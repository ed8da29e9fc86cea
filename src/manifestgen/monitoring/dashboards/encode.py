"""Dashboards as the JSON that Grafana reads, built with its own models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from manifestgen.monitoring import boards
from manifestgen.monitoring.dashboards.layout import Placed, Spot, placed
from manifestgen.monitoring.dashboards.shapes import WHOLE_ROW, Board, Drawn, Panel, Query, Row, Variable
from manifestgen.monitoring.dashboards.wanted import Home
from manifestgen.monitoring.presets.observers import WATCHDOG
from manifestgen.yamlio import jsonfile

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import dashboard as builder
    from grafana_foundation_sdk.models import dashboard as model

_COLORS: Final[Mapping[str, str]] = {"critical": "red", "warning": "orange", "info": "blue"}
_WORST_FIRST: Final = tuple(_COLORS)
_GOOD: Final = "green"
_PROMETHEUS: Final = "prometheus"
_CHOSEN: Final = "${datasource}"
_FIRING: Final = Panel(
    "Alerts that fire",
    "Alerts about what stands on this dashboard that fire now; none is good news.",
    "none",
    (),
    kind="alerts",
    width=WHOLE_ROW,
    height=6,
)


def dashboard_json(board: Board, home: Home) -> str:
    """A dashboard as a file: two blanks for each level, in the order in which Grafana writes its keys."""
    from grafana_foundation_sdk.builders import dashboard as builder
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models import dashboard as model

    tags = [home.platform, *([home.environment] if home.environment else [])]
    made = (
        builder.Dashboard(f"{home.platform}: {board.title}")
        .uid(boards.uid(home.platform, board.name))
        .description(board.description)
        .tags(tags)
        .timezone("browser")
        .readonly()
        .time("now-6h", "now")
        .refresh("1m")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .variables(list(_variables(board.variables, home)))
        .links([_to_the_others(home)])
    )
    document = made.build().to_json()
    document["panels"] = [_placed(one) for one in placed(_with_alerts(board))]
    document["annotations"] = {"list": list(_annotations(board))}
    plain = json.loads(json.dumps(document, cls=JSONEncoder))
    return jsonfile.dump(plain)


def _with_alerts(board: Board) -> Board:
    if board.alerts is None:
        return board
    query = Query(_firing_of(board.alerts), "{{alertname}}")
    head = Row("", (Drawn(_FIRING._replace(queries=(query,))),))
    return board._replace(rows=(head, *board.rows))


def _firing_of(alerts: str) -> str:
    """Alerts that fire, without the one that always does, to show that alerts arrive."""
    return f'ALERTS{{alertstate="firing", alertname!="{WATCHDOG.name}", {alerts}}}'


def _to_the_others(home: Home) -> builder.DashboardLink:
    from grafana_foundation_sdk.builders import dashboard as builder
    from grafana_foundation_sdk.models import dashboard as model

    link = builder.DashboardLink(f"Dashboards of {home.platform}").type(model.DashboardLinkType.DASHBOARDS)
    return link.tags([home.platform]).as_dropdown(True).keep_time(True)


def _variables(variables: Iterable[Variable], home: Home) -> Iterator[Any]:
    from grafana_foundation_sdk.builders import dashboard as builder
    from grafana_foundation_sdk.models import dashboard as model

    source = model.VariableOption(text=home.source_title, value=home.source)
    yield builder.DatasourceVariable("datasource").label("Data source").type(_PROMETHEUS).current(source)
    everything = model.VariableOption(text=["All"], value=["$__all"])
    for one in variables:
        yield (
            builder.QueryVariable(one.name)
            .label(one.label)
            .description(one.description)
            .datasource(_source())
            .query(f"label_values({one.series}, {one.of})")
            .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(model.VariableSort.ALPHABETICAL_ASC)
            .multi(True)
            .include_all(True)
            .all_value(one.everything)
            .current(everything)
        )


def _annotations(board: Board) -> Iterator[dict[str, Any]]:
    """New versions, and when alerts fired, for whoever wants to see that."""
    if board.deployments:
        yield _annotation("New versions", board.deployments, "purple", "{{owner_name}}", enable=True)
    if board.alerts:
        firing = _firing_of(board.alerts)
        yield _annotation("Alerts", firing, "red", "{{alertname}}: {{component}}", enable=False)


def _annotation(name: str, expr: str, color: str, title: str, *, enable: bool) -> dict[str, Any]:
    """The models leave open what a data source adds: that of Prometheus makes a title of the labels."""
    from grafana_foundation_sdk.models.dashboard import AnnotationQuery

    query = AnnotationQuery(name, _source(), enable, False, color, expr=expr)
    return {**query.to_json(), "titleFormat": title, "step": "1m"}


def _source() -> model.DataSourceRef:
    from grafana_foundation_sdk.models.dashboard import DataSourceRef

    return DataSourceRef(_PROMETHEUS, _CHOSEN)


def _placed(one: Placed) -> dict[str, object]:
    if one.drawn is None:
        return _title_of_row(one.title, one.spot)
    return _panel(one.drawn, one.spot)


def _grid(spot: Spot) -> model.GridPos:
    from grafana_foundation_sdk.models.dashboard import GridPos

    return GridPos(h=spot.height, w=spot.width, x=spot.x, y=spot.y)


def _title_of_row(title: str, spot: Spot) -> dict[str, object]:
    from grafana_foundation_sdk.builders import dashboard as builder

    return builder.Row(title).id(spot.number).grid_pos(_grid(spot)).build().to_json()


def _panel(drawn: Drawn, spot: Spot) -> dict[str, object]:
    from grafana_foundation_sdk.builders import dashboard as builder

    panel = drawn.panel
    made = _KINDS[panel.kind](drawn)
    made = made.title(panel.title).description(_description(drawn)).unit(panel.unit)
    made = made.id(spot.number).grid_pos(_grid(spot)).datasource(_source())
    made = made.targets([_target(query, chr(ord("A") + i), panel) for i, query in enumerate(panel.queries)])
    links = [builder.DashboardLink(f"Runbook of {name}").url(url) for name, url in drawn.runbooks if url]
    if links:
        made = made.links([link.target_blank(True) for link in links])
    return made.build().to_json()  # type: ignore[no-any-return]


def _description(drawn: Drawn) -> str:
    """What it shows, and which alerts watch it."""
    names = [name for name, _ in drawn.runbooks]
    told = " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
    return f"{drawn.panel.description}\n\nWatched by {told}." if told else drawn.panel.description


def _target(query: Query, letter: str, panel: Panel) -> Any:
    from grafana_foundation_sdk.builders import prometheus as builder
    from grafana_foundation_sdk.models import prometheus as model

    target = builder.Dataquery().ref_id(letter).expr(query.expr).legend_format(query.legend)
    target = target.editor_mode(model.QueryEditorMode.CODE)
    if panel.kind == "alerts":
        return target.instant().format(model.PromQueryFormat.TABLE)
    return target.range()


def _lines(drawn: Drawn) -> Any:
    from grafana_foundation_sdk.builders import common, timeseries
    from grafana_foundation_sdk.models import common as model

    panel = drawn.panel
    legend = common.VizLegendOptions().display_mode(model.LegendDisplayMode.LIST).show_legend(True)
    tooltip = common.VizTooltipOptions().mode(model.TooltipDisplayMode.MULTI)
    made = (
        timeseries.Panel()
        .min(0)
        .line_width(1)
        .fill_opacity(30 if panel.stacked else 10)
        .show_points(model.VisibilityMode.NEVER)
        .legend(legend.placement(model.LegendPlacement.BOTTOM))
        .tooltip(tooltip.sort(model.SortOrder.DESCENDING))
        .thresholds(_thresholds(drawn, _GOOD))
    )
    if panel.top is not None:
        made = made.max(panel.top)
    if panel.whole:
        made = made.decimals(0)
    if panel.stacked:
        made = made.stacking(common.StackingConfig().mode(model.StackingMode.NORMAL))
    if drawn.limits:
        style = common.GraphThresholdsStyleConfig().mode(model.GraphThresholdsStyleMode.DASHED)
        made = made.thresholds_style(style)
    return made


def _number(drawn: Drawn) -> Any:
    from grafana_foundation_sdk.builders import common, stat
    from grafana_foundation_sdk.models import common as model

    last = common.ReduceDataOptions().calcs(["lastNotNull"])
    made = (
        stat.Panel()
        .reduce_options(last)
        .graph_mode(model.BigValueGraphMode.AREA)
        .color_mode(model.BigValueColorMode.VALUE)
        .thresholds(_thresholds(drawn, _GOOD if drawn.limits else "text"))
    )
    return made.decimals(0) if drawn.panel.whole else made


def _state(drawn: Drawn) -> Any:
    from grafana_foundation_sdk.builders import common, statetimeline
    from grafana_foundation_sdk.models import common as model
    from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMappingResult

    good = drawn.panel.good
    words = {
        str(good): ValueMappingResult("well", _GOOD, index=0),
        str(1 - good): ValueMappingResult("not well", _bad(drawn), index=1),
    }
    return (
        statetimeline.Panel()
        .mappings([ValueMap(dict(sorted(words.items())))])
        .show_value(model.VisibilityMode.NEVER)
        .legend(common.VizLegendOptions().show_legend(False))
        .thresholds(_thresholds(drawn, _GOOD))
    )


def _bad(drawn: Drawn) -> str:
    """The colour of the worst that its alerts make of it; red where there is none."""
    found = [limit.severity for limit in drawn.limits]
    return _COLORS[next((severity for severity in _WORST_FIRST if severity in found), "critical")]


def _firing(_: Drawn) -> Any:
    from grafana_foundation_sdk.builders import table
    from grafana_foundation_sdk.models.dashboard import (
        DataTransformerConfig,
        DynamicConfigValue,
        ValueMap,
        ValueMappingResult,
    )

    kept = ["severity", "alertname", "component", "category", "team"]
    hidden = ["Time", "Value", "__name__", "alertstate"]
    organize = {
        "excludeByName": dict.fromkeys(hidden, True),
        "indexByName": {name: index for index, name in enumerate(kept)},
    }
    colors = {name: ValueMappingResult(color=color) for name, color in _COLORS.items()}
    return (
        table.Panel()
        .no_value("No alert fires")
        .transformations([DataTransformerConfig(id_val="organize", options=organize)])
        .override_by_name(
            "severity",
            [
                DynamicConfigValue("mappings", [ValueMap(colors)]),
                DynamicConfigValue("custom.cellOptions", {"type": "color-text"}),
                DynamicConfigValue("custom.width", 120),
            ],
        )
    )


_KINDS: Final = {"lines": _lines, "number": _number, "state": _state, "alerts": _firing}


def _thresholds(drawn: Drawn, good: str) -> builder.ThresholdsConfig:
    """Steps of colour: all is well up to the first limit or, where little is bad, from the last one on."""
    from grafana_foundation_sdk.builders import dashboard as builder
    from grafana_foundation_sdk.models.dashboard import Threshold, ThresholdsMode

    limits = drawn.limits
    colors = [_COLORS[limit.severity] for limit in limits]
    colors = [*colors, good] if limits and not limits[0].above else [good, *colors]
    values = (None, *(_short(limit.value) for limit in limits))
    steps = [Threshold(value, color) for value, color in zip(values, colors, strict=True)]
    return builder.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def _short(value: float) -> float:
    """A whole number without its fraction: 10, not 10.0."""
    return int(value) if float(value).is_integer() else value
