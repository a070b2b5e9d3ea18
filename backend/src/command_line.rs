//! The command line of the program: its subcommands, their help, and errors that name the environment
//! variable at fault.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use roomcast::config::Config;
use roomcast::config::value::log_level;
use roomcast_terminal::manual::{CompletionsOptions, ManOptions};
use tracing_subscriber::filter::LevelFilter;

/// The subcommand that stands for none.
const DEFAULT_SUBCOMMAND: &str = "serve";

const USAGE: &str = "roomcast [COMMAND] [OPTIONS]\n       roomcast [OPTIONS OF serve]";

const EXAMPLES: &str = "\
Examples:
  roomcast                                       serve https://localhost:8443/
  roomcast serve --listen :8443                  to everybody in your network
  roomcast chat -k localhost:8443/rooms/lobby    talk

Without a command it serves: `roomcast serve --help` lists the options. Each command has examples in its own help, \
and `roomcast man` prints the manual. -k (--insecure) accepts the certificate that a server makes for itself.";

const SERVE_EXAMPLES: &str = "\
Without --cert the server makes a certificate for itself, keeps it in the data folder and prints its \
fingerprint: browsers warn once, clients want --insecure. Ctrl-C or SIGTERM ends it gracefully, a second one at \
once.

TIME is a whole number with a unit: 250ms, 10s, 2m, 1h, 30d, 2w.

Examples:
  roomcast serve                                    on https://localhost:8443/
  roomcast serve --listen :8443 --name chat.lan     to everybody in your network
  roomcast serve --listen :443 --cert chain.pem --key key.pem
  roomcast serve --plain --listen 8080              behind a proxy
  roomcast serve --plain --base-path /chat          behind a proxy, under a path
  roomcast serve --ephemeral --log debug            nothing is kept
  ROOMCAST_DEBUG=http2debug=1 roomcast serve        with every HTTP/2 frame";

/// A real-time web server: live streams and rooms over TLS and HTTP/2.
#[derive(Parser)]
#[command(version = roomcast::VERSION, override_usage = USAGE, after_help = EXAMPLES)]
pub(crate) struct Command {
    /// What to do.
    #[command(subcommand)]
    pub(crate) subcommand: Subcommands,
}

/// The subcommands.
#[derive(Subcommand)]
pub(crate) enum Subcommands {
    /// Run the server (what `roomcast` alone does as well).
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Box<ServeOptions>),
    #[command(flatten)]
    Client(Box<roomcast_terminal::Command>),
    /// Print a script with which a shell completes arguments.
    Completions(CompletionsOptions),
    /// Print a page of the manual.
    Man(ManOptions),
}

/// The options of `roomcast serve`.
#[derive(clap::Args)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    pub(crate) config: Config,

    /// How much to tell on standard error: off, error, warn, info, debug or trace.
    #[arg(long, env = "ROOMCAST_LOG", value_name = "LEVEL", value_parser = log_level,
          default_value_t = LevelFilter::INFO, help_heading = "Options")]
    pub(crate) log: LevelFilter,
}

/// Reads the command line of the process. Prints help, the version or what is wrong, and ends the process,
/// where there is nothing else to do.
pub(crate) fn parse() -> Command {
    let arguments = with_subcommand(std::env::args_os().collect());
    let mut command = command();
    let parsed = command
        .try_get_matches_from_mut(&arguments)
        .and_then(|matches| {
            Command::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
        });
    parsed.unwrap_or_else(|error| name_variables(error, &command, &arguments).exit())
}

/// The command line without the variables that are empty: whoever writes such a line into a file of variables has
/// not set the option. Behind an option with a number, a minus begins a negative one, which is refused as such.
fn command() -> clap::Command {
    Command::command().mut_subcommands(|subcommand| {
        subcommand.mut_args(|argument| {
            let is_number = argument.get_value_names().is_some_and(|names| {
                names
                    .iter()
                    .any(|name| ["N", "BYTES", "TIME"].contains(&name.as_str()))
            });
            let argument = argument.allow_hyphen_values(is_number);
            let is_empty = argument
                .get_env()
                .and_then(std::env::var_os)
                .is_some_and(|value| value.is_empty());
            if is_empty {
                argument.env(Resettable::Reset)
            } else {
                argument
            }
        })
    })
}

