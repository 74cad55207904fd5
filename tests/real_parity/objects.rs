//! P01-P09, P17-P20, P33, P34: what changes between two revisions, nobody meddling.
//!
//! Never: a hook, a fault, a record out of the ordinary.

use crate::case::{ALL, Case, Csa, Mixed, Refused, Ssa, Step};

/// No pods: they are not what is compared.
pub const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: r/web:1
        env: [{name: A, value: '1'}, {name: B, value: '2'}]
        ports: [{containerPort: 80}, {containerPort: 53, protocol: TCP, name: dns}]
";
pub const WEB_2: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: r/web:2
        env: [{name: A, value: '1'}, {name: B, value: '2'}]
        ports: [{containerPort: 80}, {containerPort: 53, protocol: TCP, name: dns}]
";
const MORE: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, more: x}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostAliases: [{ip: 10.0.0.1, hostnames: [a]}]
      volumes: [{name: v, emptyDir: {}}]
      containers:
      - name: side
        image: r/side:1
      - name: app
        image: r/web:2
        env: [{name: B, value: '9'}, {name: C, value: '3'}]
        ports: [{containerPort: 53, protocol: TCP, name: dns}, {containerPort: 8080}]
        volumeMounts: [{name: v, mountPath: /v}]
";
const ORDER: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      volumes: [{name: v, emptyDir: {}}, {name: w, secret: {secretName: w}}]
      containers:
      - {name: one, image: 'r/one:1', env: [{name: A, value: '1'}, {name: B, value: '2'}, {name: C, value: '3'}]}
      - {name: two, image: 'r/two:1'}
      - {name: three, image: 'r/three:1'}
";
const ORDER_2: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      volumes: [{name: w, emptyDir: {}}, {name: v, emptyDir: {}}]
      containers:
      - {name: three, image: 'r/three:1'}
      - {name: one, image: 'r/one:1', env: [{name: C, value: '3'}, {name: A, value: '1'}, {name: B, value: '2'}]}
      - {name: two, image: 'r/two:1'}
";
const RECREATE: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  strategy: {type: Recreate}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: 'r/web:1'}]}
";
const ROLLING: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 2}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: 'r/web:1'}]}
";
pub const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1', b: '2'}\n";
pub const CONFIG_3: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {d: '4'}\n";
pub const CONFIG_2: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2', c: '3'}\n";
const CONFIG_MORE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2', c: '3'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\ndata: {x: '1'}\n";
const KEEP: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kept\n  annotations: {helm.sh/resource-policy: keep}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2'}\n";
const WITH_SERVICE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
const DNS: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  selector: {app: web}\n  ports:
  - {name: dns, port: 53, protocol: TCP}\n  - {name: dns-udp, port: 53, protocol: UDP}\n";
const NODE_PORT: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  type: NodePort
  selector: {app: web}\n  ports: [{name: http, port: 80}, {name: dns, port: 53, protocol: TCP}]\n";
const BALANCED: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  type: LoadBalancer
  externalTrafficPolicy: Local\n  selector: {app: web}\n  ports: [{name: http, port: 80}]\n";

/// A StatefulSet and a Job whose fixed fields differ, a map that may change, and one more in the second.
const FIXED: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 0\n  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'r/db:1'}]}}
  volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]\n---
apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec:\n  suspend: true
  template: {spec: {restartPolicy: Never, containers: [{name: m, image: 'r/m:1'}]}}\n";
const FIXED_2: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stays}\n---
apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 0\n  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'r/db:2'}]}}
  volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}}]\n---
apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec:\n  suspend: true
  template: {spec: {restartPolicy: Never, containers: [{name: m, image: 'r/m:2'}]}}\n";
const CLAIMED: &str = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 0\n  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'r/db:1'}]}}
  volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n";
const CLAIMED_2: &str = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 0\n  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'r/db:2'}]}}
  volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 3Gi}}}}]\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stays}\n";
const JOB: &str = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec:\n  suspend: true
  template: {spec: {restartPolicy: Never, containers: [{name: m, image: 'r/m:1'}]}}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n";
const JOB_2: &str = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec:\n  suspend: true
  template: {spec: {restartPolicy: Never, containers: [{name: m, image: 'r/m:1'}]}}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2'}\n";

const PLACES: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: here}\ndata: {a: '1'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: there, namespace: '{{ .Release.Namespace }}-b'}\ndata: {a: '1'}\n---
apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: '{{ .Release.Namespace }}-role'}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n---
apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: listed}\n  data: {k: '1'}
- apiVersion: policy/v1\n  kind: PodDisruptionBudget\n  metadata: {name: p}
  spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n";
const PLACES_2: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: here}\ndata: {a: '2'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more, namespace: '{{ .Release.Namespace }}-b'}\ndata: {a: '2'}\n---
apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: '{{ .Release.Namespace }}-role'}
rules: [{apiGroups: [''], resources: [pods, nodes], verbs: [get]}]\n---
apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p}
spec: {minAvailable: 2, selector: {matchLabels: {app: other}}}\n";

