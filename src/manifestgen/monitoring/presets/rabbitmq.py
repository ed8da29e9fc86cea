"""RabbitMQ, by its own plugin: totals of each node, and queues in detail (`@queues`)."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

RECORDS: Final = (
    # A queue is reported by the node it lives on, so the sum over nodes is the queue's own figure.
    Record(
        "queue:rabbitmq_messages_ready:sum",
        "sum by (job, vhost, queue) (rabbitmq_detailed_queue_messages_ready{@all_queues})",
    ),
    Record(
        "queue:rabbitmq_messages_unacked:sum",
        "sum by (job, vhost, queue) (rabbitmq_detailed_queue_messages_unacked{@all_queues})",
    ),
    Record(
        "queue:rabbitmq_consumers:sum",
        "sum by (job, vhost, queue) (rabbitmq_detailed_queue_consumers{@all_queues})",
    ),
    Record(
        "instance:rabbitmq_memory_used:ratio",
        """
        max by (job, instance) (rabbitmq_process_resident_memory_bytes{@all})
          /
        max by (job, instance) (rabbitmq_resident_memory_limit_bytes{@all} > 0)
        """,
    ),
    Record(
        "instance:rabbitmq_file_descriptors:ratio",
        """
        max by (job, instance) (rabbitmq_process_open_fds{@all})
          /
        max by (job, instance) (rabbitmq_process_max_fds{@all} > 0)
        """,
    ),
    Record(
        "job:rabbitmq_messages_unroutable:rate5m",
        """
        sum by (job) (rate(rabbitmq_global_messages_unroutable_dropped_total{@all}[5m]))
          +
        sum by (job) (rate(rabbitmq_global_messages_unroutable_returned_total{@all}[5m]))
        """,
    ),
    Record(
        "job:rabbitmq_messages_dead_lettered:rate5m",
        """
        sum by (job) (rate(rabbitmq_global_messages_dead_lettered_rejected_total{@all}[5m]))
          +
        sum by (job) (rate(rabbitmq_global_messages_dead_lettered_delivery_limit_total{@all}[5m]))
        """,
    ),
)

_WAITING = "{{ $value | humanize }} messages wait in queue {{ $labels.queue }} of {{ $labels.vhost }}."

ALERTS: Final = (
    Alert(
        "RabbitmqDown",
        severity="critical",
        for_="1m",
        expr="absent(rabbitmq_build_info{@of})",
        summary="No node of RabbitMQ answers",
        description="Prometheus reaches no node of @component: none runs, or none can be scraped.",
    ),
    Alert(
        "RabbitmqNodesMissing",
        severity="warning",
        for_="5m",
        expr="count(rabbitmq_build_info{@of}) < @replicas",
        summary="Nodes of RabbitMQ are missing",
        description="{{ $value }} of @replicas nodes of @component answer.",
    ),
    Alert(
        "RabbitmqMajorityLost",
        severity="critical",
        for_="1m",
        expr="count(rabbitmq_build_info{@of}) < @majority",
        summary="RabbitMQ has lost the majority of its nodes",
        description="{{ $value }} of @replicas nodes of @component answer; quorum queues need @majority.",
    ),
    Alert(
        "RabbitmqPartitioned",
        severity="critical",
        for_="5m",
        expr="rabbitmq_unreachable_cluster_peers_count{@of} > 0",
        summary="Nodes of RabbitMQ do not see each other",
        description="{{ $labels.instance }} cannot reach {{ $value }} of its peers.",
    ),
    Alert(
        "RabbitmqMemoryAlarm",
        severity="critical",
        for_="1m",
        expr="rabbitmq_alarms_memory_used_watermark{@of} == 1",
        summary="RabbitMQ is out of memory and blocks publishers",
        description="{{ $labels.instance }} has reached its memory limit.",
    ),
    Alert(
        "RabbitmqDiskAlarm",
        severity="critical",
        for_="1m",
        expr="rabbitmq_alarms_free_disk_space_watermark{@of} == 1",
        summary="RabbitMQ is out of disk space and blocks publishers",
        description="{{ $labels.instance }} has less free disk space than its limit.",
    ),
    Alert(
        "RabbitmqMemoryHigh",
        severity="warning",
        for_="5m",
        expr="instance:rabbitmq_memory_used:ratio{@of} > @memory",
        summary="RabbitMQ is running out of memory",
        description="{{ $labels.instance }} uses {{ $value | humanizePercentage }} of its memory limit.",
    ),
    Alert(
        "RabbitmqFileDescriptorsHigh",
        severity="warning",
        for_="5m",
        expr="instance:rabbitmq_file_descriptors:ratio{@of} > @file_descriptors",
        summary="RabbitMQ is running out of file descriptors",
        description="{{ $labels.instance }} uses {{ $value | humanizePercentage }} of its file descriptors.",
    ),
    Alert(
        "RabbitmqQueueLong",
        severity="warning",
        for_="10m",
        expr="queue:rabbitmq_messages_ready:sum{@queues} > @queue_warning",
        summary="A queue of RabbitMQ is long",
        description=_WAITING,
    ),
    Alert(
        "RabbitmqQueueOverflowing",
        severity="critical",
        for_="5m",
        expr="queue:rabbitmq_messages_ready:sum{@queues} > @queue_critical",
        summary="A queue of RabbitMQ grows out of bounds",
        description=_WAITING,
    ),
    Alert(
        "RabbitmqQueueUnattended",
        severity="critical",
        for_="10m",
        expr="""
        queue:rabbitmq_messages_ready:sum{@queues} > 0
          and
        queue:rabbitmq_consumers:sum{@queues} == 0
        """,
        summary="Messages wait in a queue that nobody takes from",
        description=_WAITING + " It has no consumer.",
    ),
    # The timestamp is 0 for a message without one.
    Alert(
        "RabbitmqConsumersBehind",
        severity="warning",
        for_="5m",
        expr="""
        time()
          -
        min by (job, vhost, queue) (rabbitmq_detailed_queue_head_message_timestamp{@queues} > 0)
          > @oldest_message
        """,
        summary="Messages of RabbitMQ wait for long",
        description="The oldest message in queue {{ $labels.queue }} is {{ $value | humanizeDuration }} old.",
    ),
    Alert(
        "RabbitmqUnacknowledgedHigh",
        severity="warning",
        for_="10m",
        expr="queue:rabbitmq_messages_unacked:sum{@queues} > @unacknowledged",
        summary="Many messages of RabbitMQ are taken but not confirmed",
        description="{{ $value | humanize }} messages of queue {{ $labels.queue }} wait for confirmation.",
    ),
    Alert(
        "RabbitmqMessagesUnroutable",
        severity="warning",
        for_="5m",
        expr="job:rabbitmq_messages_unroutable:rate5m{@of} > 0",
        summary="RabbitMQ gets messages that no queue wants",
        description="{{ $labels.job }} drops or returns {{ $value | humanize }} messages a second.",
    ),
    Alert(
        "RabbitmqMessagesDeadLettered",
        severity="warning",
        for_="5m",
        expr="job:rabbitmq_messages_dead_lettered:rate5m{@of} > 0",
        summary="Consumers give up on messages",
        description="{{ $labels.job }} moves {{ $value | humanize }} messages a second to dead letters.",
    ),
)

RABBITMQ: Final = Preset("rabbitmq", "RabbitMQ", "rabbitmq", RECORDS, ALERTS)
