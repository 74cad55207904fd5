//! The shop's chart: what one revision renders to, as objects in Helm's install order and as the manifest's text.
//!
//! Never: a cluster; only what was rendered.

use serde_json::{Map, Value, json};

use super::drill::{Chart, Deploy};
use super::field;
use super::shop::{SHOP, Trade};
use super::yaml;
use crate::domain::name::Namespace;
use crate::helm::digest;

/// What a revision renders to.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The objects, in Helm's install order.
    pub objects: Vec<Value>,
    /// The manifest's text.
    pub manifest: String,
    /// The hooks in the record's own shape.
    pub hooks: Vec<Value>,
    /// The user's values (`helm get values`).
    pub values: Value,
}

/// Renders one revision.
pub fn render(chart: &Chart, namespace: &Namespace, deploy: &Deploy) -> Rendered {
    let scene = Scene { chart, namespace, deploy };
    let many = |trade: &&Trade| trade.replicas > 1;
    let budget = |trade: &Trade| (format!("{}/pdb.yaml", trade.name), scene.budget(trade));
    let mut parts: Vec<(String, Value)> = SHOP.iter().filter(many).map(budget).collect();
    parts.push(("shop/credentials.yaml".into(), scene.secret()));
    parts.extend(SHOP.iter().map(|t| (format!("{}/configmap.yaml", t.name), scene.config(t))));
    parts.extend(SHOP.iter().map(|t| (format!("{}/service.yaml", t.name), scene.service(t))));
    parts.extend(SHOP.iter().map(|t| (format!("{}/deployment.yaml", t.name), scene.deployment(t))));
    for trade in SHOP {
        if let Some(&(low, high)) = chart.autoscaled.get(trade.name) {
            parts.push((format!("{}/hpa.yaml", trade.name), scene.autoscaler(&trade, low, high)));
        }
    }
    parts.push(("shop/ingress.yaml".into(), scene.ingress()));
    parts.push(("shop/servicemonitor.yaml".into(), scene.monitor()));
    let source = |file: &str| format!("{}/templates/{file}", chart.chart);
    let manifest = parts.iter().map(|(file, object)| yaml::document(&source(file), object)).collect();
    Rendered {
        manifest,
        objects: parts.into_iter().map(|(_, object)| object).collect(),
        hooks: scene.hooks(),
        values: scene.values(),
    }
}

struct Scene<'a> {
    chart: &'a Chart,
    namespace: &'a Namespace,
    deploy: &'a Deploy,
}

