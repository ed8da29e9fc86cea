"""Runbooks of objectives."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## SloBurnRate1h
At this pace two of a hundred parts of the error budget are gone within an hour: many people notice, now.
This is the alert that is worth waking somebody for.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 15m --tail=-1 | tail -n 100
    kubectl --namespace "$NS" get replicasets --selector "app.kubernetes.io/name=$NAME"

- Stop the burning first: deploy the version before, switch off a feature, add pods. Look for the reason then.
- Look which alerts of the service and of what it needs fire: they name the cause, this one the effect.
- It ends some five minutes after the errors do.

## SloBurnRate6h
At this pace five of a hundred parts of the error budget are gone within six hours: fewer requests fail than in
an outage, but they go on failing.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 1h --tail=-1 | grep --ignore-case error | tail -n 50
    kubectl --namespace "$NS" get replicasets --selector "app.kubernetes.io/name=$NAME"

- Find what the failed requests have in common: an endpoint, a customer, a pod, a version.
- If it began with a deployment, deploy the version before.
- It ends some thirty minutes after the errors do.

## SloBurnRate1d
At this pace a tenth of the error budget is gone within a day. Nobody has to be woken, but somebody should look
today.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 2h --tail=-1 | grep --ignore-case error | tail -n 50

- Find what the failed requests have in common, and put it on the team's list before all new work.
- It ends some two hours after the errors do.

## SloBurnRate3d
The budget burns faster than it may, a little, all the time: at the end of the period there is nothing left.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 6h --tail=-1 | grep --ignore-case error | tail -n 50

- Look for errors that have become normal: a flaky call without a retry, a slow query, a time limit too short.
- If the objective is stricter than people need, change it in the spec, with those who depend on it.
- It ends some six hours after the errors do.

## SloErrorBudgetSpent
More has failed within the period than the objective allows. What was promised is not kept.

    promtool query instant "$PROMETHEUS" 'slo:error_budget_remaining:ratio'

- Release only what makes the service more reliable until there is budget again.
- Look back which outages took the most, and do what keeps them from coming again.

## SloNotMeasured
The objective cannot be judged, so its other alerts would not fire whatever happens.

    promtool query instant "$PROMETHEUS" 'slo:requests:rate5m'
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"

- A service that nobody has asked since it started has no figures yet; that is no trouble.
- Else the counters have another name, label or bucket than the spec says: read the metrics of a pod and correct
  `slos` in the spec.
"""
