"""Runbooks of Redis and its sentinels."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## RedisDown
The exporter runs beside a server that does not answer. If it was the master, sentinels elect another one.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --tail 50 --prefix

- "Loading the dataset" in the log: it reads its data and needs time.
- Killed for its memory: see RedisMemoryCritical and ContainerOutOfMemory.

## RedisAbsent
Nothing of Redis can be reached: either nothing runs, or it cannot be scraped. Take it for down.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    redis-cli PING

- If `PING` is answered, only the exporter is gone: look at its container and at the network policy.

## RedisMasterMissing
Writes fail without a master; with two, what is written to one of them will be lost.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    redis-cli ROLE

- Ask each pod for its role. The sentinels say which one they mean:
  `redis-cli -p 26379 SENTINEL get-master-addr-by-name mymaster`.
- A second master is made a replica by the sentinels when they see it; delete its pod if they do not.

## RedisReplicasMissing
There is less to fall back on: if the master fails now, data may be lost.

    redis-cli INFO replication
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Look at the pods that are missing; a replica comes back and copies everything by itself.

## RedisReplicationBroken
The replica has lost its master and gives old answers.

    redis-cli INFO replication
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --tail 50 --prefix

- Does the master run, and is its address right? After a failover the sentinels tell the replica the new one.
- A copy that begins again and again needs a larger replication buffer.

## RedisReplicationLagHigh
The replica is behind: a failover now would lose what it lacks.

    redis-cli INFO replication
    kubectl --namespace "$NS" top pods --selector "app.kubernetes.io/name=$NAME"

- A mass of writes, a slow network or a busy node holds it up.

## RedisMemoryHigh
Soon keys are pushed out, or writes refused, as the eviction policy says.

    redis-cli INFO memory
    redis-cli --bigkeys
    redis-cli CONFIG GET maxmemory-policy

- Keys without an end pile up: look for those that lack a time to live.
- If all of it is needed, raise `maxMemory` and the memory limit in the spec.

## RedisMemoryCritical
Hardly any memory is left: writes fail, or keys that are still needed are pushed out.

    redis-cli INFO memory
    redis-cli --bigkeys

- Delete what can be made again, a cache first: `redis-cli UNLINK KEY` does it without blocking.
- Raise `maxMemory` and the memory limit in the spec.

## RedisMemoryLimitDiffers
The server does not run with the limit of the spec, so the alerts on memory compare with a wrong picture.

    redis-cli CONFIG GET maxmemory

- Restart it with the values of the spec, or put the right value there.

## RedisEvictionsHigh
Keys are pushed out to make room. Of a cache that is slow, of all else it is a loss.

    redis-cli INFO stats
    redis-cli INFO keyspace

- Raise `maxMemory`, or keep things for a shorter time. Put what must not be lost somewhere else.

## RedisHitRatioLow
Most keys that are asked for are not there: the cache costs more than it saves.

    redis-cli INFO stats
    redis-cli INFO keyspace

- After a restart or a purge it fills up again: wait an hour.
- Look whether keys end too soon, are pushed out (RedisEvictionsHigh), or are asked for by a wrong name.

## RedisLatencyHigh
Commands take long. Redis does one at a time, so a single slow one holds up all others.

    redis-cli SLOWLOG GET 10
    redis-cli INFO commandstats
    kubectl --namespace "$NS" top pods --selector "app.kubernetes.io/name=$NAME"

- `KEYS`, and commands on very large keys, are the usual ones: let the application use `SCAN` and smaller keys.
- A CPU limit that throttles it (ContainerThrottled) is too low.

## RedisClientsHigh
Soon new connections are refused, and who needs one gets an error.

    redis-cli CLIENT LIST
    redis-cli CONFIG GET maxclients

- Many from one address: that client opens connections and does not close them. Restart it and mend its pool.

## RedisConnectionsRejected
Clients are turned away: what they do fails now.

    redis-cli INFO clients
    redis-cli CLIENT LIST

- Restart the client with the most connections; raise `maxclients` for the moment by
  `redis-cli CONFIG SET maxclients 20000`, if memory allows it.

## RedisPersistenceFailing
What is in memory is not on disk: a restart loses it.

    redis-cli INFO persistence
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --tail 50 --prefix

- A full disk (VolumeNearlyFull), or no memory for the copy that a save needs.

## RedisSentinelAbsent
Nobody knows whether a failover would work.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"
    redis-cli -p 26379 PING

- The exporter asks the sentinel in its own pod: look at the containers of the pods.

## RedisSentinelQuorumLost
If the master fails now, nobody takes its place.

    redis-cli -p 26379 SENTINEL ckquorum mymaster
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Start the sentinels that are missing. They must reach each other on port 26379.

## RedisSentinelsMissing
Some sentinels are gone; if one or two more go, nobody can elect a master.

    redis-cli -p 26379 SENTINEL sentinels mymaster
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Start those that are missing. Sentinels of pods that are long gone are forgotten by
  `redis-cli -p 26379 SENTINEL reset mymaster`, on one after the other.

## RedisFailover
The master has changed. For some seconds writes failed, and the last of them may be lost.

    redis-cli -p 26379 SENTINEL get-master-addr-by-name mymaster
    kubectl --namespace "$NS" get events --sort-by .lastTimestamp

- Find out why the old master was gone: a drained node is usual, memory or a hanging disk is not.
"""
