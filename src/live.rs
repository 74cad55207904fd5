//! The live world: a cluster, Prometheus, Alertmanager.
