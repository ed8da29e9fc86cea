# What celery-exporter of corporate-intel in staging may have.

# url
path "corporate-intel/data/rabbitmq" {
  capabilities = ["read"]
}
