"""Redis with Sentinel, by redis_exporter beside each pod (`@sentinel` is its job for the sentinels)."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

RECORDS: Final = (
    # A limit of 0 means that there is none; such a server is left out.
    Record(
        "instance:redis_memory_used:ratio",
        """
        max by (job, instance) (redis_memory_used_bytes{@all})
          /
        max by (job, instance) (redis_memory_max_bytes{@all} > 0)
        """,
    ),
    Record(
        "instance:redis_clients:ratio",
        """
        max by (job, instance) (redis_connected_clients{@all})
          /
        max by (job, instance) (redis_config_maxclients{@all} > 0)
        """,
    ),
    Record(
        "instance:redis_evicted_keys:rate5m",
        "sum by (job, instance) (rate(redis_evicted_keys_total{@all}[5m]))",
    ),
    Record(
        "instance:redis_keyspace_hits:ratio_rate5m",
        """
        sum by (job, instance) (rate(redis_keyspace_hits_total{@all}[5m]))
          /
        (
          sum by (job, instance) (rate(redis_keyspace_hits_total{@all}[5m]))
            +
          sum by (job, instance) (rate(redis_keyspace_misses_total{@all}[5m])) > 0
        )
        """,
    ),
    Record(
        "instance:redis_command_duration_seconds:mean5m",
        """
        sum by (job, instance) (rate(redis_commands_duration_seconds_total{@all}[5m]))
          /
        (sum by (job, instance) (rate(redis_commands_total{@all}[5m])) > 0)
        """,
    ),
)

_MEMORY = "{{ $labels.instance }} uses {{ $value | humanizePercentage }} of its memory limit."

ALERTS: Final = (
    Alert(
        "RedisDown",
        severity="critical",
        for_="1m",
        expr="redis_up{@of} == 0",
        summary="A Redis server does not answer",
        description="The exporter of {{ $labels.instance }} runs but cannot connect to the server beside it.",
    ),
    Alert(
        "RedisAbsent",
        severity="critical",
        for_="5m",
        expr="absent(redis_up{@of})",
        summary="Nothing is known about Redis",
        description="Prometheus reaches no exporter of @component: no pod runs, or none can be scraped.",
    ),
    Alert(
        "RedisMasterMissing",
        severity="critical",
        for_="2m",
        expr="""
        (count(redis_instance_info{@of, role="master"}) or vector(0)) != 1
          and on ()
        redis_up{@of} == 1
        """,
        summary="Redis has not exactly one master",
        description="{{ $value }} servers of @component call themselves master; there must be one.",
    ),
    Alert(
        "RedisReplicasMissing",
        severity="warning",
        for_="5m",
        expr="max by (job) (redis_connected_slaves{@of}) < @followers",
        summary="Replicas of Redis are missing",
        description="{{ $value }} of @followers replicas follow the master of {{ $labels.job }}.",
    ),
    Alert(
        "RedisReplicationBroken",
        severity="warning",
        for_="2m",
        expr="redis_master_link_up{@of} == 0",
        summary="A replica of Redis has lost its master",
        description="{{ $labels.instance }} has no connection to its master {{ $labels.master_host }}.",
    ),
    Alert(
        "RedisReplicationLagHigh",
        severity="warning",
        for_="5m",
        expr="redis_connected_slave_lag_seconds{@of} > @replication_lag",
        summary="A replica of Redis is behind",
        description="Replica {{ $labels.slave_ip }} is {{ $value | humanizeDuration }} behind the master.",
    ),
    Alert(
        "RedisMemoryHigh",
        severity="warning",
        for_="5m",
        expr="instance:redis_memory_used:ratio{@of} > @memory_warning",
        summary="Redis is running out of memory",
        description=_MEMORY,
    ),
    Alert(
        "RedisMemoryCritical",
        severity="critical",
        for_="5m",
        expr="instance:redis_memory_used:ratio{@of} > @memory_critical",
        summary="Redis has hardly any memory left",
        description=_MEMORY,
    ),
    Alert(
        "RedisMemoryLimitDiffers",
        severity="info",
        for_="30m",
        expr="redis_memory_max_bytes{@of} != @max_memory",
        summary="Redis runs with another memory limit than planned",
        description="The limit of {{ $labels.instance }} is {{ $value | humanize1024 }}B, "
        "the platform says @max_memory_text.",
    ),
    Alert(
        "RedisEvictionsHigh",
        severity="warning",
        for_="10m",
        expr="instance:redis_evicted_keys:rate5m{@of} > @evictions",
        summary="Redis pushes out many keys",
        description="{{ $labels.instance }} evicts {{ $value | humanize }} keys a second to stay "
        "within its limit.",
    ),
    Alert(
        "RedisHitRatioLow",
        severity="info",
        for_="30m",
        expr="instance:redis_keyspace_hits:ratio_rate5m{@of} < @cache_hits",
        summary="Redis is asked for many keys it does not have",
        description="{{ $labels.instance }} has only {{ $value | humanizePercentage }} of the keys "
        "it is asked for.",
    ),
    Alert(
        "RedisLatencyHigh",
        severity="warning",
        for_="10m",
        expr="instance:redis_command_duration_seconds:mean5m{@of} > @latency",
        summary="Redis answers slowly",
        description="A command takes {{ $value | humanizeDuration }} on {{ $labels.instance }}, on average.",
    ),
    Alert(
        "RedisClientsHigh",
        severity="warning",
        for_="5m",
        expr="instance:redis_clients:ratio{@of} > @clients",
        summary="Redis is running out of connections",
        description="{{ $labels.instance }} uses {{ $value | humanizePercentage }} of its connections.",
    ),
    Alert(
        "RedisConnectionsRejected",
        severity="critical",
        keep_firing_for="10m",
        expr="increase(redis_rejected_connections_total{@of}[5m]) > 0",
        summary="Redis refuses connections",
        description="{{ $labels.instance }} refused {{ $value | humanize }} connections within five minutes.",
    ),
    Alert(
        "RedisPersistenceFailing",
        severity="warning",
        for_="15m",
        expr="redis_rdb_last_bgsave_status{@of} == 0 or redis_aof_last_write_status{@of} == 0",
        summary="Redis cannot write its data to disk",
        description="The last save or the last append of {{ $labels.instance }} failed.",
    ),
    Alert(
        "RedisSentinelAbsent",
        severity="warning",
        for_="5m",
        expr="absent(redis_sentinel_masters{@sentinel})",
        summary="Nothing is known about the sentinels of Redis",
        description="Prometheus reads no figures of the sentinels of @component.",
    ),
    Alert(
        "RedisSentinelQuorumLost",
        severity="critical",
        for_="1m",
        expr="redis_sentinel_master_ckquorum_status{@sentinel} == 0",
        summary="The sentinels of Redis cannot elect a master",
        description="Sentinel {{ $labels.instance }} sees no quorum for {{ $labels.master_name }}.",
    ),
    Alert(
        "RedisSentinelsMissing",
        severity="warning",
        for_="5m",
        expr="redis_sentinel_master_ok_sentinels{@sentinel} < @replicas",
        summary="Sentinels of Redis are missing",
        description="{{ $labels.instance }} sees {{ $value }} of @replicas sentinels for "
        "{{ $labels.master_name }}.",
    ),
    Alert(
        "RedisFailover",
        severity="warning",
        expr="""
        max by (job, master_name) (
          changes(redis_sentinel_master_config_epoch{@sentinel}[15m])
        ) > 0
        """,
        summary="Redis has changed its master",
        description="{{ $labels.master_name }} changed its master {{ $value }} times within 15 minutes.",
    ),
)

OWN_REDIS_ALERTS: Final = frozenset(
    {
        "RedisReplicasMissing",
        "RedisMemoryLimitDiffers",
        "RedisSentinelAbsent",
        "RedisSentinelQuorumLost",
        "RedisSentinelsMissing",
        "RedisFailover",
    }
)
"""Alerts that need to know how Redis is run: how many there are, its sentinels, its limit."""

REDIS: Final = Preset("redis", "Redis and its sentinels", "redis", RECORDS, ALERTS)
