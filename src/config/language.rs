//! The language of the runbook, the messages and the report. The cockpit's own words are English.
//!
//! Never: reading the environment; the caller hands in what stands there.

/// A language that backout speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Spanish.
    Spanish,
}

impl Language {
    /// Every language by its tag.
    pub const TAGS: [(&str, Self); 2] = [("en", Self::English), ("es", Self::Spanish)];

    /// `en`, `es`
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }
}

/// What the config says, else what the environment says (the first set of `LC_ALL`, `LC_MESSAGES`, `LANG`), else
/// English. `es`, `es_MX.UTF-8`, `es-419` are Spanish; everything else is English.
pub fn language(config: Option<&str>, lang_env: Option<&str>) -> Language {
    let said = config.into_iter().chain(lang_env).map(str::trim).find(|s| !s.is_empty()).unwrap_or("");
    let primary = said.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    if primary.eq_ignore_ascii_case(Language::Spanish.tag()) { Language::Spanish } else { Language::English }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_config_decides_before_the_environment() {
        let cases = [
            (None, None, Language::English),
            (None, Some("es_ES.UTF-8"), Language::Spanish),
            (None, Some("es"), Language::Spanish),
            (None, Some("ES-419"), Language::Spanish),
            (None, Some("et_EE.UTF-8"), Language::English),
            (None, Some("C.UTF-8"), Language::English),
            (None, Some(""), Language::English),
            (Some("en"), Some("es_ES.UTF-8"), Language::English),
            (Some("es"), Some("en_US.UTF-8"), Language::Spanish),
            (Some(""), Some("es_MX"), Language::Spanish),
        ];
        for (config, env, wanted) in cases {
            assert_eq!(language(config, env), wanted, "{config:?} {env:?}");
        }
    }
}
