"""Work that ends: what Jobs and the Jobs of CronJobs are told."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import (
    Count,
    Form,
    Model,
    Name,
    PositiveCount,
    Schedule,
    Seconds,
    TimeZone,
    problem,
    refuse,
)

ExitCode = Annotated[int, Field(ge=0, le=255)]
"""What a container exits with."""

ConditionType = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$"
    ),
    Form("write e.g. DisruptionTarget"),
]
"""The type of a condition of a pod."""

_MOST_INDEXES = 100_000
_CHECKS_EVERY = 10


class PodFailure(Model):
    """What is done about a pod that failed in a certain way: by exit code, or by a condition of the pod."""

    action: Literal["FailJob", "FailIndex", "Ignore", "Count"]
    """Give up the Job or the index, do not count the failure (e.g. an eviction), or count it as usual."""
    exit_codes: list[ExitCode] = []
    """A container exited with one of these."""
    exit_codes_except: list[ExitCode] = []
    """A container failed, with none of these."""
    pod_conditions: list[ConditionType] = []
    """The pod has one of these conditions: `DisruptionTarget` for one that was evicted."""

    @model_validator(mode="after")
    def _is_one_rule(self) -> Self:
        given = [key for key in ("exit_codes", "exit_codes_except", "pod_conditions") if getattr(self, key)]
        if len(given) != 1:
            raise problem(
                "pod-failure",
                "it is about several things" if given else "it does not say which failures it is about",
                "give exactly one of exitCodes, exitCodesExcept and podConditions",
            )
        if 0 in self.exit_codes:
            message = "a container that exits with 0 has not failed"
            raise problem("pod-failure", message, "remove the 0", ("exitCodes",))
        return self


class Batch(Model):
    """What a Job and the Jobs of a CronJob have in common."""

    completions: PositiveCount | None = None
    """How many pods must succeed; left out, one (with `parallelism`: the first says that all is done)."""
    parallelism: PositiveCount | None = None
    """How many pods run at once; left out, one."""
    completion_mode: Literal["NonIndexed", "Indexed"] = "NonIndexed"
    """`Indexed` gives each pod a number, from 0 to `completions` - 1, in `JOB_COMPLETION_INDEX`."""
    backoff_limit: Count | None = None
    """How many pods may fail before the Job does; left out, 6."""
    backoff_limit_per_index: Count | None = None
    """How many pods of one index may fail before the index does (Indexed, Kubernetes 1.29)."""
    max_failed_indexes: Count | None = None
    """How many indexes may fail before the Job does (with `backoffLimitPerIndex`)."""
    pod_failure_policy: Annotated[dict[Name, PodFailure], Field(max_length=20)] = {}
    """What failures mean, by name; the first that fits holds, all others count."""
    pod_replacement_policy: Literal["TerminatingOrFailed", "Failed"] | None = None
    """Start a new pod as soon as the old one is told to stop, or only when it has (Kubernetes 1.29)."""
    active_deadline: Seconds | None = None
    """How long the Job may take in all, with all attempts."""
    ttl_after_finished: Seconds | None = None
    """How long a Job that is done is kept. What applies the objects again makes it again: see `rerun`."""
    restart_policy: Literal["Never", "OnFailure"] = "Never"
    """`Never` starts a new pod after a failure, `OnFailure` the container in the same pod."""

    @model_validator(mode="after")
    def _job_is_possible(self) -> Self:
        refuse([*self._indexes(), *self._failures()])
        return self

    def _indexes(self) -> Iterator[PydanticCustomError]:
        indexed = self.completion_mode == "Indexed"
        if indexed and self.completions is None:
            message = "without a number of completions there is nothing to count"
            yield problem("job-indexed", message, "give `completions`", ("completionMode",))
        if indexed and max(self.completions or 0, self.parallelism or 0) > _MOST_INDEXES:
            message = f"a Job has at most {_MOST_INDEXES} indexes"
            yield problem("job-indexed", message, "use several Jobs", ("completions",), ("parallelism",))
        if self.backoff_limit_per_index is not None and not indexed:
            message = "only a Job with completionMode Indexed has indexes"
            yield problem("job-indexed", message, "give `completionMode: Indexed`", ("backoffLimitPerIndex",))
        if self.max_failed_indexes is not None and self.backoff_limit_per_index is None:
            message = "no index fails on its own without a limit for each"
            yield problem("job-indexed", message, "give `backoffLimitPerIndex`", ("maxFailedIndexes",))
        if self.max_failed_indexes and self.completions and self.max_failed_indexes > self.completions:
            message = f"there are no {self.max_failed_indexes} indexes, but {self.completions}"
            yield problem("job-indexed", message, "lower it", ("maxFailedIndexes",), ("completions",))

    def _failures(self) -> Iterator[PydanticCustomError]:
        per_pod = {
            "podFailurePolicy": bool(self.pod_failure_policy),
            "backoffLimitPerIndex": self.backoff_limit_per_index is not None,
        }
        for key, given in per_pod.items():
            if given and self.restart_policy != "Never":
                message = "containers that start again in their pod do not make it fail"
                yield problem(
                    "job-failures", message, "use `restartPolicy: Never`", (key,), ("restartPolicy",)
                )
        for name, rule in self.pod_failure_policy.items():
            if rule.action == "FailIndex" and self.backoff_limit_per_index is None:
                message = "an index fails on its own only with a limit for each"
                yield problem(
                    "job-failures",
                    message,
                    "give `backoffLimitPerIndex`",
                    ("podFailurePolicy", name, "action"),
                )
        if self.pod_failure_policy and self.pod_replacement_policy == "TerminatingOrFailed":
            message = "with a podFailurePolicy a pod is replaced when it has failed"
            advice = "remove it, or write Failed"
            yield problem("job-failures", message, advice, ("podReplacementPolicy",))


class Scheduled(Model):
    """When the Jobs of a CronJob start, and what becomes of them."""

    schedule: Schedule
    """When a Job starts."""
    time_zone: TimeZone | None = None
    """Time zone of the schedule; left out, that of the control plane, mostly UTC."""
    concurrency_policy: Literal["Forbid", "Allow", "Replace"] = "Forbid"
    """When the last Job still runs: leave this one out, start it beside that one, or stop that one."""
    starting_deadline: Seconds | None = None
    """How late a Job may still start; 10 s at least, for that is how often Kubernetes looks."""
    successful_jobs_history_limit: Count = 3
    """How many Jobs that succeeded are kept."""
    failed_jobs_history_limit: Count = 1
    """How many Jobs that failed are kept."""
    suspend: bool = False
    """Start no Jobs."""

    @model_validator(mode="after")
    def _can_start_in_time(self) -> Self:
        if self.starting_deadline is not None and parse_duration(self.starting_deadline) < _CHECKS_EVERY:
            raise problem(
                "starting-deadline",
                f"Kubernetes looks every {_CHECKS_EVERY} s, so a Job may never start within "
                f"{self.starting_deadline}",
                f"write {_CHECKS_EVERY}s or more",
                ("startingDeadline",),
            )
        return self