impl Scene<'_> {
    fn tag(&self, trade: &Trade) -> &str {
        self.deploy.versions.get(trade.name).map_or("", String::as_str)
    }

    fn image(&self, trade: &Trade) -> String {
        format!("{}/{}:{}", self.chart.registry, trade.name, self.tag(trade))
    }

    fn labels(&self, name: &str) -> Value {
        json!({
            "app.kubernetes.io/name": name,
            "app.kubernetes.io/instance": self.chart.name.as_str(),
            "app.kubernetes.io/managed-by": "Helm",
            "app.kubernetes.io/component": "microservice",
            "helm.sh/chart": format!("{}-{}", self.chart.chart, self.chart.version),
        })
    }

    fn object(&self, api: &str, kind: &str, name: &str, of: &str) -> Value {
        json!({
            "apiVersion": api,
            "kind": kind,
            "metadata": {"name": name, "namespace": self.namespace.as_str(), "labels": self.labels(of)},
        })
    }

    fn secret(&self) -> Value {
        let mut secret = self.object("v1", "Secret", "shop-credentials", "shop");
        field::set(&mut secret, &["type"], json!("Opaque"));
        field::set(&mut secret, &["data"], json!({"DB_PASSWORD": "ZHJpbGwtb25seS1ub3QtYS1zZWNyZXQ="}));
        secret
    }

    fn settings(&self, trade: &Trade) -> Value {
        let stem = trade.name.trim_end_matches("-service");
        let mut settings = Map::new();
        settings.insert("SPRING_PROFILES_ACTIVE".into(), json!("prod"));
        settings.insert("SERVER_PORT".into(), json!(trade.port.to_string()));
        if trade.name != "api-gateway" {
            let url = format!("jdbc:postgresql://shop-db.postgres.svc:5432/{stem}");
            settings.insert("SPRING_DATASOURCE_URL".into(), json!(url));
            settings.insert("SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE".into(), json!("10"));
        }
        for (callee, _) in trade.calls {
            let key = format!("{}_URL", callee.to_uppercase().replace('-', "_"));
            settings.insert(key, json!(format!("http://{callee}")));
        }
        for (key, value) in self.deploy.config.get(trade.name).into_iter().flatten() {
            settings.insert(key.clone(), json!(value));
        }
        Value::Object(settings)
    }

    fn config(&self, trade: &Trade) -> Value {
        let mut config = self.object("v1", "ConfigMap", &config_name(trade.name), trade.name);
        field::set(&mut config, &["data"], self.settings(trade));
        config
    }

    fn service(&self, trade: &Trade) -> Value {
        let mut service = self.object("v1", "Service", trade.name, trade.name);
        let spec = json!({
            "type": "ClusterIP",
            "selector": {"app.kubernetes.io/name": trade.name},
            "ports": [{"name": "http", "port": 80, "targetPort": trade.port}],
        });
        field::set(&mut service, &["spec"], spec);
        service
    }

    fn deployment(&self, trade: &Trade) -> Value {
        let mut deployment = self.object("apps/v1", "Deployment", trade.name, trade.name);
        let checksum = digest::text(&self.settings(trade).to_string());
        let probe = |path: &str, every: u32| json!({"httpGet": {"path": path, "port": trade.port}, "periodSeconds": every, "timeoutSeconds": 2});
        let spec = json!({
            "replicas": self.deploy.replicas.get(trade.name).copied().unwrap_or(trade.replicas),
            "selector": {"matchLabels": {"app.kubernetes.io/name": trade.name}},
            "template": {
                "metadata": {
                    "labels": {
                        "app.kubernetes.io/name": trade.name,
                        "app.kubernetes.io/instance": self.chart.name.as_str(),
                    },
                    "annotations": {"checksum/config": checksum},
                },
                "spec": {"containers": [{
                    "name": trade.name,
                    "image": self.image(trade),
                    "ports": [{"name": "http", "containerPort": trade.port}],
                    "envFrom": [
                        {"configMapRef": {"name": config_name(trade.name)}},
                        {"secretRef": {"name": "shop-credentials"}},
                    ],
                    "readinessProbe": probe("/actuator/health/readiness", 5),
                    "livenessProbe": probe("/actuator/health/liveness", 10),
                    "resources": {
                        "requests": {"cpu": "250m", "memory": "512Mi"},
                        "limits": {"memory": "768Mi"},
                    },
                }]},
            },
        });
        field::set(&mut deployment, &["spec"], spec);
        deployment
    }

    fn autoscaler(&self, trade: &Trade, low: u32, high: u32) -> Value {
        let mut autoscaler = self.object("autoscaling/v2", "HorizontalPodAutoscaler", trade.name, trade.name);
        let spec = json!({
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": trade.name},
            "minReplicas": low,
            "maxReplicas": high,
            "metrics": [{
                "type": "Resource",
                "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
            }],
        });
        field::set(&mut autoscaler, &["spec"], spec);
        autoscaler
    }

    /// Where there are several pods, one must always be there.
    fn budget(&self, trade: &Trade) -> Value {
        let mut budget = self.object("policy/v1", "PodDisruptionBudget", trade.name, trade.name);
        let selector = json!({"matchLabels": {"app.kubernetes.io/name": trade.name}});
        field::set(&mut budget, &["spec"], json!({"minAvailable": 1, "selector": selector}));
        budget
    }

    fn ingress(&self) -> Value {
        let mut ingress = self.object("networking.k8s.io/v1", "Ingress", "shop", "shop");
        let gateway = json!({"service": {"name": "api-gateway", "port": {"name": "http"}}});
        let paths = json!([{"path": "/", "pathType": "Prefix", "backend": gateway}]);
        let rules = json!([{"host": "shop.example.com", "http": {"paths": paths}}]);
        field::set(&mut ingress, &["spec"], json!({"ingressClassName": "nginx", "rules": rules}));
        ingress
    }

    fn monitor(&self) -> Value {
        let mut monitor = self.object("monitoring.coreos.com/v1", "ServiceMonitor", "shop", "shop");
        let spec = json!({
            "selector": {"matchLabels": {"app.kubernetes.io/component": "microservice"}},
            "endpoints": [{"port": "http", "path": "/actuator/prometheus", "interval": "15s"}],
        });
        field::set(&mut monitor, &["spec"], spec);
        monitor
    }

    fn hooks(&self) -> Vec<Value> {
        let job = |name: &str, event: &str, policy: &str, image: String, args: &[&str]| {
            let mut job = self.object("batch/v1", "Job", name, name);
            let marks = json!({"helm.sh/hook": event, "helm.sh/hook-delete-policy": policy});
            field::set(&mut job, &["metadata", "annotations"], marks);
            let container = json!({"name": name, "image": image, "args": args});
            let pod = json!({"restartPolicy": "Never", "containers": [container]});
            field::set(&mut job, &["spec"], json!({"backoffLimit": 1, "template": {"spec": pod}}));
            let path = format!("{}/templates/hooks/{name}.yaml", self.chart.chart);
            json!({
                "name": name, "kind": "Job", "path": path, "manifest": yaml::document(&path, &job),
                "events": event.split(',').collect::<Vec<_>>(), "last_run": {"started_at": "", "completed_at": "", "phase": ""},
                "weight": 0, "delete_policies": policy.split(',').collect::<Vec<_>>(),
            })
        };
        let registry = &self.chart.registry;
        vec![
            job(
                "db-migrate",
                "pre-install,pre-upgrade",
                "before-hook-creation,hook-succeeded",
                format!("{registry}/db-migrate:{}", self.deploy.app_version),
                &["migrate"],
            ),
            job(
                "cache-flush",
                "post-upgrade,post-rollback",
                "before-hook-creation,hook-succeeded",
                format!("{registry}/cache-tools:1.2.0"),
                &["flush", "--prefix", "shop:"],
            ),
        ]
    }

    fn values(&self) -> Value {
        let mut values = Map::new();
        for trade in SHOP {
            let mut own = json!({
                "image": {"tag": self.tag(&trade)},
                "replicaCount": self.deploy.replicas.get(trade.name).copied().unwrap_or(trade.replicas),
            });
            if let Some(config) = self.deploy.config.get(trade.name) {
                field::set(&mut own, &["config"], json!(config));
            }
            values.insert(trade.name.into(), own);
        }
        Value::Object(values)
    }
}

/// The name of a service's ConfigMap.
pub fn config_name(service: &str) -> String {
    format!("{service}-config")
}