/// Returns the places from which the values of these options of `serve` come, of those that were given: `--data` or `ROOMCAST_DATA`.
pub(crate) fn origins(options: &[&str]) -> Vec<String> {
    let arguments = with_subcommand(std::env::args_os().collect());
    let command = command();
    let serve = command.find_subcommand(DEFAULT_SUBCOMMAND);
    let arguments_of_serve = serve.into_iter().flat_map(clap::Command::get_arguments);
    arguments_of_serve
        .filter(|argument| {
            argument
                .get_long()
                .is_some_and(|long| options.contains(&long))
        })
        .filter_map(|argument| {
            let option = format!("--{}", argument.get_long()?);
            if is_given(&option, &arguments) {
                Some(option)
            } else {
                variable_in_force(argument, &arguments)
            }
        })
        .collect()
}

/// The arguments with the default subcommand before options that stand alone: they are those of `serve`.
fn with_subcommand(mut arguments: Vec<OsString>) -> Vec<OsString> {
    const OF_THE_PROGRAM: [&str; 4] = ["-h", "--help", "-V", "--version"];
    let is_missing = arguments.get(1).is_none_or(|first| {
        let first = first.to_string_lossy();
        first.starts_with('-') && !OF_THE_PROGRAM.contains(&first.as_ref())
    });
    if is_missing {
        if arguments.is_empty() {
            // Programs may be started even without their name.
            arguments.push("roomcast".into());
        }
        arguments.insert(1, DEFAULT_SUBCOMMAND.into());
    }
    arguments
}

/// The same error, in which options whose values came from the environment are called by their variables.
fn name_variables(
    mut error: clap::Error,
    command: &clap::Command,
    arguments: &[OsString],
) -> clap::Error {
    let subcommand = arguments
        .get(1)
        .and_then(|name| command.find_subcommand(name));
    let Some(subcommand) = subcommand else {
        return error;
    };
    let named = |shown: &String| match variable_of(shown, subcommand, arguments) {
        Some(variable) => format!("environment variable {variable}"),
        None => shown.clone(),
    };
    if error.kind() == ErrorKind::MissingRequiredArgument {
        // An option that is not there is never at fault; the one that wants it may be.
        let tips: Vec<_> = subcommand
            .get_arguments()
            .filter_map(|argument| variable_in_force(argument, arguments))
            .map(|name| format!("the environment variable {name} is set").into())
            .collect();
        if !tips.is_empty() {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
        return error;
    }
    for kind in [ContextKind::InvalidArg, ContextKind::PriorArg] {
        let renamed = match error.get(kind) {
            Some(ContextValue::String(shown)) => ContextValue::String(named(shown)),
            Some(ContextValue::Strings(shown)) => {
                ContextValue::Strings(shown.iter().map(named).collect())
            }
            _ => continue,
        };
        error.insert(kind, renamed);
    }
    error
}

/// The variable that gave an option its value, by the option as clap shows it: `--listen <ADDRESS:PORT>`.
fn variable_of(shown: &str, subcommand: &clap::Command, arguments: &[OsString]) -> Option<String> {
    let long = shown.strip_prefix("--")?;
    let long = long.split([' ', '=', '[']).next()?;
    let argument = subcommand
        .get_arguments()
        .find(|argument| argument.get_long() == Some(long))?;
    variable_in_force(argument, arguments)
}

/// The variable of an option that is set, unless the option stands on the command line.
fn variable_in_force(argument: &clap::Arg, arguments: &[OsString]) -> Option<String> {
    let variable = argument.get_env()?;
    std::env::var_os(variable)?;
    let option = format!("--{}", argument.get_long()?);
    let is_given = is_given(&option, arguments);
    (!is_given).then(|| variable.to_string_lossy().into_owned())
}

/// `true` if an option such as `--data` stands on the command line.
fn is_given(option: &str, arguments: &[OsString]) -> bool {
    arguments.iter().any(|given| {
        let given = given.to_string_lossy();
        given
            .strip_prefix(option)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(arguments: &[&str]) -> Vec<OsString> {
        with_subcommand(arguments.iter().map(OsString::from).collect())
    }

    #[test]
    fn options_without_a_subcommand_are_those_of_serve() {
        assert_eq!(completed(&["roomcast"]), ["roomcast", "serve"]);
        assert_eq!(
            completed(&["roomcast", "--plain", "--listen", "8080"]),
            ["roomcast", "serve", "--plain", "--listen", "8080"]
        );
        for own in ["-h", "--help", "-V", "--version", "chat", "serve", "hepl"] {
            assert_eq!(completed(&["roomcast", own]), ["roomcast", own]);
        }
        assert_eq!(completed(&[]), ["roomcast", "serve"]);
    }

    #[test]
    fn the_command_line_is_consistent() {
        Command::command().debug_assert();
    }
}
