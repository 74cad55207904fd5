//! Each role can be read on the background it is for, in the palettes that terminals come with.

use backout::model::settings::Palette;
use backout::ui::theme::{Role, Theme};
use ratatui::style::{Color, Modifier, Style};

use crate::{draw, everything};

/// A terminal as it comes: its letters, its background, its sixteen colours, each as hexadecimal red, green, blue.
struct Terminal {
    name: &'static str,
    letters: &'static str,
    ground: &'static str,
    palette: &'static str,
}

const LIGHT: [Terminal; 7] = [
    Terminal {
        name: "xterm",
        letters: "000000",
        ground: "ffffff",
        palette: "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
    },
    Terminal {
        name: "Terminal.app Basic",
        letters: "000000",
        ground: "ffffff",
        palette: "000000 990000 00a600 999900 0000b2 b200b2 00a6b2 bfbfbf 666666 e50000 00d900 e5e500 0000ff e500e5 00e5e5 e5e5e5",
    },
    Terminal {
        name: "GNOME",
        letters: "171421",
        ground: "ffffff",
        palette: "171421 c01c28 26a269 a2734c 12488b a347ba 2aa1b3 d0cfcc 5e5c64 f66151 33da7a e9ad0c 2a7bde c061cb 33c7de ffffff",
    },
    Terminal {
        name: "Tango",
        letters: "2e3436",
        ground: "eeeeec",
        palette: "2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec",
    },
    Terminal {
        name: "One Half Light",
        letters: "383a42",
        ground: "fafafa",
        palette: "383a42 e45649 50a14f c18301 0184bc a626a4 0997b3 fafafa 4f525d df6c75 98c379 e4c07a 61afef c577dd 56b5c1 ffffff",
    },
    Terminal {
        name: "VS Code Light",
        letters: "333333",
        ground: "ffffff",
        palette: "000000 cd3131 107c10 949800 0451a5 bc05bc 0598bc 555555 666666 cd3131 14ce14 b5ba00 0451a5 bc05bc 0598bc a5a5a5",
    },
    Terminal {
        name: "Solarized Light",
        letters: "657b83",
        ground: "fdf6e3",
        palette: "073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3",
    },
];

const DARK: [Terminal; 5] = [
    Terminal {
        name: "xterm",
        letters: "e5e5e5",
        ground: "000000",
        palette: "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
    },
    Terminal {
        name: "GNOME",
        letters: "d0cfcc",
        ground: "171421",
        palette: "171421 c01c28 26a269 a2734c 12488b a347ba 2aa1b3 d0cfcc 5e5c64 f66151 33da7a e9ad0c 2a7bde c061cb 33c7de ffffff",
    },
    Terminal {
        name: "Campbell",
        letters: "cccccc",
        ground: "0c0c0c",
        palette: "0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2",
    },
    Terminal {
        name: "VS Code Dark",
        letters: "cccccc",
        ground: "1e1e1e",
        palette: "000000 cd3131 0dbc79 e5e510 2472c8 bc3fbc 11a8cd e5e5e5 666666 f14c4c 23d18b f5f543 3b8eea d670d6 29b8db e5e5e5",
    },
    Terminal {
        name: "Solarized Dark",
        letters: "839496",
        ground: "002b36",
        palette: "073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3",
    },
];

fn number(hex: &str) -> u32 {
    u32::from_str_radix(hex, 16).unwrap()
}

/// As WCAG 2 has it: 1 is nothing to be seen, 3 is the least for what is large, bold or a sign, 21 is black on white.
fn contrast(one: u32, other: u32) -> f64 {
    let luminance = |colour: u32| {
        let part = |shift: u32| {
            let c = f64::from((colour >> shift) & 0xff) / 255.0;
            if c <= 0.039_28 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Halfway to the background, as terminals draw what is dim.
fn halfway(letters: u32, ground: u32) -> u32 {
    let part = |shift: u32| u32::midpoint((letters >> shift) & 0xff, (ground >> shift) & 0xff) << shift;
    part(16) | part(8) | part(0)
}

impl Terminal {
    fn colour(&self, colour: Option<Color>, usual: u32) -> u32 {
        const ORDER: [Color; 16] = [
            Color::Black,
            Color::Red,
            Color::Green,
            Color::Yellow,
            Color::Blue,
            Color::Magenta,
            Color::Cyan,
            Color::Gray,
            Color::DarkGray,
            Color::LightRed,
            Color::LightGreen,
            Color::LightYellow,
            Color::LightBlue,
            Color::LightMagenta,
            Color::LightCyan,
            Color::White,
        ];
        match colour {
            None | Some(Color::Reset) => usual,
            Some(named) => {
                let place = ORDER.iter().position(|c| *c == named).unwrap();
                number(self.palette.split(' ').nth(place).unwrap())
            }
        }
    }

    /// How well a role is read here.
    fn read(&self, palette: Palette, role: Role) -> f64 {
        self.seen(Theme::new(palette).style(role))
    }

    fn seen(&self, style: Style) -> f64 {
        let (letters, ground) =
            (self.colour(style.fg, number(self.letters)), self.colour(style.bg, number(self.ground)));
        let dim = style.add_modifier.contains(Modifier::DIM);
        contrast(if dim { halfway(letters, ground) } else { letters }, ground)
    }
}

#[test]
fn every_role_can_be_read_on_its_background_in_every_terminal() {
    for (palette, terminals) in [(Palette::OnLight, &LIGHT[..]), (Palette::OnDark, &DARK[..])] {
        for terminal in terminals {
            for role in Role::ALL {
                // What is dim on dark is drawn so by the terminal itself: half of its own letters.
                let least = match (palette, role) {
                    (Palette::OnDark, Role::Dim) => 2.0,
                    // GNOME's own red on its own black.
                    (Palette::OnDark, _) => 2.9,
                    (Palette::OnLight | Palette::Plain, _) => 3.0,
                };
                let found = terminal.read(palette, role);
                assert!(found >= least, "{role:?} on {}: {found:.2}", terminal.name);
            }
        }
    }
}

#[test]
fn the_colours_of_a_dark_terminal_could_not_be_read_on_a_light_one() {
    let unread: Vec<Role> =
        Role::ALL.into_iter().filter(|r| LIGHT.iter().any(|t| t.read(Palette::OnDark, *r) < 3.0)).collect();
    for role in [Role::Ok, Role::Warn, Role::Stale, Role::Focus, Role::Target, Role::Dim] {
        assert!(unread.contains(&role), "{role:?}");
    }
}

#[test]
fn every_letter_of_every_screen_can_be_read_on_a_light_terminal() {
    for (name, mut model) in everything() {
        model.settings.palette = Palette::OnLight;
        let screen = draw(&model, 120, 40);
        let cells = screen.backend().buffer().content();
        for style in cells.iter().filter(|c| c.symbol() != " ").map(ratatui::buffer::Cell::style) {
            assert!(!style.add_modifier.contains(Modifier::DIM), "{name}");
            for terminal in &LIGHT {
                let found = terminal.seen(style);
                assert!(found >= 3.0, "{name} on {}: {style:?}: {found:.2}", terminal.name);
            }
        }
    }
}
