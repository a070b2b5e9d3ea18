//! Puts the built browser client into the program, compressed once.
//!
//! The client is what `trunk build --release` left in `dist/` of the workspace. Without it the
//! program builds all the same, and says on its page that the client was not built.

#[path = "src/assets/compress.rs"]
mod compress;
#[path = "src/assets/folder.rs"]
pub mod folder;

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

fn main() -> Result<(), Box<dyn Error>> {
    let dist = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../dist");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
    stand_in_for(&dist);
    println!("cargo::rustc-env=ROOMCAST_VERSION={}", version());

    let mut files = String::new();
    if dist.is_dir() {
        for (number, file) in folder::read(&dist)?.iter().enumerate() {
            embed(file, &out, number, &mut files)?;
        }
    }
    fs::write(
        out.join("client.rs"),
        format!("static FILES: &[EmbeddedFile] = &[{files}];"),
    )?;
    Ok(())
}

/// Writes the codings of a file, and the Rust expression that includes them.
fn embed(
    file: &folder::File,
    out: &Path,
    number: usize,
    files: &mut String,
) -> Result<(), Box<dyn Error>> {
    // The server completes the document when it starts, and compresses it after that.
    let compressed = if file.path == "/index.html" {
        compress::Compressed::default()
    } else {
        compress::compress(&file.path, &file.content)?
    };
    let include = |coding: &str, content: &[u8]| -> Result<String, Box<dyn Error>> {
        let name = format!("client-{number}.{coding}");
        fs::write(out.join(&name), content)?;
        Ok(format!(
            "include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\")).as_slice()"
        ))
    };
    let optional = |coding: &str, content: Option<Vec<u8>>| match content {
        Some(content) => include(coding, &content).map(|code| format!("Some({code})")),
        None => Ok("None".to_owned()),
    };
    write!(
        files,
        "EmbeddedFile {{ path: {:?}, identity: {}, brotli: {}, gzip: {} }},",
        file.path,
        include("identity", &file.content)?,
        optional("br", compressed.brotli)?,
        optional("gz", compressed.gzip)?,
    )?;
    Ok(())
}

/// The version of the package; in a release that is built from its own repository, also the commit and its date.
///
/// The date is the commit's and not the day of the build, so that one commit makes one binary. Builds for debugging
/// do without: they would be made anew for each commit.
fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    if env::var("PROFILE").is_ok_and(|profile| profile == "release")
        && let Some(commit) = commit()
    {
        return format!("{version} ({commit})");
    }
    version.to_owned()
}

/// The commit and its date. `None` without git or without a repository of our own.
fn commit() -> Option<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()?
        .canonicalize()
        .ok()?;
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(&workspace)
            .args(arguments)
            .output();
        let output = output.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    // An unpacked archive may lie in the repository of somebody else.
    let root = git(&["rev-parse", "--show-toplevel"])?;
    if Path::new(&root).canonicalize().ok()? != workspace {
        return None;
    }
    // The first changes with the branch, the second with each commit.
    for file in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", file])?;
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
    git(&["-c", "core.abbrev=12", "log", "-1", "--format=%h %cs"])
}

/// Makes an empty folder where the client will be built, with an old date.
///
/// Cargo takes a watched path that is missing for a changed one, and would build the server
/// anew every time until somebody builds the client. Where this fails, it does just that.
fn stand_in_for(dist: &Path) {
    if fs::create_dir(dist).is_ok() {
        let _ = fs::File::open(dist).and_then(|folder| folder.set_modified(SystemTime::UNIX_EPOCH));
    }
}
