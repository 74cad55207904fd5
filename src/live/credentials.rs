//! How the API server knows us, what it means that it does not, and which of it mends itself.
//!
//! Never: a token, a key, or a plugin's arguments in a sentence.

use kube::client::AuthError;
use kube::core::Status;
use kube::{Config, Error};

use crate::domain::fault::Fault;
use crate::domain::text::clean;

use super::asked::short;

/// What a 401 means: what is done by itself, and what the person has to do.
pub(super) fn refused(config: &Config, status: &Status) -> Fault {
    let login = &config.auth_info;
    let fresh = "then start backout again, it takes the incident up where it is";
    let cure = if let Some(exec) = &login.exec {
        let plugin = exec.command.as_deref().unwrap_or("of the kubeconfig");
        format!(
            "the credential plugin {plugin} is asked again by itself; if this stays, log in for it in another terminal, \
             backout need not be restarted"
        )
    } else if let Some(file) = &login.token_file {
        format!("the token file {file} is read again every minute; if this stays, have its token renewed")
    } else if login.token.is_some() {
        format!("the token in the kubeconfig is no longer good: get a new one, {fresh}")
    } else if login.client_certificate.is_some() || login.client_certificate_data.is_some() {
        format!("the client certificate of the kubeconfig is not good: get a new one, {fresh}")
    } else {
        format!("the kubeconfig says no login that it knows: log in, {fresh}")
    };
    let said = match short(&status.message) {
        said if said.is_empty() || said == "Unauthorized" => "401".to_owned(),
        said => said,
    };
    let what = format!("the API server does not accept these credentials ({said}); {cure}");
    Fault::Unauthorized { what: clean(&what) }
}

/// Why there are no credentials to ask with; those that cannot be refreshed arrive as a service error.
pub(super) fn lacking(error: &Error) -> Option<&AuthError> {
    match error {
        Error::Auth(lacking) => Some(lacking),
        Error::Service(e) => e.downcast_ref(),
        _ => None,
    }
}

/// Why there are none, for a person.
pub(super) fn fault(error: &AuthError) -> Fault {
    let what = match error {
        AuthError::AuthExecStart(e) => format!("the credential plugin of the kubeconfig cannot be started: {e}"),
        AuthError::AuthExecRun { out, .. } => {
            let stderr = String::from_utf8_lossy(&out.stderr);
            let last = stderr.lines().rfind(|l| !l.trim().is_empty()).unwrap_or("it said nothing");
            format!("the credential plugin of the kubeconfig failed ({}): {}", out.status, short(last))
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            "the credential plugin of the kubeconfig gave no credentials".into()
        }
        AuthError::ReadTokenFile(e, path) => format!("the token file {} cannot be read: {e}", path.display()),
        other => other.to_string(),
    };
    Fault::Unauthorized { what: clean(&what) }
}
