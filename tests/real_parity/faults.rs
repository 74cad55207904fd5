//! P22, P23, P27, P32, P36, P38: refused writes, unfinished records, pods that do not come up, kinds that are gone.
//!
//! Never: a dry run that fails; what can be seen before is P08b's and P18's.

use crate::case::{ALL, BOTH, But, Case, Csa, Mixed, Refused, Ssa, Step};
use crate::hands::definition;
use crate::objects::{CONFIG, CONFIG_2};

const THREE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a-first}\ndata: {a: '1'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b-late}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c-last}\ndata: {a: '1'}\n---
apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
const THREE_2: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a-first}\ndata: {a: '2'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c-last}\ndata: {a: '2'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: doomed}\n---
apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: web}, ports: [{port: 81}]}\n";
const DOOMED: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: doomed}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: too}\n";
/// The server refuses its second object.
const BROKEN: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '3'}\n---
apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 99999}]}\n";
/// Nothing ever schedules its pod.
const STUCK: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {schedulerName: nobody, containers: [{name: app, image: 'r/web:1'}]}
";
const STUCK_2: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {schedulerName: nobody, containers: [{name: app, image: 'r/web:2'}]}
";
const WIDGET: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: '{{ .Release.Namespace }}.example/v1'\nkind: Widget\nmetadata: {name: w}\nspec: {size: 1}\n";

/// Nothing may be created that is called so.
const NO_CREATE: &str = "variables.verb != 'CREATE' || variables.name != 'b-late'";
const NO_DELETE: &str = "variables.verb != 'DELETE' || variables.name != 'doomed'";
const NO_UPDATE: &str = "variables.verb != 'UPDATE' || variables.name != 'c'";
const NO_CLOSE: &str =
    "variables.verb != 'UPDATE' || !variables.name.endsWith('.v3') || object.metadata.labels.status != 'deployed'";

pub fn cases() -> Vec<Case> {
    let case = Case::new;
    let admit = |condition| vec![Step::Admit(condition)];
    vec![
        case("P22", "a creation is refused", THREE, THREE_2).on(ALL).after(admit(NO_CREATE)).mended(ALL, But("D13")),
        case("P22b", "a change is refused", CONFIG, DOOMED).on(ALL).after(admit(NO_UPDATE)),
        case("P23", "a deletion is refused", CONFIG, DOOMED).on(ALL).after(admit(NO_DELETE)).mended(&[Csa], But("D9")),
        case("P27", "the newest failed", CONFIG, CONFIG_2).on(ALL).after(vec![Step::Upgrade(BROKEN, false)]),
        case("P27b", "the newest failed, and so does this", CONFIG, CONFIG_2)
            .on(ALL)
            .after(vec![Step::Upgrade(BROKEN, false), Step::Admit(NO_UPDATE)])
            .mended(ALL, But("D6")),
        case("P27c", "an upgrade is pending now", CONFIG, CONFIG_2)
            .on(ALL)
            .after(vec![Step::Seed("pending-upgrade", -1)])
            .mended(ALL, Refused("D4", "somebody's helm may still run")),
        case("P27d", "an upgrade is pending for hours", CONFIG, CONFIG_2)
            .on(ALL)
            .after(vec![Step::Seed("pending-upgrade", 5)]),
        case("P27e", "uninstalled, history kept", CONFIG, CONFIG_2)
            .on(BOTH)
            .after(vec![Step::Helm(&["uninstall", "par", "--keep-history"], true)]),
        case("P32", "pods do not come up in time", STUCK, STUCK_2)
            .on(ALL)
            .flags(&["--history-max", "0", "--wait", "--timeout", "3s"])
            .waiting()
            .exact(&[Ssa, Mixed], But("D5"))
            .mended(ALL, But("D5")),
        case("P36", "the last record is refused", CONFIG, CONFIG_2).on(ALL).after(admit(NO_CLOSE)),
        case("P38", "a kind of A is gone", WIDGET, CONFIG_2)
            .on(&[Csa, Ssa, Mixed])
            .before(vec![Step::Create(definition())])
            .after(vec![Step::Delete("CustomResourceDefinition", "widgets.NS.example")])
            .told(ALL, Refused("D1", "does not serve Widget")),
    ]
}
