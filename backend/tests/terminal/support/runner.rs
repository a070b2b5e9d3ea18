//! Clients that run for a while: what they print, and what is typed to them.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::{try_nothing, within};

/// How often to look at what nothing announces.
#[cfg(target_os = "linux")]
const LOOK_INTERVAL: std::time::Duration = std::time::Duration::from_millis(20);

/// A running client. Dropping it kills it.
pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: Option<Lines<BufReader<ChildStdout>>>,
    notes: Lines<BufReader<ChildStderr>>,
}

impl Client {
    /// Runs `roomcast` with these arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_at(None, arguments)
    }

    /// Runs `roomcast` with a folder of its own for what it keeps.
    pub(crate) fn start_at(state: Option<&Path>, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roomcast"));
        if let Some(state) = state {
            command.env("XDG_STATE_HOME", state);
        }
        let mut child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            input: child.stdin.take(),
            output: Some(BufReader::new(child.stdout.take().unwrap()).lines()),
            notes: BufReader::new(child.stderr.take().unwrap()).lines(),
            child,
        }
    }

    /// The next line that it prints; empty at the end.
    pub(crate) async fn line(&mut self) -> String {
        next(self.output.as_mut().unwrap())
            .await
            .unwrap_or_default()
    }

    /// The lines that it still prints.
    pub(crate) async fn rest(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = next(self.output.as_mut().unwrap()).await {
            lines.push(line);
        }
        lines
    }

    /// What it still says about itself.
    pub(crate) async fn rest_of_notes(&mut self) -> Vec<String> {
        let mut notes = Vec::new();
        while let Some(line) = next(&mut self.notes).await {
            notes.push(line);
        }
        notes
    }

    /// The next thing that it says about itself with these words in it.
    pub(crate) async fn note(&mut self, words: &str) -> String {
        let mut seen = Vec::new();
        while let Some(line) = next(&mut self.notes).await {
            if line.contains(words) {
                return line;
            }
            seen.push(line);
        }
        panic!("it never said {words:?}, but {seen:#?}");
    }

    /// Types bytes as they are.
    pub(crate) async fn type_bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).await.unwrap();
        input.flush().await.unwrap();
    }

    /// Types a line.
    pub(crate) async fn say(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        input
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
        input.flush().await.unwrap();
    }

    /// Pipes a text through it: writes that and reads what is printed at the same time, to the end of
    /// both.
    pub(crate) async fn pipe(&mut self, text: &str) -> Vec<String> {
        let mut input = self.input.take().unwrap();
        let write = async move { input.write_all(text.as_bytes()).await.unwrap() };
        tokio::join!(write, self.rest()).1
    }

    /// Ends its input.
    pub(crate) fn end_input(&mut self) {
        self.input = None;
    }

    /// Reads what it prints and forgets it.
    #[cfg(target_os = "linux")]
    pub(crate) fn forget_output(&mut self) {
        let mut output = self.output.take().unwrap();
        tokio::spawn(async move { while let Ok(Some(_)) = output.next_line().await {} });
    }

    /// Reads no more of what it prints.
    pub(crate) fn close_output(&mut self) {
        self.output = None;
    }

    /// Waits until one of its threads can go no further because nobody reads what it prints: until the
    /// kernel says that it waits in a system call on this file, such as `0x1` for standard output.
    #[cfg(target_os = "linux")]
    pub(crate) async fn cannot_print(&self, file: &str) {
        let tasks = format!("/proc/{}/task", self.child.id().unwrap());
        let waits_on_file = |task: std::fs::DirEntry| {
            // The number of the call, and its arguments, of which the first is the file; one word
            // while it runs (proc_pid_syscall(5)). A thread may have ended meanwhile.
            let call = std::fs::read_to_string(task.path().join("syscall")).unwrap_or_default();
            call.split(' ').nth(1) == Some(file)
        };
        let waits = async {
            while !std::fs::read_dir(&tasks)
                .unwrap()
                .any(|task| waits_on_file(task.unwrap()))
            {
                tokio::time::sleep(LOOK_INTERVAL).await;
            }
        };
        within("a full pipe", waits).await;
    }

    /// Sends a signal by its name, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        let status = std::process::Command::new("kill")
            .args(["-s", name, &id])
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits until it ends by itself; its exit code.
    pub(crate) async fn exit(&mut self) -> i32 {
        let status = within("the end of the client", self.child.wait())
            .await
            .unwrap();
        status.code().unwrap()
    }
}

async fn next<T: AsyncRead + Unpin>(lines: &mut Lines<BufReader<T>>) -> Option<String> {
    within("a line", lines.next_line()).await.unwrap()
}

/// A program that we did not write and that serves until it is dropped: the first line that it
/// prints is its port. `None`, and a sentence, if it is not installed.
pub(crate) async fn foreign_server(program: &str, arguments: &[&str]) -> Option<(Child, u16)> {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            try_nothing(program);
            return None;
        }
        Err(error) => panic!("{program}: {error}"),
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = within("the port of a server", lines.next_line())
        .await
        .unwrap()?;
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Some((child, port.parse().unwrap()))
}
