//! Disks that fail under a running server: whoever publishes is told, whoever reads goes on.
//!
//! They are real file systems in a small image. That takes Linux, root, and `mkfs.ext4`: without
//! them these tests say that they are skipped, and fail where `CI` is set and root runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use roomcast_shared::server_message::{PersonPresent, RefusalCode, ServerMessage};
use serde_json::Value;

use crate::support::process::ServerProcess;
use crate::support::room::{Tab, json, request};

const SOCKET: &str = "/api/rooms/lobby/socket";
const MESSAGES: &str = "/api/rooms/lobby/messages";

/// How large the disk is, in bytes: enough for the store and some messages.
const DISK_BYTES: u64 = 16 * 1024 * 1024;

/// A small disk, mounted until it is dropped.
struct Disk {
    mount_point: PathBuf,
}

impl Disk {
    /// Makes one in `folder`. `None`, with the reason on standard output, where that cannot be.
    fn mount(folder: &Path) -> Option<Self> {
        let image = folder.join("image");
        let mount_point = folder.join("data");
        std::fs::create_dir(&mount_point).unwrap();
        let file = std::fs::File::create(&image).unwrap();
        file.set_len(DISK_BYTES).unwrap();
        let made = run("mkfs.ext4", &["-q".as_ref(), &image])
            && run(
                "mount",
                &["-o".as_ref(), "loop".as_ref(), &image, &mount_point],
            );
        if !made {
            assert!(
                std::env::var_os("CI").is_none() || !is_root(),
                "root can mount a disk of its own, if mkfs.ext4 and loop devices are there"
            );
            // On standard error: a test that passes shows it, and says no more than it knows.
            eprintln!("SKIPPED: only root can mount a disk of its own, with mkfs.ext4 installed");
            return None;
        }
        Some(Self { mount_point })
    }

    /// As the kernel does when the disk fails: read-only from now on, open files included.
    fn fail(&self) {
        let options = [
            "-o".as_ref(),
            "remount,abort".as_ref(),
            self.mount_point.as_path(),
        ];
        assert!(run("mount", &options));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Also while the server still has files open there.
        run("umount", &["--lazy".as_ref(), &self.mount_point]);
    }
}

/// Whether root runs this test: its processes belong to the user 0.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Runs a program; whether it was there and succeeded.
fn run(program: &str, arguments: &[&Path]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A server whose data are on a disk of its own; the disk is dropped first.
async fn start() -> Option<(ServerProcess, Disk)> {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::mount(folder.path())?;
    let options = ["--plain", "--message-burst", "1000000"];
    Some((ServerProcess::start_in(folder, &options).await, disk))
}

/// Publishes; the status and what the server says.
async fn publish(server: &ServerProcess, text: &str) -> (u16, Value) {
    let response = request("http", server.address, "POST", MESSAGES, &[], text).await;
    let (head, answer) = json(response).await;
    (head.status().as_u16(), answer)
}

/// The offset of the newest message in the history.
async fn newest(server: &ServerProcess) -> u64 {
    let path = format!("{MESSAGES}?limit=1");
    let response = request("http", server.address, "GET", &path, &[], "").await;
    let (head, page) = json(response).await;
    assert_eq!(head.status(), 200);
    let position = page["messages"][0]["position"].as_str().unwrap();
    position.split_once('-').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn when_the_disk_becomes_read_only_publishing_is_503_and_reading_goes_on() {
    let Some((mut server, disk)) = start().await else {
        return;
    };
    assert_eq!(publish(&server, "one").await.0, 201);
    let mut tab = Tab::open_plain(server.address, SOCKET).await;
    assert_eq!(tab.message().await.text.as_str(), "one");
    disk.fail();
    for nonce in ["n1", "n2"] {
        tab.say(nonce, "two").await;
        let refusal = tab.refusal().await;
        assert_eq!(refusal.code, RefusalCode::Unavailable);
        assert_eq!(refusal.nonce.as_deref(), Some(nonce));
        let (status, problem) = publish(&server, "two").await;
        assert_eq!(status, 503, "{problem}");
        let expected =
            "The server's store is read-only, so nothing can be kept; tell its operator.";
        assert_eq!(problem["detail"], expected);
        assert_eq!(newest(&server).await, 1);
    }
    // Who comes now reads what there is, and those who are here hear of them.
    let path = format!("{SOCKET}?name=Newcomer");
    let mut newcomer = Tab::open_plain(server.address, &path).await;
    assert_eq!(newcomer.message().await.text.as_str(), "one");
    // The list of those who were here before may come late.
    let is_newcomer = |person: &PersonPresent| person.name.as_str() == "Newcomer";
    let comes = tab.find(|message| match message {
        ServerMessage::Presence(people) => people.listed.into_iter().find(is_newcomer),
        _ => None,
    });
    comes.await;
    // It ends properly all the same.
    server.signal("TERM");
    assert!(server.exit().await.success());
}

#[tokio::test]
async fn when_the_disk_is_full_publishing_is_503_until_there_is_room_again() {
    let Some((server, disk)) = start().await else {
        return;
    };
    assert_eq!(publish(&server, "one").await.0, 201);
    let mut tab = Tab::open_plain(server.address, &format!("{SOCKET}?from=now")).await;
    let ballast = disk.mount_point.join("ballast");
    fill(&ballast);
    let text = "x".repeat(4_000);
    let mut kept = 1;
    let problem = loop {
        match publish(&server, &text).await {
            (201, _) => kept += 1,
            (status, problem) => break (status, problem),
        }
    };
    assert_eq!(problem.0, 503, "{}", problem.1);
    assert_eq!(newest(&server).await, kept);
    tab.say("n1", &text).await;
    for offset in 2..=kept {
        assert_eq!(tab.message().await.position.offset, offset);
    }
    assert_eq!(tab.refusal().await.code, RefusalCode::Unavailable);
    std::fs::remove_file(&ballast).unwrap();
    assert_eq!(publish(&server, &text).await.0, 201);
    assert_eq!(newest(&server).await, kept + 1);
    // The same connection, all the time.
    assert_eq!(tab.message().await.position.offset, kept + 1);
}

/// Writes a file until the disk takes no more.
fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}
