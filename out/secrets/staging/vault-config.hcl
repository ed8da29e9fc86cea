# Vault of corporate-intel in staging: configuration of the server, `vault server -config=vault-config.hcl`.

cluster_name = "corporate-intel-staging"
api_addr     = "https://vault.staging.corporate-intel.example.com:8200"
cluster_addr = "https://127.0.0.1:8201"
ui           = true
log_level    = "info"

# Locking memory makes no sense with data files that are mapped into it; have no swap instead.
disable_mlock = true

storage "raft" {
  path = "/vault/data"
}

listener "tcp" {
  address         = "[::]:8200"
  cluster_address = "[::]:8201"
  tls_cert_file   = "/vault/tls/tls.crt"
  tls_key_file    = "/vault/tls/tls.key"
  tls_min_version = "tls12"

  # Prometheus has no token.
  telemetry {
    unauthenticated_metrics_access = true
  }
}

telemetry {
  prometheus_retention_time = "1h"
  disable_hostname          = true
}

# OpenBao takes its audit devices from here; HashiCorp Vault warns of a field that it does not know, and gets
# them from vault-init.sh.
audit "file" "file" {
  options {
    file_path = "/vault/audit/audit.log"
  }
}

audit "file" "stdout" {
  options {
    file_path = "stdout"
  }
}
