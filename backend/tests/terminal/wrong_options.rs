//! Options and files that cannot be used: what is said about them.

use std::net::TcpListener;

use crate::support::program::{Run, command, roomcast, run};

/// What is said on standard error when a variable is wrong.
async fn with_variables(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = command(arguments);
    let Run { code, stderr, .. } = run(command.envs(variables.iter().copied())).await;
    assert_eq!(code, 2, "{stderr}");
    stderr
}

#[tokio::test]
async fn an_address_that_is_none_is_answered_with_examples() {
    for value in ["banana", "localhost", "https://localhost:8443", ":99999"] {
        let run = roomcast(&["--listen", value]).await;
        assert_eq!(run.code, 2, "{run:?}");
        let words = format!("invalid value '{value}' for '--listen <ADDRESS:PORT>'");
        assert!(run.stderr.contains(&words), "{run:?}");
        assert!(run.stderr.contains("such as 127.0.0.1:8443"), "{run:?}");
    }
}

#[tokio::test]
async fn a_wrong_value_of_the_environment_is_told_by_its_variable() {
    for (variable, value, subcommand) in [
        ("ROOMCAST_LISTEN", "banana", &[][..]),
        ("ROOMCAST_LISTEN", "banana", &["serve"]),
        ("ROOMCAST_MAX_EVENT_AGE", "30", &["serve"]),
        ("ROOMCAST_MAX_ROOMS", "-1", &["serve"]),
        ("ROOMCAST_MAX_BODY_BYTES", "1MB", &["serve"]),
        ("ROOMCAST_NAME", "https://x", &["serve"]),
        ("ROOMCAST_PLAIN", "banana", &["serve"]),
        ("ROOMCAST_LOG", "loud", &["serve"]),
        ("ROOMCAST_DEBUG", "http3=1", &["probe", "localhost"]),
    ] {
        let told = with_variables(subcommand, &[(variable, value)]).await;
        let words = format!("invalid value '{value}' for 'environment variable {variable}'");
        assert!(told.contains(&words), "{told}");
    }
    // The words are ours, not those of a parser.
    for (variable, value, words) in [
        (
            "ROOMCAST_MAX_ROOMS",
            "abc",
            "write a whole number in digits alone, from 1 to",
        ),
        (
            "ROOMCAST_MAX_BODY_BYTES",
            "1MB",
            "write a whole number in digits alone, at least 0",
        ),
        ("ROOMCAST_PLAIN", "maybe", "write 1, true, yes or on, or 0"),
        (
            "ROOMCAST_LOG",
            "x",
            "write off, error, warn, info, debug or trace",
        ),
        ("ROOMCAST_MAX_EVENT_AGE", "99999999999w", "is too long"),
        ("ROOMCAST_LISTEN", "localhost:", "it has no port"),
        ("ROOMCAST_LISTEN", "+8443", "`+8443` is no port"),
    ] {
        let told = with_variables(&["serve"], &[(variable, value)]).await;
        assert!(told.contains(words), "{variable}={value}: {told}");
    }
    // The command line counts more, and is then at fault itself.
    for arguments in [&["--listen", "apple"][..], &["--listen=apple"]] {
        let told = with_variables(arguments, &[("ROOMCAST_LISTEN", "banana")]).await;
        assert!(
            told.contains("'apple' for '--listen <ADDRESS:PORT>'"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_negative_number_is_a_value_and_no_option() {
    let run = roomcast(&["serve", "--max-rooms", "-1"]).await;
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.stderr
            .contains("invalid value '-1' for '--max-rooms <N>'"),
        "{run:?}"
    );
}

#[tokio::test]
async fn an_empty_variable_is_one_that_is_not_set() {
    let variables = [
        "LISTEN",
        "PLAIN",
        "MAX_ROOMS",
        "CERT",
        "KEY",
        "LOG",
        "DEBUG",
        "NAME",
    ];
    let empty = variables.map(|name| (format!("ROOMCAST_{name}"), ""));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut command = command(&["serve", "--data", &file.display().to_string()]);
    let Run { code, stderr, .. } = run(command.envs(empty)).await;
    // It gets as far as the folder, on the address that it listens on by default.
    assert_eq!(code, 1, "{stderr}");
}

#[tokio::test]
async fn a_start_that_fails_names_where_the_value_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("file"), "").unwrap();
    let (gone, file, data) = (at("gone"), at("file"), at("data"));
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    for (arguments, variables, origin) in [
        (
            &["--data", &data][..],
            &[("ROOMCAST_ASSETS", gone.as_str())][..],
            "(see ROOMCAST_ASSETS)",
        ),
        (&["--data", &data, "--assets", &file], &[], "(see --assets)"),
        (
            &[],
            &[("ROOMCAST_DATA", file.as_str())],
            "(see ROOMCAST_DATA)",
        ),
        (
            &["--data", &data],
            &[
                ("ROOMCAST_CERT", gone.as_str()),
                ("ROOMCAST_KEY", gone.as_str()),
            ],
            "ROOMCAST_CERT, ROOMCAST_KEY",
        ),
    ] {
        let mut command = command(&[&serve[..], arguments].concat());
        let Run { code, stderr, .. } = run(command.envs(variables.iter().copied())).await;
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(origin), "{stderr}");
    }
    let mut command = command(&["serve", "--data", &data]);
    let run = run(command.env("ROOMCAST_LISTEN", "nobody.invalid:1")).await;
    assert!(run.stderr.contains("(see ROOMCAST_LISTEN)"), "{run:?}");
}

