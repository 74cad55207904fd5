//! A drill told in screens: every decisive moment at two sizes, then the timeline. A change here is a change that
//! somebody reads at three in the morning: look at each new snapshot before accepting it.

use super::rehearsal::Rehearsal;

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// A rehearsal whose decisive moments are kept.
pub struct Story {
    name: String,
    pub drill: Rehearsal,
    told: [String; 2],
}

impl Story {
    /// Opens it on that drill; the first moment is what the person sees who was just paged.
    pub fn open(name: &str) -> Self {
        let mut story = Self { name: name.into(), drill: Rehearsal::open(name), told: Default::default() };
        story.moment("paged");
        story
    }

    /// The same drill, told under another name.
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// Keeps what is on screen now.
    pub fn moment(&mut self, what: &str) {
        for (told, (columns, rows)) in self.told.iter_mut().zip(SIZES) {
            let screen: Vec<String> =
                self.drill.screen_at(columns, rows).lines().map(|l| l.trim_matches('"').trim_end().into()).collect();
            told.extend(["===== ", what, "\n", screen.join("\n").trim_end(), "\n"]);
        }
    }

    /// Holds the screens and the timeline to what was accepted.
    pub fn end(self) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            for (told, (columns, rows)) in self.told.iter().zip(SIZES) {
                insta::assert_snapshot!(format!("drills__{}@{columns}x{rows}", self.name), told);
            }
            insta::assert_snapshot!(format!("drills__{}_timeline", self.name), self.drill.timeline());
        });
    }
}
