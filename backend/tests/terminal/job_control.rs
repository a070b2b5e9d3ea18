//! Job control: the full-screen chat stops with Ctrl-Z or SIGTSTP, and continues with `fg`.

use std::process::Command;

use crate::support::process::ServerProcess;
use crate::support::pseudo_terminal::{CTRL_Z, PROGRAM, PseudoTerminal};
use crate::support::runner::Client;
use crate::support::within;

/// Switch to the alternate screen, which a full-screen program begins with (xterm's private mode 1049).
const FULL_SCREEN: &str = "\x1b[?1049h";

/// Switch back.
const NORMAL_SCREEN: &str = "\x1b[?1049l";

/// Starts the chat in a shell, in a room of this server; its process id.
async fn chat_in(shell: &mut PseudoTerminal, server: &ServerProcess) -> String {
    let state = "XDG_STATE_HOME=$(mktemp -d)";
    let url = format!("https://{}/rooms/ops", server.address);
    let chat = format!("exec {PROGRAM} chat {url} --insecure --name Ada");
    shell
        .type_line(&format!("{state} sh -c 'echo pid=$$=; {chat}'"))
        .await;
    shell.shows(FULL_SCREEN).await;
    shell.shows("(you)").await;
    let shown = shell.take_shown();
    let pids = shown
        .split("pid=")
        .filter_map(|rest| rest.split('=').next());
    let is_number = |pid: &&str| !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
    pids.filter(is_number).last().unwrap().to_owned()
}

/// Uses the shell while the chat is stopped, takes the chat back and says something in it.
async fn use_shell_and_continue(shell: &mut PseudoTerminal, reader: &mut Client, text: &str) {
    shell.shows("Stopped").await;
    assert!(shell.take_shown().contains(NORMAL_SCREEN));
    shell.type_line("echo $((20 + 22)) answers").await;
    shell.shows("42 answers").await;
    shell.type_line("fg").await;
    shell.shows(FULL_SCREEN).await;
    // Drawn from scratch, also where nothing changed.
    shell.shows("(you)").await;
    let mut shown = shell.take_shown();
    shell.type_line(text).await;
    assert_eq!(within(text, reader.line()).await, format!("Ada: {text}"));
    let (_, last_word) = text.rsplit_once(' ').unwrap();
    shell.shows(last_word).await;
    shown += &shell.take_shown();
    // Leaving the other screen while the shell's is shown would move the shell's cursor.
    let counts = [FULL_SCREEN, NORMAL_SCREEN].map(|switch| shown.matches(switch).count());
    assert_eq!(counts, [1, 0], "{shown:?}");
}

#[tokio::test]
async fn chat_stops_for_the_shell_and_continues_where_it_was() {
    let server = ServerProcess::start(&[]).await;
    let Some(mut shell) = PseudoTerminal::shell() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let url = format!("https://{}/rooms/ops", server.address);
    let arguments = ["chat", &*url, "--insecure", "--follow", "--name", "Bob"];
    let mut reader = Client::start_at(Some(folder.path()), &arguments);
    reader.note("connected to").await;
    let pid = chat_in(&mut shell, &server).await;

    shell.press(CTRL_Z).await;
    use_shell_and_continue(&mut shell, &mut reader, "after Ctrl-Z").await;

    let sent = Command::new("kill").args(["-TSTP", &pid]).status();
    assert!(sent.unwrap().success());
    use_shell_and_continue(&mut shell, &mut reader, "after SIGTSTP").await;
}

#[tokio::test]
async fn ctrl_z_without_a_shell_says_that_nothing_could_continue() {
    let server = ServerProcess::start(&[]).await;
    let url = format!("https://{}/rooms/ops", server.address);
    let Some(mut terminal) = PseudoTerminal::start(&["chat", &url, "--insecure"]) else {
        return;
    };
    terminal.shows("(you)").await;
    terminal.press(CTRL_Z).await;
    terminal.shows("continue;").await;
}
