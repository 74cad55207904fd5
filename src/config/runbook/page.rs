//! The runbook on paper, for the night on which not even this program runs.
//!
//! Never: a character that a plain printer lacks (the page is ISO-8859-1), a line over 80 columns but for a quoted word that is wider by itself.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::filled::Filled;
use super::wrap::{self, Line};
use crate::config::length;
use crate::domain::runbook::{Block, Mode, Runbook, Step};

const WIDTH: usize = 80;
const INDENT: &str = "         ";

/// The page: plain text, 80 columns, ISO-8859-1, boxes to tick, time boxes, warnings and commands.
pub fn page(runbook: &Runbook, filled: &Filled) -> String {
    let words = if runbook.language == "es" { &SPANISH } else { &ENGLISH };
    let mut out = String::new();
    head(&mut out, words, runbook, filled);
    let mut minute = 0;
    for block in &runbook.blocks {
        let seconds: u64 = block.steps.iter().map(|step| step.time_box.as_secs()).sum();
        block_head(&mut out, words, block, minute / 60, (minute + seconds).div_ceil(60));
        minute += seconds;
        for step in &block.steps {
            one(&mut out, words, step, filled);
        }
    }
    let _ = writeln!(out, "{}\n{}", "=".repeat(WIDTH), words.foot);
    let asked = runbook.steps().any(|step| step.commands.contains("{prometheus}"));
    if asked && filled.prometheus.is_none() {
        let _ = writeln!(out, "{}", words.prometheus);
    }
    latin1(&out)
}

fn head(out: &mut String, words: &Words, runbook: &Runbook, filled: &Filled) {
    let blank = |value: Option<String>, columns: usize| value.unwrap_or_else(|| "_".repeat(columns));
    let _ = writeln!(out, "{}\n", runbook.title.to_uppercase());
    let _ = writeln!(out, "{:<10} {}", words.release, blank(filled.release.as_ref().map(ToString::to_string), 30));
    let _ = writeln!(out, "{:<10} {}", words.namespace, blank(filled.namespace.as_ref().map(ToString::to_string), 30));
    let _ = writeln!(out, "{:<10} {}", words.context, blank(filled.context.as_ref().map(ToString::to_string), 30));
    let _ = writeln!(out, "{:<10} {}", words.target, blank(filled.target.map(|r| r.to_string()), 6));
    let _ = writeln!(out, "\n{}", words.blanks);
}

fn block_head(out: &mut String, words: &Words, block: &Block, from: u64, to: u64) {
    let steps = match (block.steps.first(), block.steps.last()) {
        (Some(first), Some(last)) if first.no != last.no => format!("{}-{}", first.no, last.no),
        (Some(only), _) => only.no.to_string(),
        (None, _) => String::new(),
    };
    let mode = match block.mode {
        Mode::ReadDo => words.read_do,
        Mode::DoConfirm => words.do_confirm,
    };
    let title = format!("{}  {steps}", block.title.to_uppercase());
    let when = format!("{} {from}-{to}", words.minutes);
    let _ = writeln!(out, "\n{}", "=".repeat(WIDTH));
    let _ = writeln!(out, "{title}{when:>0$}", WIDTH.saturating_sub(title.width()));
    let _ = writeln!(out, "{mode}");
}

fn one(out: &mut String, words: &Words, step: &Step, filled: &Filled) {
    let title = format!("[ ]  {:>2}  {}", step.no.to_string(), step.title);
    let time = format!("{}   __:__", length::write(step.time_box));
    let _ = writeln!(out, "\n{title}{time:>0$}", WIDTH.saturating_sub(title.width()));
    lines(out, INDENT, &step.instruction);
    if !step.warns.is_empty() {
        lines(out, &format!("      !  {}: ", words.beware), &step.warns);
    }
    for command in step.commands.lines().filter(|line| !line.trim().is_empty()) {
        for line in wrap::command(&filled.fill(command), WIDTH - INDENT.len()) {
            let lead = match line {
                Line::Start(_) => "      $  ",
                Line::NextWord(_) => INDENT,
                Line::SameWord(_) => "",
            };
            let _ = writeln!(out, "{lead}{}", line.text());
        }
    }
}

/// Prose after a lead; what follows the first line stands under the indent.
fn lines(out: &mut String, lead: &str, text: &str) {
    let label = lead.get(INDENT.len()..).unwrap_or("");
    let mark = lead.get(..INDENT.len()).unwrap_or(INDENT);
    for (i, line) in wrap::prose(&format!("{label}{text}"), WIDTH - INDENT.len()).iter().enumerate() {
        let _ = writeln!(out, "{}{line}", if i == 0 { mark } else { INDENT });
    }
}

/// The text with nothing outside ISO-8859-1: typographic signs become their typewriter form, the rest `?`.
fn latin1(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2018}' | '\u{2019}' => out.push('\''),
            '\u{201c}' | '\u{201d}' => out.push('"'),
            '\u{2013}' | '\u{2014}' => out.push('-'),
            '\u{2026}' => out.push_str("..."),
            '\u{2192}' => out.push_str("->"),
            '\u{2264}' => out.push_str("<="),
            '\u{2265}' => out.push_str(">="),
            '\u{20ac}' => out.push_str("EUR"),
            '\n' | ' '..='~' | '\u{a0}'..='\u{ff}' => out.push(c),
            _ => out.push('?'),
        }
    }
    out
}

struct Words {
    release: &'static str,
    namespace: &'static str,
    context: &'static str,
    target: &'static str,
    blanks: &'static str,
    minutes: &'static str,
    read_do: &'static str,
    do_confirm: &'static str,
    beware: &'static str,
    foot: &'static str,
    prometheus: &'static str,
}

const ENGLISH: Words = Words {
    release: "Release",
    namespace: "Namespace",
    context: "Context",
    target: "Back to",
    blanks: "Incident ______________   Severity ______   Commander ____________________\n\
             Broken since __:__   Declared __:__   Rolled back __:__   Well since __:__",
    minutes: "minutes",
    read_do: "Read a line, do it, tick it, then the next.",
    do_confirm: "Do them side by side, then confirm line by line.",
    beware: "Beware",
    foot: "<...> is for you to fill in. Beside each tick: the time and the value you saw.",
    prometheus: "<prometheus> is its address: http://localhost:9090 while this runs beside:\n\
                 $ kubectl port-forward -n monitoring svc/prometheus 9090   (or as it is called)",
};

const SPANISH: Words = Words {
    release: "Release",
    namespace: "Namespace",
    context: "Contexto",
    target: "Volver a",
    blanks: "Incidente _____________   Severidad _____   Dirige _______________________\n\
             Falla desde __:__   Declarado __:__   Revertido __:__   Bien desde __:__",
    minutes: "minutos",
    read_do: "Lee una línea, hazla, márcala; después la siguiente.",
    do_confirm: "Hazlos en paralelo; después confirma línea por línea.",
    beware: "Ojo",
    foot: "<...> se rellena a mano. Junto a cada marca: la hora y el valor que has visto.",
    prometheus: "<prometheus> es su dirección: http://localhost:9090 mientras al lado corre:\n\
                 $ kubectl port-forward -n monitoring svc/prometheus 9090   (o como se llame)",
};
