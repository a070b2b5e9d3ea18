//! What the program says about itself: `--help`, `completions` and `man`.

use std::path::Path;

use crate::support::program::{Run, command, roomcast, run};

/// The subcommands, the program itself first.
const SUBCOMMANDS: [&str; 9] = [
    "",
    "serve",
    "probe",
    "load",
    "events",
    "ws",
    "chat",
    "completions",
    "man",
];

/// The variable by which the texts are written anew, after somebody looked at what changed.
const WRITE: &str = "ROOMCAST_WRITE_SNAPSHOTS";

/// The help of a subcommand on a terminal of so many columns.
async fn help(subcommand: &str, columns: &str) -> String {
    let arguments = if subcommand.is_empty() {
        vec!["--help"]
    } else {
        vec![subcommand, "--help"]
    };
    let mut command = command(&arguments);
    // Help shows the variables of the environment.
    let command = command.env_clear().env("COLUMNS", columns);
    let Run { code, stdout, .. } = run(command).await;
    assert_eq!(code, 0);
    stdout
}

/// The lines of the examples, which must not be broken: people copy them.
fn examples(help: &str) -> Vec<&str> {
    let (_, examples) = help.split_once("\nExamples:\n").unwrap();
    let lines = examples.lines().take_while(|line| line.starts_with("  "));
    let lines: Vec<_> = lines.collect();
    assert!(lines.len() >= 2, "{lines:?}");
    lines
}

#[tokio::test]
async fn the_help_of_each_subcommand_is_as_it_was_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terminal/help");
    for subcommand in SUBCOMMANDS {
        let help = help(subcommand, "80").await;
        let name = if subcommand.is_empty() {
            "roomcast"
        } else {
            subcommand
        };
        let file = folder.join(format!("{name}.txt"));
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&file, help).unwrap();
            continue;
        }
        let known = std::fs::read_to_string(&file).unwrap();
        assert_eq!(help, known, "{name}: {WRITE}=1 writes it anew");
    }
}

#[tokio::test]
async fn help_fits_its_terminal_and_has_examples_that_can_be_copied() {
    for subcommand in SUBCOMMANDS {
        let wide = help(subcommand, "1000").await;
        for columns in ["80", "120"] {
            let help = help(subcommand, columns).await;
            for line in help.lines() {
                let width = line.chars().count();
                assert!(width <= columns.parse().unwrap(), "{subcommand}: {line}");
            }
            assert_eq!(examples(&help), examples(&wide), "{subcommand} is broken");
        }
    }
}

#[tokio::test]
async fn each_shell_gets_completions_and_each_subcommand_a_page_of_the_manual() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = roomcast(&["completions", shell]).await;
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains("silence-timeout"), "{shell}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let no_folder = file.path().to_str().unwrap();
    let refused = roomcast(&["man", "--dir", no_folder]).await;
    assert_eq!(refused.code, 1);
    let words = format!("cannot write to the folder {no_folder}: ");
    assert!(refused.stderr.contains(&words), "{refused:?}");
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().to_str().unwrap();
    assert_eq!(roomcast(&["man", "--dir", pages]).await.code, 0);
    for subcommand in &SUBCOMMANDS[1..] {
        let run = roomcast(&["man", subcommand]).await;
        assert!(run.stdout.contains("Examples"), "{run:?}");
        let page = folder.path().join(format!("roomcast-{subcommand}.1"));
        assert!(page.exists(), "{page:?}");
    }
}
