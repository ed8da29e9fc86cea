"""Pages on selectors, references and names, and on exceptions."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s}
spec:
  selector: {matchLabels: {app: %s}}
  template:
    metadata: {labels: {app: %s}}
    spec: {containers: [{name: main, image: "ghcr.io/example/shop:1.0.0"}]}
"""

PAGES: Final[dict[str, Page]] = {
    "lint-ignore-unused": Page(
        why="""\
An exception that nothing needs any more still silences what it was not made for: the next mistake of that
kind, months later, is not told.""",
        bad="""\
lint:
  ignore:
    image-latest: {reason: The nightly builds have no versions, at: [workloads.api]}
""",
        good="""\
lint:
  ignore: {}
""",
        fix="""\
Remove it, or the one path of `at` that is named. An exception that only one environment needs belongs
into that environment.""",
    ),
    "selector-mismatch": Page(
        why="""\
A Deployment, StatefulSet or DaemonSet finds its pods by their labels. If its own template does not have
them, the API server refuses it: `selector does not match template labels`.""",
        bad=_DEPLOYMENT % ("shop", "shop", "web"),
        good=_DEPLOYMENT % ("shop", "shop", "shop"),
        fix="""\
Give the template all labels of the selector. Change the template and not the selector: that one cannot be
changed once the object exists.""",
    ),
    "selector-overlap": Page(
        why="""\
A controller counts every pod that its selector chooses, whoever made it. Two whose selectors overlap
adopt and delete each other's pods; which of them has how many is chance.""",
        bad=_DEPLOYMENT % ("shop", "shop", "shop") + "---\n" + _DEPLOYMENT % ("admin", "shop", "shop"),
        good=_DEPLOYMENT % ("shop", "shop", "shop") + "---\n" + _DEPLOYMENT % ("admin", "admin", "admin"),
        fix="""\
Give each a label that only it has, in its selector and on its pods. Since selectors cannot be changed,
the object must be deleted and made again.""",
    ),
}
