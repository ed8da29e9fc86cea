# Vault of corporate-intel in production: configuration of the server, `vault server -config=vault-config.hcl`.
# For HashiCorp Vault: OpenBao has no auto-unseal by AWS KMS.

cluster_name = "corporate-intel-production"
api_addr     = "https://vault.corporate-intel.example.com:8200"
# cluster_addr differs between the servers: each takes its own from VAULT_CLUSTER_ADDR.
ui           = true
log_level    = "info"

# Locking memory makes no sense with data files that are mapped into it; have no swap instead.
disable_mlock = true

storage "raft" {
  path = "/vault/data"

  # vault-0
  retry_join {
    leader_api_addr     = "https://vault-0.vault-internal:8200"
    leader_ca_cert_file = "/vault/tls/ca.crt"
  }

  # vault-1
  retry_join {
    leader_api_addr     = "https://vault-1.vault-internal:8200"
    leader_ca_cert_file = "/vault/tls/ca.crt"
  }

  # vault-2
  retry_join {
    leader_api_addr     = "https://vault-2.vault-internal:8200"
    leader_ca_cert_file = "/vault/tls/ca.crt"
  }
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

# AWS KMS unseals the server, whose own identity must be allowed kms:Encrypt, kms:Decrypt and kms:DescribeKey.
seal "awskms" {
  region     = "us-east-1"
  kms_key_id = "alias/corporate-intel-vault"
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
