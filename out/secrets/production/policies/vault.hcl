# What External Secrets reads for corporate-intel in production, by the store 'vault'.

# password, admin-password, replication-password
path "corporate-intel/data/database" {
  capabilities = ["read"]
}

# password, result-backend-url
path "corporate-intel/data/redis" {
  capabilities = ["read"]
}

# url, password, erlang-cookie
path "corporate-intel/data/rabbitmq" {
  capabilities = ["read"]
}

# access-key, secret-key
path "corporate-intel/data/minio" {
  capabilities = ["read"]
}

# private-key, public-key
path "corporate-intel/data/jwt" {
  capabilities = ["read"]
}

# password, backups-password
path "corporate-intel/data/smtp" {
  capabilities = ["read"]
}

# dsn
path "corporate-intel/data/sentry" {
  capabilities = ["read"]
}
