# What api of corporate-intel in staging may have.

# password
path "corporate-intel/data/database" {
  capabilities = ["read"]
}

# password, result-backend-url
path "corporate-intel/data/redis" {
  capabilities = ["read"]
}

# url
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

# password
path "corporate-intel/data/smtp" {
  capabilities = ["read"]
}

# dsn
path "corporate-intel/data/sentry" {
  capabilities = ["read"]
}

# a user of postgres, for a time
path "database/creds/api" {
  capabilities = ["read"]
}

# certificates
path "pki/issue/internal" {
  capabilities = ["update"]
}

# encrypt, decrypt and rewrap with documents
path "transit/encrypt/documents" {
  capabilities = ["update"]
}

path "transit/decrypt/documents" {
  capabilities = ["update"]
}

path "transit/rewrap/documents" {
  capabilities = ["update"]
}

# encrypt, decrypt and rewrap with personal-data
path "transit/encrypt/personal-data" {
  capabilities = ["update"]
}

path "transit/decrypt/personal-data" {
  capabilities = ["update"]
}

path "transit/rewrap/personal-data" {
  capabilities = ["update"]
}
