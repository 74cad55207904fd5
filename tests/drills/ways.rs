//! How traffic gets to the pods: each of the four sources seen well, unwell and dark, and none darkens another.

use backout::domain::board::{Criterion, Standing};
use backout::domain::evidence::{Sensor, Verdict};
use backout::domain::fact::{Fact, Source};
use backout::domain::fault::Fault;
use backout::domain::name::{Namespace, Service};
use backout::domain::ways::{Budget, Endpoints, Entrance, Node, NodeState, Way};
use backout::helm::api::{Answer, Call, Gvk, Mode, ObjectRef, PatchKind, Resource, Verb};
use backout::model::dialog::{Behind, Dialog};
use backout::model::{FrameNo, Keys, Opened};
use backout::msg::Msg;
use backout::sim::{Trouble, What, drill};
use backout::update::update;

use super::bench::Bench;
use super::detection::declared;
use super::rehearsal::Rehearsal;
use super::solve::{declare, evidence};

const NODE: &str = "aks-pool1-vmss000000";

/// A minute into an incident in which all is well, told these facts.
fn told(facts: Vec<Fact>) -> Bench {
    let mut bench = Bench::new();
    bench.until(30);
    declared(&mut bench);
    bench.until(60);
    for fact in facts {
        update(&mut bench.model, Msg::Fact(fact));
    }
    bench
}

/// All Services with two ready endpoints, and this one with so many of two.
fn endpoints(bench: &Bench, service: &str, ready: u32) -> Fact {
    let all = bench.model.feeds.endpoints.known().unwrap().iter();
    let of = |e: &Endpoints| Endpoints {
        service: e.service.clone(),
        ready: if e.service.as_str() == service { ready } else { 2 },
        all: 2,
    };
    let stranger = Endpoints { service: Service::new("nobody-of-ours"), ready: 0, all: 0 };
    Fact::Endpoints(all.map(of).chain([stranger]).collect())
}

fn entrance(name: &str, addresses: &[&str]) -> Fact {
    Fact::Ingresses(vec![Entrance {
        name: name.into(),
        hosts: vec!["shop.example".into()],
        addresses: addresses.iter().map(|a| (*a).to_owned()).collect(),
    }])
}

fn budgets(bench: &Bench, healthy: u32) -> Fact {
    let all = bench.model.feeds.budgets.known().unwrap().iter();
    Fact::Budgets(all.map(|b| Budget { healthy, needed: 1, spare: 0, ..b.clone() }).collect())
}

fn node(name: &str, state: NodeState, pressures: &[&str]) -> Fact {
    let pressures = pressures.iter().map(|p| (*p).to_owned()).collect();
    let well = Node { name: "well".into(), state: NodeState::Ready, pressures: vec![], cordoned: false };
    Fact::Nodes(vec![well, Node { name: name.into(), state, pressures, cordoned: false }])
}

fn forbidden(source: Source, resource: &str) -> Fact {
    Fact::Failing(source, Fault::Forbidden { verb: "list".into(), resource: resource.into() })
}

fn behind(bench: &mut Bench) -> String {
    let dialog = Dialog::Behind { value: Behind::Health, scroll: 0 };
    bench.model.dialog = Some(Opened { dialog, from: FrameNo(0), keys: Keys::Hidden });
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(120, 90)).unwrap();
    terminal
        .draw(|frame| {
            backout::ui::view(&bench.model, frame);
        })
        .unwrap();
    terminal.backend().to_string()
}

