//! The program on a terminal, which `script` of util-linux makes.

use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::{try_nothing, within};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_roomcast");

/// What Ctrl-Z types.
pub(crate) const CTRL_Z: u8 = 26;

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
        Self::run(&format!("exec {PROGRAM} {}", arguments.join(" ")))
    }

    /// Runs an interactive shell with job control, to which lines are typed.
    pub(crate) fn shell() -> Option<Self> {
        if std::process::Command::new("bash")
            .arg("--version")
            .output()
            .is_err()
        {
            try_nothing("bash");
            return None;
        }
        Self::run("exec bash --noprofile --norc --noediting -i")
    }

    fn run(command: &str) -> Option<Self> {
        let version = std::process::Command::new("script").arg("-V").output();
        if !version.is_ok_and(|run| run.stdout.windows(10).any(|part| part == b"util-linux")) {
            try_nothing("script of util-linux");
            return None;
        }
        let line = format!("stty cols 80 rows 24; {command}");
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

    /// Everything that was shown so far; what is waited for next must come after it.
    pub(crate) fn take_shown(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.shown)).into_owned()
    }

    /// Types a line, with the Enter at its end.
    pub(crate) async fn type_line(&mut self, line: &str) {
        self.keys.write_all(line.as_bytes()).await.unwrap();
        self.press(b'\r').await;
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
