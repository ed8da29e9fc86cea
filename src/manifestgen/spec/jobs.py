"""Workloads that run to their end."""

from typing import Literal, Self

from pydantic import model_validator

from manifestgen.spec.base import problem
from manifestgen.spec.batch import Batch, Scheduled
from manifestgen.spec.workloads import WorkloadBase


class Job(Batch, WorkloadBase):
    """A workload that runs to its end: once, or once for each release."""

    type: Literal["job"]
    rerun: Literal["never", "everyRelease"] = "never"
    """A Job that exists cannot change: `never` leaves it so, and a change is an error; `everyRelease` has it
    deleted and made again with each sync of Argo CD (a hook), each `helm upgrade` (a hook), and by Flux
    whenever it changes."""
    suspend: bool = False
    """Start no pods."""

    @model_validator(mode="after")
    def _comes_to_an_end(self) -> Self:
        if self.suspend and self.rerun == "everyRelease":
            raise problem(
                "job-suspended",
                "Helm and Argo CD wait for a Job that runs with each release, and this one does not start",
                "remove `suspend`, or use `rerun: never`",
                ("suspend",),
                ("rerun",),
            )
        if self.ttl_after_finished is not None and self.rerun == "never":
            raise problem(
                "job-ttl",
                "Argo CD and Flux make a Job again that is gone, so it would run again and again",
                "remove ttlAfterFinished, or use `rerun: everyRelease`",
                ("ttlAfterFinished",),
                ("rerun",),
            )
        return self


class CronJob(Scheduled, Batch, WorkloadBase):
    """A workload that runs to its end at certain times."""

    type: Literal["cronjob"]
