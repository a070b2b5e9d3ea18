//! How a command ends when it did not do what it was asked to.

use std::process::ExitCode;

/// Why a command failed: one clear sentence for people, and the exit code for scripts.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The other side, or the way to it, is at fault. Exit code 1.
    #[error("{0}")]
    Remote(String),
    /// What was asked for makes no sense. Exit code 2, as for options that clap refuses.
    #[error("{0}")]
    Usage(String),
    /// Nobody reads what is printed any more (`roomcast … | head`): ends quietly. Exit code 0.
    #[error("nobody reads the output any more")]
    BrokenPipe,
    /// Printing failed otherwise, for example because a disk is full. Exit code 1.
    #[error("cannot print: {0}")]
    Output(std::io::Error),
    /// Ctrl-C. Exit code 130, as a shell has it.
    #[error("interrupted")]
    Interrupted,
}

impl Failure {
    /// The code by which a script knows what happened.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::BrokenPipe => 0,
            Self::Remote(_) | Self::Output(_) => 1,
            Self::Usage(_) => 2,
            Self::Interrupted => 130,
        })
    }

    /// Whether a person has to be told; the others know already.
    pub fn is_worth_saying(&self) -> bool {
        !matches!(self, Self::BrokenPipe | Self::Interrupted)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::BrokenPipe
        } else {
            Self::Output(error)
        }
    }
}

impl From<roomcast_client::http::Error> for Failure {
    fn from(error: roomcast_client::http::Error) -> Self {
        match error {
            roomcast_client::http::Error::Url { .. } => Self::Usage(error.to_string()),
            error => Self::Remote(connection_sentence(&error)),
        }
    }
}

/// What went wrong with a connection, and the option that helps.
pub(crate) fn connection_sentence(error: &roomcast_client::http::Error) -> String {
    if error.is_untrusted_certificate() {
        format!("{error}; --insecure accepts any certificate")
    } else {
        error.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn a_closed_pipe_is_no_failure_and_a_full_disk_is_one() {
        let closed = Failure::from(Error::from(ErrorKind::BrokenPipe));
        assert_eq!(closed.exit_code(), ExitCode::SUCCESS);
        assert!(!closed.is_worth_saying());
        let full = Failure::from(Error::from(ErrorKind::StorageFull));
        assert_eq!(full.exit_code(), ExitCode::FAILURE);
        assert!(full.is_worth_saying());
    }
}
