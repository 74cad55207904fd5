//! P28-P31, P35: what the records themselves hold, where they are kept, how many, and how they say objects are applied.
//!
//! Never: a live change.

use crate::case::{ALL, BOTH, But, Case, Csa, Mixed, Ssa, Step};
use crate::objects::{CONFIG, CONFIG_2, CONFIG_3, WEB, WEB_2};

const RICH: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {text: 'größer <&> 日本 \\u2028'}}
data: {a: '{{ .Values.a | default \"1\" }}', b: \"<b>&amp;</b>\"}\n";
const RICH_2: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {text: 'kleiner'}}\ndata: {a: '2'}\n";
const NOTES: &str = "Danke für <{{ .Release.Name }}> & alles: 日本\n";

/// So many characters that no compressor halves.
fn noise(length: usize) -> String {
    let step = |x: &mut u64| {
        *x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from_digit(u32::try_from(*x >> 60).unwrap_or(0), 16)
    };
    (0..length).scan(9_u64, |x, _| step(x)).collect()
}

pub fn cases() -> Vec<Case> {
    let case = Case::new;
    let upgrades = || vec![Step::Upgrade(CONFIG, true), Step::Upgrade(CONFIG_2, true), Step::Upgrade(CONFIG, true)];
    vec![
        case("P28", "five revisions, all kept", CONFIG, CONFIG_2)
            .on(ALL)
            .after([upgrades(), vec![Step::Upgrade(CONFIG_2, true)]].concat()),
        case("P28b", "three revisions are to be kept", CONFIG, CONFIG_2)
            .on(BOTH)
            .after([upgrades(), vec![Step::Upgrade(CONFIG_2, true)]].concat())
            .flags(&["--history-max", "3"])
            .told(BOTH, But("D8")),
        case("P29", "labels, notes, values, 900 KiB, ö<&>", RICH, RICH_2)
            .on(ALL)
            .file("templates/NOTES.txt", NOTES.into())
            .file("blob.txt", noise(900 * 1024))
            .born(
                &["--labels", "team=shop,tier=1", "--set", "a=ä<b>&c", "--set", "n=1.50,list={1,zwei}"],
                &["--set", "other=1", "--description", "größer <&>"],
            ),
        case("P30", "converted to server-side apply", WEB, WEB_2)
            .on(&[Mixed])
            .flags(&["--history-max", "0", "--server-side=true"])
            .server_side(),
        case("P31", "A applied server-side, B client-side", WEB, WEB_2).on(&[Ssa]).born(&[], &["--server-side=false"]),
        case("P31b", "A applied client-side, B server-side", WEB, WEB_2)
            .on(&[Ssa])
            .born(&["--server-side=false"], &["--server-side=true"]),
        case("P31c", "A by helm 3, then twice by helm 4", CONFIG, CONFIG_2)
            .on(&[Mixed])
            .after(vec![Step::Upgrade(CONFIG_3, true)]),
        case("P35", "records in ConfigMaps", CONFIG, CONFIG_2).on(&[Csa, Ssa, Mixed]).driver("configmap"),
        case("P35b", "an old record cannot be read", CONFIG, CONFIG_2)
            .on(ALL)
            .after(vec![Step::Upgrade(CONFIG_3, true), Step::Corrupt(2)]),
        case("P35c", "the newest record cannot be read", CONFIG, CONFIG_2)
            .after(vec![Step::Upgrade(CONFIG_3, true), Step::Corrupt(3)]),
        case("P35d", "the target's record cannot be read", CONFIG, CONFIG_2).after(vec![Step::Corrupt(1)]),
    ]
}
