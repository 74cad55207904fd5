//! Every mistake in a drill file is named by file and line or key.

use backout::sim::{Drill, drill};

const PLAN: &str = include_str!("../assets/drills/plan.toml");

#[test]
fn the_plan_reads_as_it_is_written() {
    let drill = Drill::parse("plan", "plan.toml", PLAN).unwrap();
    assert_eq!((drill.revisions.len(), drill.rules.len(), drill.troubles.len()), (3, 2, 0));
    assert_eq!(drill.revisions[2].versions["cart-service"], "2.3.1");
    assert_eq!(drill.head_start(), std::time::Duration::from_mins(6));
}

#[test]
fn a_mistake_is_named_by_its_place() {
    let cases = [
        ("seed = 158", "sed = 158", "plan.toml:5: unknown field `sed`"),
        ("seed = 158\n", "", "missing field `seed`"),
        ("seed = 158", "seed = ", "plan.toml:5: "),
        ("status = \"deployed\"", "status = \"done\"", "unknown variant `done`"),
        ("number = 3", "number = 2", "plan.toml: revision[3]: number and at must rise"),
        (
            "\nat = \"2025-12-01T04:30:00Z\"",
            "\nat = \"2025-12-01T05:30:00Z\"",
            "plan.toml: revision.at: revision 3 is after",
        ),
        ("versions = { all = \"2.3.0\" }", "versions = {}", "plan.toml: revision[1].versions: every service needs"),
        (
            "order-service = \"2.4.0\" }",
            "orders = \"2.4.0\" }",
            "there is no service orders; the shop has api-gateway,",
        ),
        ("revision = 2", "revision = 7", "plan.toml: solution.revision: there is no revision 7"),
        ("revision = 2\n", "", "plan.toml: solution.revision: is missing"),
        ("by = \"rollback\"", "by = \"wait\"", "plan.toml: solution.revision: means nothing"),
        ("incident-at = \"2025-12-01T04:30", "incident-at = \"2025-12-01T04:50", "plan.toml: start: is before"),
        ("errors = 0.15", "errors = 15.0", "plan.toml: behaviour[1].errors: 15 is no ratio; write 0.18 for 18 %"),
        ("tag = \"2.4.0\"\nerrors = 0.15", "errors = 0.15", "plan.toml: behaviour[1]: fits everything"),
        (
            "errors = 0.15",
            "never-ready = true\ncrash-after = 3",
            "plan.toml: behaviour[1]: write one of no-such-image, never-ready, crash-after",
        ),
    ];
    for (from, to, wanted) in cases {
        assert!(PLAN.contains(from), "{from}");
        let error = Drill::parse("plan", "plan.toml", &PLAN.replacen(from, to, 1)).unwrap_err().0;
        assert!(error.contains(wanted), "{to:?}: {error}");
    }
}

#[test]
fn a_fault_needs_what_its_kind_needs() {
    let from = "from = \"2025-12-01T04:33:00Z\"";
    let cases = [
        ("kind = \"slow-api\"", "plan.toml: fault[1].seconds: is missing"),
        ("kind = \"forbidden\"", "plan.toml: fault[1].verb: is missing"),
        ("kind = \"forbidden\"\nverb = \"list\"", "plan.toml: fault[1].resource: is missing"),
        ("kind = \"conflict\"", "plan.toml: fault[1].object: is missing"),
        ("kind = \"latency\"\nseconds = 1", "plan.toml: fault[1].services: is missing"),
        ("kind = \"slow-api\"\nseconds = -1", "plan.toml: fault[1].seconds: -1 is no length in seconds"),
        ("kind = \"api-down\"\nuntil = \"2025-12-01T04:33:00Z\"", "plan.toml: fault[1].until: is not after from"),
    ];
    for (text, wanted) in cases {
        let toml = format!("{PLAN}\n[[fault]]\n{from}\n{text}\n");
        let error = Drill::parse("plan", "plan.toml", &toml).unwrap_err().0;
        assert!(error.contains(wanted), "{text:?}: {error}");
    }
}

#[test]
fn a_drill_that_does_not_exist_is_answered_with_those_that_do() {
    let error = drill("nope").unwrap_err().0;
    assert!(error.starts_with("There is no drill nope. There are: plan, crash-loop,"), "{error}");
}
