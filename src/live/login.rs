//! How an HTTP service beside the API server knows us.
//!
//! Never: the token in any output; who reads its environment variable hands it over here once.

use std::fmt;

use http::header::{HeaderValue, InvalidHeaderValue};

/// How it knows us.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Login {
    /// Not at all.
    #[default]
    Nobody,
    /// By a bearer token.
    Bearer {
        /// The environment variable that holds it.
        variable: String,
        /// The token.
        token: String,
    },
    /// By a token that was promised and is not there.
    Missing {
        /// The environment variable that would hold it.
        variable: String,
    },
}

// The token has no place in any output.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("Nobody"),
            Self::Bearer { variable, .. } => write!(f, "Bearer({variable})"),
            Self::Missing { variable } => write!(f, "Missing({variable})"),
        }
    }
}

impl Login {
    /// The value of the header `Authorization`, where there is a token.
    ///
    /// # Errors
    /// The token holds what no header may hold.
    pub(super) fn header(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        let Self::Bearer { token, .. } = self else { return Ok(None) };
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.trim()))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    /// What a 401 of that server means, and its cure; `section` is the one of `backout.toml` that is about it.
    pub(super) fn refused(&self, server: &str, section: &str) -> String {
        match self {
            Self::Nobody => format!(
                "{server} wants a login (401): put its bearer token into an environment variable, and that variable's \
                 name as token_env under [{section}] in backout.toml"
            ),
            Self::Missing { variable } => format!(
                "{server} wants a login (401), and the environment variable {variable}, which token_env names, is not set"
            ),
            Self::Bearer { variable, .. } => {
                format!("{server} does not accept the token in {variable} (401): put a fresh one there and start again")
            }
        }
    }
}
