"""Workloads whose pods have names and storage of their own."""

from typing import Literal, Self

from pydantic import model_validator

from manifestgen.facts.conventions import GOVERNING_SERVICE
from manifestgen.spec.base import problem
from manifestgen.spec.controllers import ClaimTemplate, Persistent
from manifestgen.spec.pods import FILES
from manifestgen.spec.services import Service
from manifestgen.spec.workloads import Scalable, Served


class Stateful(Persistent, Served, Scalable):
    """A workload whose pods have names and storage of their own."""

    type: Literal["stateful"]

    @model_validator(mode="after")
    def _volumes_have_different_names(self) -> Self:
        for section in ("scratch", "volumes"):
            for name in self.storage:
                if name in getattr(self, section):
                    message = f"{name!r} is both in storage and in {section}"
                    places = (("storage", name), (section, name))
                    raise problem("volume-clash", message, "rename one of them", *places)
        if FILES in self.storage:
            message = f"the volume {FILES!r} is that of `files`"
            raise problem("volume-clash", message, "choose another name", ("storage", FILES))
        return self

    @property
    def claim_templates(self) -> dict[str, ClaimTemplate]:
        """Storage that each of its pods has for itself."""
        return self.storage

    @property
    def governing_service(self) -> str:
        """The key of the headless Service that gives the pods their names: its first one, or one of ours."""
        headless = (key for key, service in self.services.items() if service.type == "Headless")
        return next(headless, GOVERNING_SERVICE)

    @property
    def all_services(self) -> dict[str, Service]:
        """Its Services, and the one that gives the pods their names, before they are ready, too."""
        governing = Service.model_construct(
            type="Headless", ports=dict(self._own_ports), publish_not_ready=True
        )
        return {**super().all_services, self.governing_service: governing, **self.services}