#[test]
fn each_way_is_met_not_met_or_unknown_and_says_why() {
    let well = Bench::new();
    let (met, not, unknown) = (Verdict::Met, Verdict::NotMet, Verdict::Unknown);
    let dead = || node(NODE, NodeState::NotReady("KubeletStopped".into()), &[]);
    let cases = [
        (Way::Endpoints, vec![endpoints(&well, "", 2)], met, "10 of 10 Services have ready endpoints"),
        (Way::Endpoints, vec![endpoints(&well, "order-service", 1)], met, "10 of 10 Services have ready endpoints"),
        (Way::Endpoints, vec![endpoints(&well, "order-service", 0)], not, "order-service: 0 of 2 endpoints ready"),
        (
            Way::Endpoints,
            vec![Fact::Endpoints(vec![])],
            unknown,
            "0 of 10 Services have ready endpoints, api-gateway has no EndpointSlice",
        ),
        (
            Way::Endpoints,
            vec![forbidden(Source::Endpoints, "endpointslices")],
            unknown,
            "endpoints: forbidden, 0 s old",
        ),
        (Way::Ingresses, vec![entrance("shop", &["20.1.2.3"])], met, "1 of 1 has an address, shop at 20.1.2.3"),
        (Way::Ingresses, vec![entrance("shop", &[])], not, "ingress shop has no address"),
        (Way::Ingresses, vec![entrance("other", &["20.1.2.3"])], not, "ingress shop is not in the cluster"),
        (Way::Ingresses, vec![forbidden(Source::Ingresses, "ingresses")], unknown, "ingresses: forbidden, 0 s old"),
        (Way::Budgets, vec![budgets(&well, 1)], met, "5 of 5 disruption budgets kept"),
        (Way::Budgets, vec![budgets(&well, 0)], not, "disruption budget api-gateway: 0 of 1 needed pods healthy"),
        (Way::Budgets, vec![Fact::Budgets(vec![])], not, "disruption budget api-gateway is not in the cluster"),
        (Way::Budgets, vec![forbidden(Source::Budgets, "x")], unknown, "disruption budgets: forbidden, 0 s old"),
        (Way::Nodes, vec![node(NODE, NodeState::Ready, &[])], met, "2 of 2 nodes ready, none under pressure"),
        (
            Way::Nodes,
            vec![node(NODE, NodeState::Ready, &["DiskPressure"])],
            not,
            "node aks-pool1-vmss000000 has DiskPressure, 4 pods on it",
        ),
        (Way::Nodes, vec![dead()], not, "node aks-pool1-vmss000000 is not ready (KubeletStopped), 4 pods on it"),
        (
            Way::Nodes,
            vec![node("empty", NodeState::Silent, &[])],
            met,
            "1 of 2 nodes ready; node empty has not been heard of, without a pod of ours",
        ),
        (Way::Nodes, vec![Fact::Nodes(vec![])], unknown, "no node is seen"),
        (Way::Nodes, vec![forbidden(Source::Nodes, "nodes")], unknown, "nodes: forbidden, 0 s old"),
        (
            Way::Nodes,
            vec![dead(), forbidden(Source::Pods, "pods")],
            unknown,
            "1 of 2 nodes ready, node aks-pool1-vmss000000 is not ready (KubeletStopped) and its pods are not known",
        ),
    ];
    for (way, facts, verdict, value) in cases {
        let bench = told(facts);
        let seen = &bench.model.ways[&way];
        assert_eq!((seen.verdict, seen.value.as_str()), (verdict, value), "{way:?}");
        let others = Way::ALL.into_iter().filter(|w| *w != way).map(|w| bench.model.ways[&w].verdict);
        assert_eq!(others.collect::<Vec<_>>(), [met; 3], "{way:?} darkens another");
    }
}

#[test]
fn a_way_that_is_cut_is_no_health_and_a_node_that_fell_no_ready_pods_whatever_they_say_of_themselves() {
    let well = Bench::new();
    let up = "10/10 UP, slowest 30 ms (";
    let cases = [
        (vec![endpoints(&well, "", 2)], Verdict::Met, up.to_owned()),
        (
            vec![endpoints(&well, "order-service", 0)],
            Verdict::NotMet,
            format!("order-service: 0 of 2 endpoints ready; {up}"),
        ),
        (vec![entrance("shop", &[])], Verdict::NotMet, format!("ingress shop has no address; {up}")),
        // What is dark says nothing, neither good nor bad; it is told where one looks closely.
        (
            vec![endpoints(&well, "order-service", 0), forbidden(Source::Endpoints, "endpointslices")],
            Verdict::Met,
            up.to_owned(),
        ),
        (vec![budgets(&well, 0)], Verdict::Met, up.to_owned()),
    ];
    for (facts, verdict, value) in cases {
        let bench = told(facts);
        let row = &bench.model.board.rows[&Criterion::Health];
        assert_eq!((row.standing, bench.verdict(Sensor::HealthUp)), (Standing::Sensed(verdict), verdict), "{value}");
        assert!(row.value.starts_with(&value), "{}", row.value);
    }
    let pods = |facts| told(facts).verdict(Sensor::PodsReady);
    assert_eq!(pods(vec![node(NODE, NodeState::Ready, &["DiskPressure"])]), Verdict::Met);
    assert_eq!(pods(vec![node(NODE, NodeState::Silent, &[])]), Verdict::NotMet);
    assert_eq!(
        pods(vec![node(NODE, NodeState::Silent, &[]), forbidden(Source::Nodes, "nodes")]),
        Verdict::Met,
        "what may not be read is no news"
    );
}

#[test]
fn a_service_that_is_known_to_lead_nowhere_is_bad_though_nobody_can_say_how_the_others_are() {
    let mut bench = told(vec![]);
    bench.health = |_, _| None;
    bench.until(90);
    assert_eq!(bench.verdict(Sensor::HealthUp), Verdict::Unknown);
    let fact = endpoints(&bench, "order-service", 0);
    update(&mut bench.model, Msg::Fact(fact));
    assert_eq!(bench.verdict(Sensor::HealthUp), Verdict::NotMet);
    let screen = behind(&mut bench);
    let place = |words: &str| screen.find(words).unwrap_or_else(|| panic!("{words}\n{screen}"));
    assert!(
        place("✖ order-service: 0 of 2 endpoints ready") < place("Each is asked itself"),
        "what is cut comes first"
    );
}

