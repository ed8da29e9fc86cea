# What postgres-backup of corporate-intel in production may have.

# admin-password
path "corporate-intel/data/database" {
  capabilities = ["read"]
}

# backups-password
path "corporate-intel/data/smtp" {
  capabilities = ["read"]
}
