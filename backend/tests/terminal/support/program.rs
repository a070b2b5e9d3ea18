//! The program.

use std::process::Stdio;

use tokio::process::Command;

use super::within;

/// What became of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `roomcast` with these arguments, and nothing of the environment that could change what it does.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roomcast"));
    command
        .args(arguments)
        .env_remove("ROOMCAST_DEBUG")
        .env_remove("SSL_CERT_FILE")
        .env_remove("SSL_CERT_DIR")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs it to its end.
pub(crate) async fn run(command: &mut Command) -> Run {
    let output = within("the end of the program", command.output())
        .await
        .unwrap();
    Run {
        code: output.status.code().expect("it ends by itself"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs `roomcast` with these arguments to its end.
pub(crate) async fn roomcast(arguments: &[&str]) -> Run {
    run(&mut command(arguments)).await
}
