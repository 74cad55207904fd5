//! P10-P16, P21: what people and other programs did to live objects between upgrade and rollback, custom resources too.
//!
//! Never: a change of a record.

use serde_json::{Value, json};

use crate::case::{ALL, But, Case, Csa, Mixed, Refused, Ssa, Step};
use crate::objects::{CONFIG, CONFIG_2, WEB, WEB_2};

/// Two pods, that can be scaled.
const PAIR: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: 'r/web:1'}]}
";
const PAIR_2: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: 'r/web:2'}]}
";
const FREE: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: 'r/web:2'}]}
";
const WIDGET: &str = "apiVersion: '{{ .Release.Namespace }}.example/v1'\nkind: Widget\nmetadata: {name: w}
spec: {size: 1, colour: red, list: [a, b], inner: {x: 1, y: 2}}\n";
const WIDGET_2: &str = "apiVersion: '{{ .Release.Namespace }}.example/v1'\nkind: Widget\nmetadata: {name: w}
spec: {size: 2, colour: red, list: [b], inner: {x: 1, z: 3}}\n";
const CRD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2'}\n---
apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition
metadata: {name: 'widgets.{{ .Release.Namespace }}.example'}
spec:
  group: '{{ .Release.Namespace }}.example'
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions: [{name: v1, served: true, storage: true,
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]\n";
const TWO: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {k: '1', gone: '1'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n";

const TWINS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata: {a: '1'}\n";
const TWINS_2: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata: {a: '2'}\n";

/// The definition of Widgets, of a group of the side's own.
pub fn definition() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.NS.example"},
        "spec": {
            "group": "NS.example", "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "x-kubernetes-preserve-unknown-fields": true}}}],
        },
    })
}

fn widget() -> Value {
    json!({"apiVersion": "NS.example/v1", "kind": "Widget", "metadata": {"name": "mine"}, "spec": {"size": 7}})
}

/// Custom resources, whose patch knows nothing of what is live, and their definition.
pub fn customs() -> Vec<Case> {
    let case = Case::new;
    let drift = json!({"spec": {"colour": "blue", "own": true}});
    vec![
        case("P15", "custom resource", WIDGET, WIDGET_2).on(ALL).before(vec![Step::Create(definition())]),
        case("P15b", "custom resource, changed by hand", WIDGET, WIDGET_2)
            .on(ALL)
            .before(vec![Step::Create(definition())])
            .after(vec![Step::Edit("Widget", "w", drift)])
            .mended(&[Ssa], Refused("D1", "others manage fields that the target sets: .spec.colour")),
        case("P16", "B adds a definition, objects of it", CONFIG, CRD).after(vec![Step::Create(widget())]),
    ]
}

/// Fields of the chart that somebody else set.
pub fn contested() -> Vec<Case> {
    let case = Case::new;
    let image = json!({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "r/web:hand",
        "env": [{"name": "A", "value": "hand"}, {"name": "B", "value": "2"}],
        "ports": [{"containerPort": 80}, {"containerPort": 53, "protocol": "TCP", "name": "dns"}]}]}}}});
    let data = json!({"data": {"a": "hand"}});
    let edited = || vec![Step::Edit("Deployment", "web", image.clone())];
    vec![
        case("P10", "image and env set by hand", WEB, WEB_2)
            .on(ALL)
            .after(edited())
            .mended(&[Ssa], Refused("D1", "others manage fields that the target sets")),
        case("P10b", "a ConfigMap's value set by hand", CONFIG, CONFIG_2)
            .on(ALL)
            .after(vec![Step::Edit("ConfigMap", "c", data)])
            .mended(&[Ssa], Refused("D1", "others manage fields that the target sets")),
        case("P11", "set by hand, conflicts forced", WEB, WEB_2)
            .on(&[Ssa])
            .after(edited())
            .flags(&["--history-max", "0", "--force-conflicts"])
            .forcing(&["Deployment/web"]),
        case("P11b", "two set by hand, one forced", TWINS, TWINS_2)
            .on(&[Ssa])
            .after(vec![
                Step::Edit("ConfigMap", "c", json!({"data": {"a": "hand"}})),
                Step::Edit("ConfigMap", "d", json!({"data": {"a": "hand"}})),
            ])
            .flags(&["--history-max", "0", "--force-conflicts"])
            .forcing(&["ConfigMap/c"])
            .exact(&[Ssa], But("D12"))
            .mended(&[Ssa], Refused("D12", "ConfigMap")),
    ]
}

pub fn cases() -> Vec<Case> {
    let case = Case::new;
    let beside = json!({"metadata": {"labels": {"by": "hand"}, "annotations": {"by": "hand"}},
        "spec": {"minReadySeconds": 3, "template": {"spec": {"priority": null, "containers": [{"name": "app", "image": "r/web:2",
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "HAND", "value": "1"}],
        "ports": [{"containerPort": 80}, {"containerPort": 53, "protocol": "TCP", "name": "dns"}]}]}}}});
    let own = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "b", "labels": {"by": "hand"}}, "data": {"mine": "1", "k": "1"}});
    let scaled = || vec![Step::Scale("Deployment", "web", 2)];
    vec![
        case("P12", "labels and env beside the chart's", WEB, WEB_2).on(ALL).after(vec![Step::Edit(
            "Deployment",
            "web",
            beside,
        )]),
        case("P13", "scaled by hand", PAIR, PAIR_2)
            .on(ALL)
            .after(scaled())
            .mended(&[Ssa], Refused("D1", "others manage fields that the target sets: .spec.replicas")),
        case("P13b", "scaled by hand, the live count kept", PAIR, PAIR_2)
            .on(ALL)
            .after(scaled())
            .keeping_replicas()
            .told(ALL, But("D11")),
        case("P14", "replicas in A, scaled", PAIR, FREE).on(ALL).after(scaled()),
        case("P14b", "replicas in B, scaled", FREE, PAIR_2).on(ALL).after(scaled()),
        case("P21", "exists, but not in B", TWO, CONFIG_2)
            .on(ALL)
            .after(vec![Step::Create(own.clone())])
            .mended(&[Csa, Mixed], But("D7")),
        case("P21b", "exists by its own manager, conflicting", TWO, CONFIG_2)
            .on(&[Csa, Ssa, Mixed])
            .after(vec![Step::Create(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"},
                "data": {"k": "other"}}))])
            .mended(&[Ssa], Refused("D1", "others manage fields that the target sets: .data.k")),
    ]
}
