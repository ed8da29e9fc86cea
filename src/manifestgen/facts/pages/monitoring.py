"""Pages on alerts."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_ALERT = """\
monitoring:
  tests: true
  alerts:
    DeafByDay:
      expr: up{job="kube-state-metrics"} == 0 and on () hour() >= 6
      for: 5m
      severity: warning
      component: kubernetes
      category: infrastructure
      summary: Nobody knows by day how the cluster is
      description: "{{ $labels.instance }} does not answer."
"""


def _waiting(wait: str) -> str:
    return f"""\
monitoring:
  alerts:
    NodeCpuHigh: {{for: {wait}}}
"""


PAGES: Final[dict[str, Page]] = {
    "alert-untested": Page(
        why="""\
An alert that nobody has seen fire may never fire: a typo in a label, a comparison the wrong way round. So
each has a test beside the rules (`tests/*.test.yml`, for `promtool test rules`) with input that makes it
fire, input that just does not, and a look at it before `for` is over, and after the condition is, where it
keeps firing. The input is worked out from the expression, with few exceptions: what hour it is, what a
series named only by its labels is.""",
        bad=_ALERT,
        good=_ALERT
        + """\
      test:
        firing:
          series: {'up{job="kube-state-metrics", instance="a"}': "0x400"}
          at: 6h5m
          labels: {job: kube-state-metrics, instance: a}
          value: 0
        quiet:
          series: {'up{job="kube-state-metrics", instance="a"}': "0x400"}
          at: 6h4m
""",
        fix="""\
Give the input under `test`: values by the minute in promtool's notation (`"0+60x30"`: 0, 60 … 1800), the
moment it is looked at, and for the firing one the labels and the value that the expression gives then. Or
write the alert in another way.""",
    ),
    "alert-wait": Page(
        why="""\
Prometheus looks at an alert once every `monitoring.evaluationInterval` and not in between: `for: 40s` at an
interval of 15 seconds waits 45, `for: 5s` waits 15. It is the same with `keepFiringFor`. Who reads the
spec, or counts the minutes until somebody was told, is misled.""",
        bad=_waiting("40s"),
        good=_waiting("45s"),
        fix="Use a multiple of the interval, or evaluate more often.",
    ),
}
