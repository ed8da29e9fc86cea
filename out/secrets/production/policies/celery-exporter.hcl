# What celery-exporter of corporate-intel in production may have.

# url
path "corporate-intel/data/rabbitmq" {
  capabilities = ["read"]
}
