# What postgres-backup of corporate-intel in staging may have.

# admin-password
path "corporate-intel/data/database" {
  capabilities = ["read"]
}
