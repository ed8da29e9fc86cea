"""The checksum of settings that makes pods restart when one of them changes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

# Go's encoding/json: HTML's own characters and JavaScript's line ends are escaped, and \b and \f are
# written as numbers by older versions; those two do not occur in settings that anyone can read.
_GO_ESCAPES: Final = re.compile("[<>&\u2028\u2029]")


def config_checksum(data: Mapping[str, str]) -> str:
    """What ``{{ toJson .Values.api.config | sha256sum }}`` prints in a Helm chart for the same settings."""
    text = json.dumps(dict(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(_GO_ESCAPES.sub(lambda m: f"\\u{ord(m[0]):04x}", text).encode()).hexdigest()