#[tokio::test]
async fn variables_that_contradict_options_are_named() {
    let told = with_variables(&["--cert", "a", "--key", "b"], &[("ROOMCAST_PLAIN", "1")]).await;
    assert!(
        told.contains("environment variable ROOMCAST_PLAIN"),
        "{told}"
    );
    let told = with_variables(&["serve"], &[("ROOMCAST_CERT", "chain.pem")]).await;
    assert!(told.contains("--key <FILE>"), "{told}");
    assert!(
        told.contains("the environment variable ROOMCAST_CERT is set"),
        "{told}"
    );
}

#[tokio::test]
async fn no_sentence_has_the_number_of_an_error_of_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("file"), "").unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken_at = taken.local_addr().unwrap().to_string();
    let free = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let refused = format!("http://127.0.0.1:{free}/");
    let refused_tls = format!("https://127.0.0.1:{free}/");
    let refused_room = format!("http://127.0.0.1:{free}/rooms/x");
    let (gone, file, data) = (at("gone/x"), at("file"), at("data"));
    let below_file = at("file/data");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", &data];
    for arguments in [
        vec!["serve", "--listen", &taken_at, "--data", &data],
        vec!["serve", "--listen", "192.0.2.1:0", "--data", &data],
        vec!["serve", "--listen", "127.0.0.1:0", "--data", &file],
        vec!["serve", "--listen", "127.0.0.1:0", "--data", &below_file],
        [&serve[..], &["--cert", &gone, "--key", &gone]].concat(),
        [&serve[..], &["--assets", &gone]].concat(),
        [&serve[..], &["--tls-key-log", &gone]].concat(),
        vec!["probe", &refused],
        vec!["probe", "-k", "--json", &refused_tls],
        vec!["probe", "http://nobody.invalid/"],
        vec!["load", &refused],
        vec!["load", "--json", &refused],
        vec!["events", "--no-reconnect", &refused],
        vec!["ws", &refused.replace("http", "ws")],
        vec!["chat", &refused_room],
        vec!["man", "--dir", &below_file],
    ] {
        let run = roomcast(&arguments).await;
        assert!(run.code > 0, "{arguments:?}: {run:?}");
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(!said.contains("os error"), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_base_path_that_is_none_is_answered_with_the_reason_and_examples() {
    for (value, reason) in [
        ("chat", "it does not begin with a slash"),
        ("/a/../b", "browsers resolve the segment `..`"),
        (
            "/rooms",
            "the server has addresses of its own under `/rooms`",
        ),
    ] {
        let run = roomcast(&["--base-path", value]).await;
        assert_eq!(run.code, 2, "{run:?}");
        let words = format!("invalid value '{value}' for '--base-path <PATH>': {reason}; write");
        assert!(run.stderr.contains(&words), "{run:?}");
    }
    let told = with_variables(&["serve"], &[("ROOMCAST_BASE_PATH", "chat")]).await;
    assert!(told.contains("ROOMCAST_BASE_PATH"), "{told}");
}

#[tokio::test]
async fn a_number_of_a_client_that_is_none_is_answered_with_what_is_taken() {
    for (arguments, taken) in [
        (&["events", "-n", "0", "localhost"][..], "at least 1"),
        (
            &["load", "--max-files", "1k", "localhost"],
            "from 1 to 100000",
        ),
        (
            &["load", "--max-mebibytes", "65537", "localhost"],
            "from 1 to 65536",
        ),
        (
            &["load", "--compare", "--rounds", "many", "localhost"],
            "from 1 to 100",
        ),
        (
            &["ws", "--max-message-bytes", "1MB", "localhost"],
            "at least 0",
        ),
    ] {
        let run = roomcast(arguments).await;
        assert_eq!(run.code, 2, "{run:?}");
        let words = format!("write a whole number in digits alone, {taken}");
        assert!(run.stderr.contains(&words), "{run:?}");
    }
}
