//! Each role can be read on the background it is for, in the palettes that terminals come with.

use backout::model::settings::Palette;
use backout::ui::theme::{Role, Theme};
use ratatui::style::{Color, Modifier, Style};

use crate::{draw, everything};

/// A terminal as it comes: its letters, its background, its sixteen colours.
struct Terminal {
    name: &'static str,
    letters: u32,
    ground: u32,
    palette: [u32; 16],
}

#[rustfmt::skip]
const LIGHT: [Terminal; 7] = [
    Terminal {
        name: "xterm",
        letters: 0x000000,
        ground: 0xffffff,
        palette: [
            0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
            0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
        ],
    },
    Terminal {
        name: "Terminal.app Basic",
        letters: 0x000000,
        ground: 0xffffff,
        palette: [
            0x000000, 0x990000, 0x00a600, 0x999900, 0x0000b2, 0xb200b2, 0x00a6b2, 0xbfbfbf,
            0x666666, 0xe50000, 0x00d900, 0xe5e500, 0x0000ff, 0xe500e5, 0x00e5e5, 0xe5e5e5,
        ],
    },
    Terminal {
        name: "GNOME",
        letters: 0x171421,
        ground: 0xffffff,
        palette: [
            0x171421, 0xc01c28, 0x26a269, 0xa2734c, 0x12488b, 0xa347ba, 0x2aa1b3, 0xd0cfcc,
            0x5e5c64, 0xf66151, 0x33da7a, 0xe9ad0c, 0x2a7bde, 0xc061cb, 0x33c7de, 0xffffff,
        ],
    },
    Terminal {
        name: "Tango",
        letters: 0x2e3436,
        ground: 0xeeeeec,
        palette: [
            0x2e3436, 0xcc0000, 0x4e9a06, 0xc4a000, 0x3465a4, 0x75507b, 0x06989a, 0xd3d7cf,
            0x555753, 0xef2929, 0x8ae234, 0xfce94f, 0x729fcf, 0xad7fa8, 0x34e2e2, 0xeeeeec,
        ],
    },
    Terminal {
        name: "One Half Light",
        letters: 0x383a42,
        ground: 0xfafafa,
        palette: [
            0x383a42, 0xe45649, 0x50a14f, 0xc18301, 0x0184bc, 0xa626a4, 0x0997b3, 0xfafafa,
            0x4f525d, 0xdf6c75, 0x98c379, 0xe4c07a, 0x61afef, 0xc577dd, 0x56b5c1, 0xffffff,
        ],
    },
    Terminal {
        name: "VS Code Light",
        letters: 0x333333,
        ground: 0xffffff,
        palette: [
            0x000000, 0xcd3131, 0x107c10, 0x949800, 0x0451a5, 0xbc05bc, 0x0598bc, 0x555555,
            0x666666, 0xcd3131, 0x14ce14, 0xb5ba00, 0x0451a5, 0xbc05bc, 0x0598bc, 0xa5a5a5,
        ],
    },
    Terminal {
        name: "Solarized Light",
        letters: 0x657b83,
        ground: 0xfdf6e3,
        palette: [
            0x073642, 0xdc322f, 0x859900, 0xb58900, 0x268bd2, 0xd33682, 0x2aa198, 0xeee8d5,
            0x002b36, 0xcb4b16, 0x586e75, 0x657b83, 0x839496, 0x6c71c4, 0x93a1a1, 0xfdf6e3,
        ],
    },
];

#[rustfmt::skip]
const DARK: [Terminal; 5] = [
    Terminal {
        name: "xterm",
        letters: 0xe5e5e5,
        ground: 0x000000,
        palette: [
            0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
            0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
        ],
    },
    Terminal {
        name: "GNOME",
        letters: 0xd0cfcc,
        ground: 0x171421,
        palette: [
            0x171421, 0xc01c28, 0x26a269, 0xa2734c, 0x12488b, 0xa347ba, 0x2aa1b3, 0xd0cfcc,
            0x5e5c64, 0xf66151, 0x33da7a, 0xe9ad0c, 0x2a7bde, 0xc061cb, 0x33c7de, 0xffffff,
        ],
    },
    Terminal {
        name: "Campbell",
        letters: 0xcccccc,
        ground: 0x0c0c0c,
        palette: [
            0x0c0c0c, 0xc50f1f, 0x13a10e, 0xc19c00, 0x0037da, 0x881798, 0x3a96dd, 0xcccccc,
            0x767676, 0xe74856, 0x16c60c, 0xf9f1a5, 0x3b78ff, 0xb4009e, 0x61d6d6, 0xf2f2f2,
        ],
    },
    Terminal {
        name: "VS Code Dark",
        letters: 0xcccccc,
        ground: 0x1e1e1e,
        palette: [
            0x000000, 0xcd3131, 0x0dbc79, 0xe5e510, 0x2472c8, 0xbc3fbc, 0x11a8cd, 0xe5e5e5,
            0x666666, 0xf14c4c, 0x23d18b, 0xf5f543, 0x3b8eea, 0xd670d6, 0x29b8db, 0xe5e5e5,
        ],
    },
    Terminal {
        name: "Solarized Dark",
        letters: 0x839496,
        ground: 0x002b36,
        palette: [
            0x073642, 0xdc322f, 0x859900, 0xb58900, 0x268bd2, 0xd33682, 0x2aa198, 0xeee8d5,
            0x002b36, 0xcb4b16, 0x586e75, 0x657b83, 0x839496, 0x6c71c4, 0x93a1a1, 0xfdf6e3,
        ],
    },
];

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
            Some(named) => self.palette[ORDER.iter().position(|c| *c == named).unwrap()],
        }
    }

    /// How well a role is read here.
    fn read(&self, palette: Palette, role: Role) -> f64 {
        self.seen(Theme::new(palette).style(role))
    }

    fn seen(&self, style: Style) -> f64 {
        let (letters, ground) = (self.colour(style.fg, self.letters), self.colour(style.bg, self.ground));
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
