//! The runbook: two languages of one structure, the plan's minutes, mistakes in a team's own file, the page for paper.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use backout::config::language::Language;
use backout::config::runbook::{Filled, built_in, built_in_text, check, page};
use backout::domain::evidence::Sensor;
use backout::domain::name::{Context, Namespace, ReleaseName, Revision, StepNo};
use backout::domain::runbook::{Block, Mode, Offer, Runbook};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

fn both() -> [Runbook; 2] {
    [Language::English, Language::Spanish].map(|language| built_in(language).unwrap_or_else(|m| panic!("{m}")))
}

/// Everything of a runbook that is not words.
type Bones = Vec<(Mode, Vec<(StepNo, Option<Sensor>, Option<Offer>, Duration, bool, Vec<String>)>)>;

fn bones(runbook: &Runbook) -> Bones {
    let open = |line: &str| {
        let mut depth = false;
        let kept = line.chars().filter(|c| match c {
            '<' => !std::mem::replace(&mut depth, true),
            '>' => std::mem::replace(&mut depth, false),
            _ => !depth,
        });
        kept.collect::<String>().replace("} en {", "} in {")
    };
    let steps = |b: &Block| {
        b.steps
            .iter()
            .map(|s| (s.no, s.sensor, s.offer, s.time_box, s.warns.is_empty(), s.commands.lines().map(open).collect()))
            .collect()
    };
    runbook.blocks.iter().map(|b| (b.mode, steps(b))).collect()
}

#[test]
fn both_languages_have_one_structure() {
    let [english, spanish] = both();
    assert_eq!(bones(&english), bones(&spanish));
    assert_eq!((english.language.as_str(), spanish.language.as_str()), ("en", "es"));
}

#[test]
fn the_fifteen_steps_stand_in_four_blocks_with_their_sensors() {
    use Sensor::{
        Declared, ErrorsLow, HealthUp, PodsReady, RolledBack, RolloutsDone, SeverityChosen, Stable, TargetChosen,
        TestsPass,
    };
    let wanted = [
        (Mode::ReadDo, vec![(1, Some(Declared)), (2, Some(SeverityChosen)), (3, None)]),
        (Mode::ReadDo, vec![(4, Some(TargetChosen)), (5, Some(RolledBack)), (6, Some(RolloutsDone))]),
        (
            Mode::DoConfirm,
            vec![
                (7, Some(PodsReady)),
                (8, Some(HealthUp)),
                (9, Some(ErrorsLow)),
                (10, Some(TestsPass)),
                (11, Some(Stable)),
            ],
        ),
        (Mode::DoConfirm, vec![(12, None), (13, None), (14, None), (15, None)]),
    ];
    for runbook in both() {
        let steps = |b: &Block| b.steps.iter().map(|s| (s.no.0, s.sensor)).collect::<Vec<_>>();
        let found: Vec<_> = runbook.blocks.iter().map(|b| (b.mode, steps(b))).collect();
        assert_eq!(found, wanted);
    }
}

#[test]
fn the_time_boxes_add_up_to_the_plans_minutes() {
    for runbook in both() {
        let until = |no: u8| runbook.steps().filter(|s| s.no.0 <= no).map(|s| s.time_box).sum::<Duration>().as_secs();
        assert_eq!([3, 4, 6, 10, 15].map(until), [2, 5, 8, 12, 60].map(|minutes| minutes * 60));
    }
}

#[test]
fn no_built_in_command_leaves_cluster_or_namespace_to_chance() {
    for runbook in both() {
        for line in runbook.steps().flat_map(|s| s.commands.lines()) {
            for part in line.split(" | ") {
                let named = match part.split(' ').next() {
                    Some("helm") => part.contains("--kube-context {context} -n {namespace}"),
                    Some("kubectl") => part.contains("--context {context}") && part.contains("{namespace}"),
                    _ => true,
                };
                assert!(named, "{part}");
            }
        }
    }
}

#[test]
fn every_mistake_of_a_runbook_is_told_with_place_and_cure() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config/runbook");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut out = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let mistakes =
            check(&fs::read_to_string(&file).unwrap(), &name).err().unwrap_or_else(|| panic!("{name}: none"));
        writeln!(out, "{mistakes}\n").unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_sixteenth_step_is_refused() {
    let step = "\n[[block.step]]\nno = 16\ntitle = \"One more\"\ninstruction = \"More.\"\ntime_box = \"1m\"\n";
    let mistakes = check(&(built_in_text(Language::English).to_owned() + step), "team.toml").unwrap_err();
    let told: Vec<String> = mistakes.iter().map(|m| format!("{} {}: {}", m.key, m.sentence, m.cure)).collect();
    assert_eq!(told, ["block[4].step[5].no block[4].step[5].no is 16: the checklist has at most 15 steps: join two"]);
}

fn filled() -> Filled {
    Filled {
        release: Some(ReleaseName::new("ecommerce-app")),
        namespace: Some(Namespace::new("prod")),
        context: Some(Context::new("aks-prod-eu")),
        target: Some(Revision(2)),
        prometheus: Some("https://prometheus.example".into()),
    }
}

#[test]
fn the_page_for_paper_in_english_filled_in() {
    insta::assert_snapshot!(page(&both()[0], &filled()));
}

#[test]
fn the_page_for_paper_in_spanish_to_be_filled_in_by_hand() {
    insta::assert_snapshot!(page(&both()[1], &Filled::default()));
}

/// The page's lines that break its promise.
fn broken_lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.width() > 80 || line.chars().any(|c| c as u32 > 0xff || c.is_control())).collect()
}

#[test]
fn the_page_fits_80_columns_and_a_plain_printer() {
    let nothing: [&str; 0] = [];
    for runbook in both() {
        for filled in [filled(), Filled::default()] {
            let text = page(&runbook, &filled);
            assert_eq!(broken_lines(&text), nothing);
            assert!(!text.contains('?'), "a sign was lost");
        }
    }
}

#[test]
fn a_folded_command_is_still_one_command_to_a_shell() {
    for runbook in both() {
        let text = page(&runbook, &filled());
        let unfolded = text.replace(" \\\n", " ").replace("\\\n", "").split_whitespace().collect::<Vec<_>>().join(" ");
        for command in runbook.steps().flat_map(|s| s.commands.lines()) {
            assert!(unfolded.contains(&filled().fill(command)), "{command}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_a_team_writes_the_page_is_plain(
        title in "\\PC{1,10}", instruction in "\\PC{1,200}", warns in "\\PC{0,200}", command in "\\PC{0,120}",
        context in "[a-z:/_'-]{0,120}",
    ) {
        let mut runbook = both()[0].clone();
        for step in runbook.blocks.iter_mut().flat_map(|b| b.steps.iter_mut()) {
            step.title.clone_from(&title);
            step.instruction.clone_from(&instruction);
            step.warns.clone_from(&warns);
            step.commands = command.clone() + " --context {context}";
        }
        let filled = Filled { context: Some(Context::new(&context)), ..Filled::default() };
        let text = page(&runbook, &filled);
        prop_assert!(!text.chars().any(|c| c as u32 > 0xff || (c.is_control() && c != '\n')));
    }

    #[test]
    fn no_file_makes_the_reader_panic(text in "\\PC*") {
        let _ = check(&text, "runbook.toml");
    }
}
