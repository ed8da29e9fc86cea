"""Whom a role of AWS trusts."""

from __future__ import annotations

import json
from typing import Final

from manifestgen.targets.ci.pipeline import Deploying

_ISSUER: Final = "token.actions.githubusercontent.com"


def trust_of(one: Deploying) -> str:
    """The trust policy of an environment's role: jobs of that environment alone, as GitHub names them."""
    partition, account = (one.ci.role or "").split(":")[1:5:3]
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:{partition}:iam::{account}:oidc-provider/{_ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{_ISSUER}:aud": "sts.amazonaws.com",
                f"{_ISSUER}:sub": f"repo:OWNER/REPOSITORY:environment:{one.label}",
            }
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2, ensure_ascii=False)