/// The scalars of YAML 1.1, as far as the API server takes them in these places.
const YAML: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  replicas: 0b0
  minReadySeconds: 010
  template:
    metadata: {labels: {app: web}, annotations: {b: !!binary aGVsbG8=, d: '2024-01-01', n: '1_000', y: 'yes'}}
    spec:
      hostNetwork: off
      enableServiceLinks: no
      terminationGracePeriodSeconds: 0x1F
      activeDeadlineSeconds: ~
      volumes: [{name: s, secret: {secretName: x, defaultMode: 0644}}, {name: t, secret: {secretName: x, defaultMode: 0o600}}]
      containers: [{name: app, image: 'r/web:1', command: [a, 1:30, 2024-01-01, 1.2.3], stdin: yes, tty: N, livenessProbe: ~,
        env: [{name: LONG, value: '1E400'}, {name: M, value: \"1,000\"}], resources: {requests: {cpu: +1, memory: 1_000}}}]
";
const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: x}\ndata: {b: eQ==}\n";
const SECRET_2: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: z}\n";
const KINDS: &str = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\nimagePullSecrets: [{name: x}]\n---
apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]\n---
apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cj}\nspec:\n  schedule: '0 0 1 1 *'\n  jobTemplate: {spec: {template: {spec: {restartPolicy: Never,
    containers: [{name: a, image: 'r/a:1', env: [{name: X, value: '1'}]}]}}}}\n---
apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec: {defaultBackend: {service: {name: s, port: {number: 80}}}}\n---
apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: none}, maxReplicas: 3}\n";
const KINDS_2: &str = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\nimagePullSecrets: [{name: q}, {name: x}]\n---
apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n---
apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cj}\nspec:\n  schedule: '0 0 2 1 *'\n  suspend: true\n  jobTemplate: {spec: {template: {spec: {restartPolicy: Never,
    containers: [{name: b, image: 'r/b:1'}, {name: a, image: 'r/a:2'}]}}}}\n---
apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec: {rules: [{host: a.b, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 81}}}}]}}]}\n---
apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: none}, minReplicas: 2, maxReplicas: 5}\n";

pub fn cases() -> Vec<Case> {
    let case = Case::new;
    let anew = || vec![Step::Delete("StatefulSet", "db"), Step::Delete("Job", "once")];
    vec![
        case("P01", "image tag", WEB, WEB_2).on(ALL),
        case("P02", "identical manifests", WEB, WEB).mended(&[Csa, Ssa], Refused("D3", "nothing would change")),
        case("P03", "B adds a ConfigMap", CONFIG, CONFIG_MORE),
        case("P04", "B adds a ConfigMap to keep", CONFIG, KEEP),
        case("P05", "B drops a Service", WITH_SERVICE, CONFIG).on(ALL),
        case("P06", "B adds container, env, volume, port", WEB, MORE).on(ALL),
        case("P06b", "A had container, env, volume, port", MORE, WEB),
        case("P07", "B reorders containers, env, volumes", ORDER, ORDER_2).on(ALL),
        case("P08", "strategy: rolling, B recreates", ROLLING, RECREATE).on(ALL),
        case("P08b", "strategy: recreate, B rolls", RECREATE, ROLLING).on(ALL),
        case("P08c", "strategy: recreate, B as defaulted", RECREATE, WEB)
            .on(ALL)
            .mended(&[Ssa], Refused("D1", "Forbidden: may not be specified when strategy `type` is 'Recreate'")),
        case("P09", "ports 53 of both protocols", DNS, NODE_PORT).on(ALL),
        case("P17", "Service: cluster, B node port", WITH_SERVICE, NODE_PORT).on(ALL),
        case("P17b", "Service: cluster, B load balancer", DNS, BALANCED),
        case("P17c", "Service: load balancer, B cluster", BALANCED, DNS),
        case("P18", "StatefulSet: claims change", CLAIMED, CLAIMED_2)
            .on(ALL)
            .between(vec![Step::Delete("StatefulSet", "db")])
            .mended(ALL, Refused("D1", "updates to statefulset spec for fields other than")),
        case("P19", "StatefulSet and Job: fixed fields", FIXED, FIXED_2)
            .on(&[Csa, Ssa, Mixed])
            .between(anew())
            .mended(ALL, Refused("D1", "updates to statefulset spec for fields other than")),
        case("P20", "Job is gone", JOB, JOB_2).after(vec![Step::Delete("Job", "once")]),
        case("P33", "two namespaces, cluster-wide, List", PLACES, PLACES_2).on(ALL),
        case("P34", "the scalars of YAML 1.1", YAML, WEB).on(ALL),
        case("P34b", "YAML 1.1 unchanged but one", YAML, ORDER),
        case("P39", "a Secret with stringData", SECRET, SECRET_2),
        case("P40", "account, role, cron job, ingress, scaler", KINDS, KINDS_2).on(ALL),
    ]
}
