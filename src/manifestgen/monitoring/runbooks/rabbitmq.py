"""Runbooks of RabbitMQ."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## RabbitmqDown
No node answers: tasks and messages are neither taken nor given out.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --tail 50 --prefix

- A node that waits for its peers ("waiting for Mnesia tables", "waiting for Khepri leader") starts when those do:
  start all of them.
- If it runs and only the metrics are missing, look at its plugin and at the network policy:
  `in_pod rabbitmq-diagnostics status`.

## RabbitmqNodesMissing
The cluster has lost nodes. While the majority is there, quorum queues work on.

    in_pod rabbitmqctl cluster_status
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Look at the pods that are missing; a node joins again by itself.

## RabbitmqMajorityLost
Quorum queues take and give nothing until the majority of the nodes is back.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    in_pod rabbitmqctl cluster_status

- Start the missing nodes. Do not remove them from the cluster while they can come back.

## RabbitmqPartitioned
Nodes do not see each other, and each side may take itself for the cluster.

    in_pod rabbitmqctl cluster_status
    in_pod rabbitmq-diagnostics check_port_connectivity

- Look at the network between the nodes (ports 4369 and 25672), then restart the nodes of the smaller side.

## RabbitmqMemoryAlarm
The node has reached its limit and blocks everybody who publishes, until consumers have made room.

    in_pod rabbitmq-diagnostics memory_breakdown
    in_pod rabbitmqctl list_queues name messages memory consumers

- Long queues take the memory: start more consumers, or throw away what nobody needs (`rabbitmqctl purge_queue`).
- Raise the memory limit in the spec, if the load is real.

## RabbitmqDiskAlarm
There is less disk space than the node wants to have free, and it blocks everybody who publishes.

    in_pod rabbitmq-diagnostics status
    in_pod rabbitmqctl list_queues name messages messages_persistent message_bytes

- Start more consumers, or make the volume larger.

## RabbitmqMemoryHigh
At its limit the node blocks everybody who publishes, so that tasks can no longer be ordered.

    in_pod rabbitmq-diagnostics memory_breakdown
    in_pod rabbitmqctl list_queues name messages memory consumers

- Long queues and many connections take memory: see RabbitmqQueueLong.

## RabbitmqFileDescriptorsHigh
At the limit, new connections are refused. Each connection and each queue takes descriptors.

    in_pod rabbitmqctl list_connections user peer_host state
    in_pod rabbitmq-diagnostics status

- Many connections of one client: it opens one for each message. Restart it and mend it.

## RabbitmqQueueLong
Messages wait: consumers are too slow or too few.

    in_pod rabbitmqctl list_queues name messages_ready messages_unacknowledged consumers
    kubectl --namespace "$NS" get pods --selector app.kubernetes.io/component=worker

- No consumers: see RabbitmqQueueUnattended. Slow ones: see CeleryTaskSlow. Too few: raise their number.

## RabbitmqQueueOverflowing
The queue grows out of bounds: the broker comes to its memory limit, and then nobody can publish.

    in_pod rabbitmqctl list_queues name messages_ready messages_unacknowledged consumers memory
    in_pod rabbitmqctl list_consumers

- Start more consumers at once. Slow down or stop who publishes.
- Throw away what nobody needs: `in_pod rabbitmqctl purge_queue NAME_OF_QUEUE`. It cannot be undone.

## RabbitmqQueueUnattended
Messages wait for consumers that do not come.

    in_pod rabbitmqctl list_queues name messages_ready consumers
    kubectl --namespace "$NS" get pods --selector app.kubernetes.io/component=worker

- Start the workers. If they run, they listen to queues of other names.
- A queue that is left over from an old version may be deleted, when nobody needs its messages.

## RabbitmqConsumersBehind
The oldest message has waited for long: what people ordered comes late.

    in_pod rabbitmqctl list_queues name messages_ready messages_unacknowledged consumers
    kubectl --namespace "$NS" top pods --selector app.kubernetes.io/component=worker

- Raise the number of consumers, or look why each message takes so long.

## RabbitmqUnacknowledgedHigh
Consumers hold many messages and confirm none: they hang, or take more at a time than they can do.

    in_pod rabbitmqctl list_consumers
    in_pod rabbitmqctl list_queues name messages_unacknowledged consumers

- Restart consumers that hang; their messages are given to others. Lower their prefetch.

## RabbitmqMessagesUnroutable
Somebody publishes to where no queue listens: those messages are lost, or come back to who sent them.

    in_pod rabbitmqctl list_bindings source_name routing_key destination_name
    in_pod rabbitmqctl list_exchanges name type

- A queue was deleted or renamed, or a routing key is wrong: most often on one side of a new version only.

## RabbitmqMessagesDeadLettered
Consumers refuse messages, or messages grow too old: they go to the dead letters, and nobody does what they ask.

    in_pod rabbitmqctl list_queues name messages policy arguments

- Read the header `x-death` of such a message: it holds reason and queue. Mend the consumer, then send them again.
"""
