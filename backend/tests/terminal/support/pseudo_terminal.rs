//! The program on a terminal, which `script` of util-linux makes.

use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::{try_nothing, within};

/// What Ctrl-C types.
pub(crate) const CTRL_C: u8 = 3;

/// A running client on a terminal of 80 columns and 24 rows. Dropping it kills it.
pub(crate) struct PseudoTerminal {
    child: Child,
    keys: ChildStdin,
    output: ChildStdout,
    shown: Vec<u8>,
}

impl PseudoTerminal {
    /// Runs `roomcast` with these arguments, which a shell must take as they are; `None`, and a
    /// sentence, where there is no such `script`.
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        let version = std::process::Command::new("script").arg("-V").output();
        if !version.is_ok_and(|run| run.stdout.windows(10).any(|part| part == b"util-linux")) {
            try_nothing("script of util-linux");
            return None;
        }
        let program = env!("CARGO_BIN_EXE_roomcast");
        let arguments = arguments.join(" ");
        let line = format!("stty cols 80 rows 24; exec {program} {arguments}");
        let mut child = Command::new("script")
            .args([
                "--quiet",
                "--return",
                "--flush",
                "--command",
                &line,
                "/dev/null",
            ])
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .env_remove("ROOMCAST_DEBUG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Some(Self {
            keys: child.stdin.take().unwrap(),
            output: child.stdout.take().unwrap(),
            shown: Vec::new(),
            child,
        })
    }

    /// Waits until these words were shown.
    pub(crate) async fn shows(&mut self, words: &str) {
        loop {
            let shown = String::from_utf8_lossy(&self.shown);
            if shown.contains(words) {
                return;
            }
            let shown = shown.into_owned();
            let read = within(words, self.output.read_buf(&mut self.shown)).await;
            assert!(read.unwrap() > 0, "no {words:?} in {shown:?}");
        }
    }

    /// Presses a key.
    pub(crate) async fn press(&mut self, key: u8) {
        self.keys.write_all(&[key]).await.unwrap();
        self.keys.flush().await.unwrap();
    }

    /// Waits until the program ends by itself; its exit code.
    pub(crate) async fn exit(&mut self) -> i32 {
        let rest = self.output.read_to_end(&mut self.shown);
        within("the end of the output", rest).await.unwrap();
        let status = within("the end of the program", self.child.wait()).await;
        status.unwrap().code().unwrap()
    }
}
