# What vault-init.sh needs to set up corporate-intel in staging again. Whoever holds it can give rights to
# others, and so have all that is set up here.

# which engines there are, and those that are wanted
path "sys/mounts" {
  capabilities = ["read"]
}

path "sys/mounts/corporate-intel" {
  capabilities = ["create", "update"]
}

path "sys/mounts/database" {
  capabilities = ["create", "update"]
}

path "sys/mounts/pki" {
  capabilities = ["create", "update"]
}

path "sys/mounts/transit" {
  capabilities = ["create", "update"]
}

path "sys/mounts/aws" {
  capabilities = ["create", "update"]
}

# how service accounts log in
path "sys/auth" {
  capabilities = ["read"]
}

path "sys/auth/kubernetes" {
  capabilities = ["create", "update", "sudo"]
}

# where requests are recorded
path "sys/audit" {
  capabilities = ["read", "sudo"]
}

path "sys/audit/file" {
  capabilities = ["create", "update", "sudo"]
}

path "sys/audit/stdout" {
  capabilities = ["create", "update", "sudo"]
}

# policies
path "sys/policies/acl/corporate-intel.staging" {
  capabilities = ["create", "update"]
}

path "sys/policies/acl/corporate-intel.staging.vault" {
  capabilities = ["create", "update"]
}

path "sys/policies/acl/corporate-intel.staging.api" {
  capabilities = ["create", "update"]
}

path "sys/policies/acl/corporate-intel.staging.worker" {
  capabilities = ["create", "update"]
}

path "sys/policies/acl/corporate-intel.staging.scheduler" {
  capabilities = ["create", "update"]
}

path "sys/policies/acl/corporate-intel.staging.celery-exporter" {
  capabilities = ["create", "update"]
}

path "sys/policies/acl/corporate-intel.staging.postgres-backup" {
  capabilities = ["create", "update"]
}

# what is written
path "database/config/postgres" {
  capabilities = ["create", "read", "update"]
}

path "database/roles/api" {
  capabilities = ["create", "read", "update"]
}

path "database/roles/analysis" {
  capabilities = ["create", "read", "update"]
}

path "pki/config/urls" {
  capabilities = ["create", "read", "update"]
}

path "pki/root/generate/internal" {
  capabilities = ["create", "read", "update"]
}

path "pki/roles/internal" {
  capabilities = ["create", "read", "update"]
}

path "transit/keys/documents" {
  capabilities = ["create", "read", "update"]
}

path "transit/keys/documents/config" {
  capabilities = ["create", "read", "update"]
}

path "transit/keys/personal-data" {
  capabilities = ["create", "read", "update"]
}

path "transit/keys/personal-data/config" {
  capabilities = ["create", "read", "update"]
}

path "aws/config/root" {
  capabilities = ["create", "read", "update"]
}

path "aws/roles/reports" {
  capabilities = ["create", "read", "update"]
}

path "auth/kubernetes/config" {
  capabilities = ["create", "read", "update"]
}

path "auth/kubernetes/role/corporate-intel" {
  capabilities = ["create", "read", "update"]
}

path "auth/kubernetes/role/corporate-intel.staging.api" {
  capabilities = ["create", "read", "update"]
}

path "auth/kubernetes/role/corporate-intel.staging.worker" {
  capabilities = ["create", "read", "update"]
}

path "auth/kubernetes/role/corporate-intel.staging.scheduler" {
  capabilities = ["create", "read", "update"]
}

path "auth/kubernetes/role/corporate-intel.staging.celery-exporter" {
  capabilities = ["create", "read", "update"]
}

path "auth/kubernetes/role/corporate-intel.staging.postgres-backup" {
  capabilities = ["create", "read", "update"]
}

# whether pki has its authority
path "pki/issuers" {
  capabilities = ["list"]
}

# values that secrets begin with
path "corporate-intel/data/database" {
  capabilities = ["create", "read", "update", "patch"]
}

path "corporate-intel/metadata/database" {
  capabilities = ["read"]
}

path "corporate-intel/data/redis" {
  capabilities = ["create", "read", "update", "patch"]
}

path "corporate-intel/metadata/redis" {
  capabilities = ["read"]
}

path "corporate-intel/data/rabbitmq" {
  capabilities = ["create", "read", "update", "patch"]
}

path "corporate-intel/metadata/rabbitmq" {
  capabilities = ["read"]
}

path "corporate-intel/data/minio" {
  capabilities = ["create", "read", "update", "patch"]
}

path "corporate-intel/metadata/minio" {
  capabilities = ["read"]
}

path "corporate-intel/data/jwt" {
  capabilities = ["create", "read", "update", "patch"]
}

path "corporate-intel/metadata/jwt" {
  capabilities = ["read"]
}

path "corporate-intel/data/smtp" {
  capabilities = ["create", "read", "update", "patch"]
}

path "corporate-intel/metadata/smtp" {
  capabilities = ["read"]
}

path "corporate-intel/data/sentry" {
  capabilities = ["create", "read", "update", "patch"]
}

path "corporate-intel/metadata/sentry" {
  capabilities = ["read"]
}

# a token that follows this one
path "auth/token/create-orphan" {
  capabilities = ["create", "update", "sudo"]
}
