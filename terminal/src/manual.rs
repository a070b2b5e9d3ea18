//! `roomcast completions` and `roomcast man`: the command line, for shells and for reading.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap_complete::Shell;
use clap_mangen::Man;

use crate::failure::Failure;

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  echo 'source <(roomcast completions bash)' >> ~/.bashrc
  roomcast completions zsh > ~/.zfunc/_roomcast
  roomcast completions fish > ~/.config/fish/completions/roomcast.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  roomcast man | man -l -
  roomcast man events | man -l -
  roomcast man --dir ~/.local/share/man/man1";

/// The options of `roomcast completions`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct CompletionsOptions {
    /// The shell that is to complete.
    shell: Shell,
}

/// The options of `roomcast man`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = MAN_EXAMPLES)]
pub struct ManOptions {
    /// The subcommand to describe. Default: the whole program.
    #[arg(conflicts_with = "dir")]
    subcommand: Option<String>,

    /// Write the pages of the program and of all subcommands into this folder instead.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints the script by which a shell completes the program's arguments.
///
/// # Errors
/// [`Failure`] when it cannot be printed.
pub fn completions(
    mut program: clap::Command,
    options: &CompletionsOptions,
) -> Result<(), Failure> {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut program, name, &mut script);
    print(&script)
}

/// Prints a page of the manual, or writes all of them.
///
/// # Errors
/// [`Failure`] when there is no such subcommand, or a page cannot be printed.
pub fn man(mut program: clap::Command, options: &ManOptions) -> Result<(), Failure> {
    if let Some(dir) = &options.dir {
        return write_pages(program, dir).map_err(|error| {
            Failure::Remote(format!(
                "cannot write to the folder {}: {error}",
                dir.display()
            ))
        });
    }
    program.build();
    let command = match &options.subcommand {
        None => program,
        Some(name) => {
            let found = program.find_subcommand(name).cloned();
            let found = found.ok_or_else(|| {
                Failure::Usage(format!(
                    "there is no subcommand '{name}': see roomcast --help"
                ))
            })?;
            let page = format!("{}-{name}", program.get_name());
            found.display_name(page)
        }
    };
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    print(&page)
}

fn write_pages(program: clap::Command, dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    clap_mangen::generate_to(program, dir)
}

fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    output.write_all(bytes)?;
    output.flush()?;
    Ok(())
}
