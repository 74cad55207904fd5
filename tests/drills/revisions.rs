//! A closer look at a revision: what going to it would change, and what the current one brought.

use backout::model::dialog::Dialog;

use super::rehearsal::Rehearsal;

/// The lines on show.
fn lines(drill: &Rehearsal) -> Vec<String> {
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Revision { lines: Some(Ok(lines)), .. }) => lines.clone(),
        other => panic!("no revision is on show: {other:?}"),
    }
}

/// The changed ones.
fn changed(drill: &Rehearsal) -> Vec<String> {
    lines(drill)
        .into_iter()
        .filter(|l| l.starts_with(['-', '+']))
        .map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn of_a_wrong_line_of_configuration_the_detail_of_the_revision_before_shows_the_right_one() {
    let mut drill = Rehearsal::open("wrong-config");
    drill.keys("5<Down><Down><Enter>");
    let changed = changed(&drill);
    assert!(changed.contains(&"- PAYMENT_PROVIDER_URL: https://sandbox.pay.example".to_owned()), "{changed:#?}");
    assert!(changed.contains(&"+ PAYMENT_PROVIDER_URL: https://api.pay.example".to_owned()), "{changed:#?}");
    assert!(lines(&drill).contains(&"  --- ConfigMap payment-service-config".to_owned()), "{:#?}", lines(&drill));
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("drills__revision_detail", drill.screen());
    });
}

#[test]
fn the_current_revision_is_shown_against_the_one_before_it() {
    let mut drill = Rehearsal::open("wrong-config");
    drill.keys("5<Down><Enter>");
    let changed = changed(&drill);
    assert!(changed.contains(&"+ PAYMENT_PROVIDER_URL: https://sandbox.pay.example".to_owned()), "{changed:#?}");
    assert!(lines(&drill).contains(&"  values, from revision 2 to 3".to_owned()));
    assert!(drill.screen().contains("Revision 3, current (+) against the one before it (-)"), "{}", drill.screen());
}

#[test]
fn a_failed_upgrade_is_not_taken_for_what_is_current() {
    let mut drill = Rehearsal::open("crash-loop");
    drill.keys("5<Down><Enter>");
    assert!(lines(&drill).contains(&"  values, from revision 2 to 3".to_owned()), "{:#?}", lines(&drill));
    drill.keys("<Esc><Down><Down><Enter>");
    assert!(lines(&drill).contains(&"  values, from revision 2 to 1".to_owned()), "{:#?}", lines(&drill));
}
