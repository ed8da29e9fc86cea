"""Runbooks of the way in, of certificates and of secrets."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## IngressDown
No request comes in from outside: everything is down for everybody.

    kubectl --namespace "$WITHIN" get pods,services
    kubectl --namespace "$WITHIN" get events --sort-by .lastTimestamp

- Pods that crash after a change of a route: the configuration is at fault; see IngressReloadFailed.
- If people are served, only the metrics are missing: the controller gives them only with `--enable-metrics`.

## IngressErrorRateHigh
Many requests to a route end with an error: of the service behind it, or because none of its pods is ready.

    kubectl --namespace "$NS" get ingresses,endpointslices
    kubectl --namespace "$WITHIN" logs --selector app.kubernetes.io/name=ingress-nginx --since 15m --tail=-1 | tail -n 50

- 502 and 503: no pod is ready, or it closes connections. 504: it takes longer than the time limit of the route.
  500: it is an error of the service; see WebErrorRateHigh.

## IngressLatencyHigh
Requests to a route are slow, seen from the controller: mostly the service behind it is.

    kubectl --namespace "$NS" top pods
    kubectl --namespace "$WITHIN" top pods

- If the service is fast by its own figures (WebLatencyP95High is quiet), large answers, slow clients or a busy
  controller take the time.

## IngressReloadFailed
The controller works with an old configuration: changes of routes have no effect.

    kubectl --namespace "$WITHIN" logs --selector app.kubernetes.io/name=ingress-nginx --since 30m --tail=-1 | grep -i error

- The log names the Ingress and the line. Take the last change of its annotations back.

## GatewayDown
No request comes in from outside: everything is down for everybody.

    kubectl --namespace "$NS" describe gateways
    kubectl --namespace "$WITHIN" get pods,services --selector "$PROXIES"
    kubectl --namespace "$WITHIN" get events --sort-by .lastTimestamp

- `Programmed: False` among the conditions of the Gateway says why its controller made no proxies.
- If people are served, only the metrics are missing: the proxies may be elsewhere than the spec says
  (`cluster.gateway.dataPlaneNamespace`), or have other labels, as with proxies that Gateways share.

## GatewayErrorRateHigh
Many requests end with an error: of the service behind the Gateway, or because none of its pods is ready.

    kubectl --namespace "$NS" get httproutes,grpcroutes,endpointslices
    kubectl --namespace "$WITHIN" logs --selector "$PROXIES" --since 15m --tail=-1 | tail -n 50

- The log of the proxies has flags: `UH` or `UF`, no pod is ready or none takes a connection; `UT`, it takes longer
  than the time limit of the route.
- Without a flag it is an error of the service; see WebErrorRateHigh.

## GatewayLatencyHigh
Requests are slow, seen from the Gateway: mostly the service behind it is.

    kubectl --namespace "$NS" top pods
    kubectl --namespace "$WITHIN" top pods

- If the service is fast by its own figures (WebLatencyP95High is quiet), large answers, slow clients or busy
  proxies take the time.

## GatewayConfigurationRejected
A proxy works with an old configuration: changes of routes have no effect.

    kubectl --namespace "$NS" describe gateways,httproutes,grpcroutes
    kubectl --namespace "$WITHIN" logs --selector "$PROXIES" --since 1h --tail=-1 | grep -i reject

- The log names the listener, route or backend, and why. Take the last change of it back.
- Mostly a policy of the implementation itself is at fault, or a certificate that cannot be read.

## GatewayControlPlaneLost
The proxy passes requests on as before, but learns nothing new: pods that are gone still get requests.

    kubectl --namespace envoy-gateway-system get pods,services
    kubectl --namespace envoy-gateway-system logs deployment/envoy-gateway --since 30m | grep -i error | tail -n 50

- Start the controller again if it does not run; a network policy may stand between it and the proxies (port 18000).
- Certificates between both end after some years: `envoy-gateway certgen` makes new ones.

## CertManagerDown
No certificate is renewed or issued. There is time: they are renewed weeks before they end.

    kubectl --namespace "$WITHIN" get pods
    kubectl --namespace "$WITHIN" logs deployment/cert-manager --tail 100

- Start it again. A webhook that does not answer keeps it from working: look at its pod, too.

## CertificateExpiresSoon
The certificate should have been renewed by now, and was not.

    kubectl --namespace "$NS" describe certificates
    kubectl --namespace "$NS" get certificaterequests,orders.acme.cert-manager.io,challenges.acme.cert-manager.io

- The chain certificate, request, order, challenge ends where it hangs; `describe` says why.
- Limits of the certificate authority end by themselves; do not try again and again.

## CertificateExpires
In a few days every client refuses the connection. Renewal has failed for weeks.

    kubectl --namespace "$NS" describe certificates
    kubectl --namespace "$NS" get certificaterequests,orders.acme.cert-manager.io,challenges.acme.cert-manager.io
    kubectl --namespace "$WITHIN" logs deployment/cert-manager --since 24h | grep -i error | tail -n 50

- Mend what hangs, then renew at once: `cmctl renew --namespace "$NS" NAME_OF_CERTIFICATE`.
- If that cannot be done in time, put a certificate that was bought into the Secret.

## CertificateNotReady
A certificate is not there, or not right. A new route shows a wrong one until then.

    kubectl --namespace "$NS" describe certificates
    kubectl --namespace "$NS" get certificaterequests,orders.acme.cert-manager.io,challenges.acme.cert-manager.io

- A challenge that waits: the name must lead here, and port 80 must be open for it.
- An issuer that is not ready: `kubectl describe clusterissuers`.

## VaultDown
Secrets are not renewed, and new pods may lack theirs. What runs goes on for a while.

    kubectl --namespace "$WITHIN" get pods
    vault status
    kubectl --namespace "$NS" get externalsecrets

- If `vault status` answers, only the metrics are missing.
- A node that starts is sealed: see VaultSealed.

## VaultSealed
The node has started and nobody has unsealed it: it gives out no secret.

    vault status
    kubectl --namespace "$WITHIN" get pods

- Unseal it with the keys of those who hold them (`vault operator unseal`), or look why the automatic unsealing
  fails: the key service, its permissions, the network.

## VaultLeaderMissing
Without an active node nothing can be read; two mean that the nodes do not see each other.

    vault operator members
    vault operator raft list-peers
    kubectl --namespace "$WITHIN" get pods --output wide

- Start nodes until the majority is there; they elect by themselves.

## VaultAuditFailing
Vault answers no request that it cannot write down: secrets are not given out.

    vault audit list --detailed
    kubectl --namespace "$WITHIN" get persistentvolumeclaims

- Make room on the volume of the audit log, or bring back who takes it. Do not switch the audit off.
"""