#[test]
fn each_source_that_is_forbidden_is_dark_alone_with_verb_and_resource_in_words() {
    let sources = [
        (Source::Endpoints, "endpointslices in namespace prod"),
        (Source::Ingresses, "ingresses in namespace prod"),
        (Source::Budgets, "poddisruptionbudgets in namespace prod"),
        (Source::Nodes, "nodes"),
    ];
    for (source, resource) in sources {
        let mut model = Bench::new();
        let fresh = backout::model::Model::new(model.model.settings.clone(), model.model.now, (80, 24));
        model.model = fresh;
        update(&mut model.model, Msg::Fact(forbidden(source, resource)));
        let screen = behind(&mut model);
        assert_eq!(screen.matches("Forbidden: you may not list").count(), 1, "{screen}");
        assert!(screen.contains(&format!("Forbidden: you may not list {resource}")), "{screen}");
    }
}

#[test]
fn behind_the_health_each_way_tells_what_it_is_made_of() {
    let mut bench = told(vec![]);
    let screen = behind(&mut bench);
    let from = screen.find("Behind each Service").expect("the ways are told");
    let to = screen.find("ready without pressure").expect("to their end");
    let shown: Vec<&str> = screen[from..to].lines().map(|l| l.trim_matches(['"', '┃']).trim_end()).collect();
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("drills__ways", shown.join("\n"));
    });
}

/// What happens between the first and the second minute of a drill.
fn with_trouble(what: What) -> Rehearsal {
    let mut played = drill("plan").unwrap();
    let after = |seconds| played.start + chrono::Duration::seconds(seconds);
    played.troubles.push(Trouble { from: after(60), until: Some(after(120)), what });
    let mut rehearsal = Rehearsal::open_on(&played, |_| {}, (80, 24));
    declare(&mut rehearsal);
    rehearsal
}

#[test]
fn in_the_drill_a_node_that_fails_shows_and_stands_again() {
    let mut rehearsal = with_trouble(What::Node { name: NODE.into(), condition: "NotReady".into() });
    let ready = |r: &Rehearsal| evidence(&r.session.model, 7).value.clone();
    assert_eq!(ready(&rehearsal), "before the rollback, 15/15 ready");
    rehearsal.wait(65);
    let seen = ready(&rehearsal);
    assert!(seen.starts_with("15/15 ready, but node aks-pool1-vmss000000 is not ready (KubeletNotReady), "), "{seen}");
    rehearsal.wait(70);
    assert_eq!(ready(&rehearsal), "before the rollback, 15/15 ready");
}

#[test]
fn in_the_drill_each_way_is_met_not_met_and_unknown_and_met_again() {
    let denied = |resource: &str| What::Forbidden { verb: "*".into(), resource: resource.into() };
    let address = || What::NoAddress { ingress: "shop".into() };
    let pressure = || What::Node { name: NODE.into(), condition: "MemoryPressure".into() };
    let cases = [
        (Way::Ingresses, address(), Verdict::NotMet),
        (Way::Nodes, pressure(), Verdict::NotMet),
        (Way::Endpoints, denied("endpointslices"), Verdict::Unknown),
        (Way::Ingresses, denied("ingresses"), Verdict::Unknown),
        (Way::Budgets, denied("poddisruptionbudgets"), Verdict::Unknown),
        (Way::Nodes, denied("nodes"), Verdict::Unknown),
    ];
    for (way, what, verdict) in cases {
        let mut rehearsal = with_trouble(what.clone());
        let ways = |r: &Rehearsal| r.session.model.ways.values().map(|e| e.verdict).collect::<Vec<_>>();
        assert_eq!(ways(&rehearsal), [Verdict::Met; 4], "{what:?}");
        rehearsal.wait(65);
        let told = rehearsal.session.model.ways[&way].clone();
        assert_eq!(told.verdict, verdict, "{what:?}: {}", told.value);
        assert_eq!(ways(&rehearsal).iter().filter(|v| **v == Verdict::Met).count(), 3, "{what:?}");
        rehearsal.wait(70);
        assert_eq!(ways(&rehearsal), [Verdict::Met; 4], "{what:?}");
    }
}

#[test]
fn in_the_drill_a_service_without_pods_is_cut_off_and_its_budget_overdrawn() {
    let mut rehearsal = Rehearsal::open("innocent-release");
    declare(&mut rehearsal);
    let gvk = Gvk::new("apps/v1", "Deployment");
    let resource = Resource { gvk, plural: "deployments".into(), namespaced: true };
    let target = ObjectRef { resource, namespace: Some(Namespace::new("prod")), name: "order-service".into() };
    let verb = Verb::Patch(PatchKind::Merge, serde_json::json!({"spec": {"replicas": 0}}));
    let call = Call::Object { target, verb, mode: Mode::Commit };
    let answer = futures::executor::block_on(rehearsal.handle.world().cluster.call(call));
    assert!(matches!(answer, Answer::Object(_)), "{answer:?}");
    rehearsal.wait(60);
    let told = |way| rehearsal.session.model.ways[&way].clone();
    let (endpoints, budgets) = (told(Way::Endpoints), told(Way::Budgets));
    assert_eq!(
        (endpoints.verdict, endpoints.value.as_str()),
        (Verdict::NotMet, "order-service: 0 of 0 endpoints ready")
    );
    assert_eq!(
        (budgets.verdict, budgets.value.as_str()),
        (Verdict::NotMet, "disruption budget order-service: 0 of 1 needed pods healthy")
    );
}
