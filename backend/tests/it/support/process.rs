//! The real program in a process of its own: for signals, exit codes and memory.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};

use super::within;

/// A running `roomcast`. Dropping it kills it.
pub(crate) struct ServerProcess {
    pub(crate) address: SocketAddr,
    pub(crate) folder: TempDir,
    options: Vec<String>,
    child: Child,
}

impl ServerProcess {
    /// Starts the program with these options besides a free port and a data folder of its own.
    pub(crate) async fn start(options: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), options).await
    }

    /// The same with its data in `folder`, in a folder `data`.
    pub(crate) async fn start_in(folder: TempDir, options: &[&str]) -> Self {
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let (address, child) = spawn(folder.path(), &options, Stdio::inherit()).await;
        Self {
            address,
            folder,
            options,
            child,
        }
    }

    /// Starts the program as [`Self::start`] does, and yields what it says on standard error.
    pub(crate) async fn start_and_listen(options: &[&str]) -> (Self, ChildStderr) {
        let folder = tempfile::tempdir().unwrap();
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let (address, mut child) = spawn(folder.path(), &options, Stdio::piped()).await;
        let stderr = child.stderr.take().unwrap();
        let process = Self {
            address,
            folder,
            options,
            child,
        };
        (process, stderr)
    }

    /// Starts the program with `SSLKEYLOGFILE` in its environment.
    pub(crate) async fn start_with_keys_in(file: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_roomcast"));
        command.env("SSLKEYLOGFILE", file);
        let (address, child) =
            spawn_command(&mut command, folder.path(), &[], Stdio::inherit()).await;
        Self {
            address,
            folder,
            options: Vec::new(),
            child,
        }
    }

    /// Kills the program without a warning and starts it again with the same data, on another
    /// port.
    pub(crate) async fn crash(&mut self) {
        within("the end of the program", self.child.kill())
            .await
            .unwrap();
        self.restart().await;
    }

    /// Starts the program again with the same data after it has ended, on another port.
    pub(crate) async fn restart(&mut self) {
        (self.address, self.child) =
            spawn(self.folder.path(), &self.options, Stdio::inherit()).await;
    }

    /// Starts the program again after it has ended, which must fail. Returns what it says.
    pub(crate) async fn refused_restart(&self) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roomcast"));
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--data"];
        command.args(arguments).arg(self.folder.path().join("data"));
        command.args(&self.options).kill_on_drop(true);
        let output = within("the end of the program", command.output()).await;
        let output = output.unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    /// Sends a signal by its name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let status = std::process::Command::new("kill")
            .args(["-s", name, &self.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits until the program has ended.
    pub(crate) async fn exit(&mut self) -> ExitStatus {
        within("the end of the program", self.child.wait())
            .await
            .unwrap()
    }

    /// Memory that is in use now, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most memory that was in use since the start or since [`Self::forget_peak`], in KiB.
    pub(crate) fn peak_kib(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// Lets the peak begin anew at what is in use now.
    pub(crate) fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.id()), "5").unwrap();
    }

    /// Processor time used so far.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let fields: Vec<_> = fields.split_whitespace().collect();
        let ticks: u64 = [fields[11], fields[12]]
            .iter()
            .map(|ticks| ticks.parse::<u64>().unwrap())
            .sum();
        // Linux counts in hundredths of a second for programs, whatever it does inside.
        Duration::from_millis(ticks * 10)
    }

    fn id(&self) -> u32 {
        self.child.id().expect("the program has ended")
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// Starts the program, and waits until it listens.
async fn spawn(folder: &Path, options: &[String], stderr: Stdio) -> (SocketAddr, Child) {
    spawn_command(
        &mut Command::new(env!("CARGO_BIN_EXE_roomcast")),
        folder,
        options,
        stderr,
    )
    .await
}

async fn spawn_command(
    command: &mut Command,
    folder: &Path,
    options: &[String],
    stderr: Stdio,
) -> (SocketAddr, Child) {
    let mut child = command
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.join("data"))
        .args(options)
        .env("ROOMCAST_LOG", "warn")
        .stdout(Stdio::piped())
        .stderr(stderr)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = within("the server's address", lines.next_line()).await;
    let line = line.unwrap().expect("the server ended at its start");
    let (_, port) = line.rsplit_once(':').unwrap();
    let port: u16 = port.split('/').next().unwrap().parse().unwrap();
    // Its later lines are not read; they are few enough for the pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (SocketAddr::from(([127, 0, 0, 1], port)), child)
}
