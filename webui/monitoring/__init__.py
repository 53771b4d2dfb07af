"""What the service says of its state: health for people, metrics for Prometheus."""
