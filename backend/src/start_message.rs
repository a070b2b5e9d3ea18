//! What the server tells its operator when it begins to serve.

use std::fmt;
use std::path::PathBuf;

use qrcode::{Color, QrCode};

use crate::tls::{Fingerprint, MadeCertificate};

/// The width of a terminal that does not tell its own, in columns.
const USUAL_COLUMNS: usize = 80;

/// The empty border that a scanner needs (ISO/IEC 18004, section 6.3.8), in modules.
const QUIET_ZONE: usize = 4;

/// What the server serves, where, and what it made for that.
#[derive(Clone, Debug)]
pub struct StartMessage {
    /// Where to point a browser on this machine.
    pub url: String,
    /// The fingerprint of the certificate, if there is TLS.
    pub fingerprint: Option<Fingerprint>,
    /// What the server made at its start.
    pub created: Vec<Created>,
    /// The addresses that others can open. None if this machine alone reaches the server.
    pub others_open: Vec<String>,
    /// The file for the keys of TLS connections.
    pub tls_key_log: Option<PathBuf>,
}

/// Something that the server made at its start.
#[derive(Clone, Debug)]
pub enum Created {
    /// The data folder.
    Data(PathBuf),
    /// The store of rooms.
    Store(PathBuf),
    /// A certificate for this machine.
    Certificate(MadeCertificate),
}

impl fmt::Display for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(path) => write!(f, "the data folder {}", path.display()),
            Self::Store(path) => write!(f, "the store of rooms {}", path.display()),
            Self::Certificate(made) => write!(
                f,
                "a certificate in {} for {} ({})",
                made.directory.display(),
                made.names.join(", "),
                made.because
            ),
        }
    }
}

impl fmt::Display for StartMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Roomcast serves on {}", self.url)?;
        if let Some(fingerprint) = &self.fingerprint {
            writeln!(f, "Certificate SHA-256 {fingerprint}")?;
        }
        for created in &self.created {
            writeln!(f, "Created {created}")?;
        }
        if self.others_open.is_empty() {
            return Ok(());
        }
        writeln!(f, "Others can open:")?;
        for url in &self.others_open {
            writeln!(f, "  {url}")?;
        }
        writeln!(
            f,
            "Everyone who can reach these addresses can read and write in every room."
        )
    }
}

impl StartMessage {
    /// The message with a QR code of the first address that others can open, for their phones. A terminal of too
    /// few `columns` would wrap the code, and gets none.
    pub fn for_terminal(&self, has_colours: bool, columns: Option<usize>) -> String {
        let columns = columns.unwrap_or(USUAL_COLUMNS);
        let url = self.others_open.first();
        let code = url.map(|url| qr_code(url, has_colours, columns));
        format!("{self}{}", code.flatten().unwrap_or_default())
    }
}

/// A QR code in half blocks, two rows of modules a line. `None` if it is wider than `columns`.
///
/// With colours it is black on white; without, it counts on a terminal that writes light on dark.
fn qr_code(text: &str, has_colours: bool, columns: usize) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let outer = width + 2 * QUIET_ZONE;
    if outer > columns {
        return None;
    }
    // Whether a block stands for a module; outside of the code all modules are light.
    let is_block = |row: usize, column: usize| {
        let inner = |place: usize| place.checked_sub(QUIET_ZONE).filter(|place| *place < width);
        let is_dark = match (inner(column), inner(row)) {
            (Some(x), Some(y)) => code[(x, y)] == Color::Dark,
            _ => false,
        };
        is_dark == has_colours
    };
    let mut picture = String::new();
    for row in (0..outer).step_by(2) {
        // SGR parameters of ECMA-48 and the white that terminals added to them.
        picture += if has_colours { "\x1b[30;107m" } else { "" };
        for column in 0..outer {
            picture.push(match (is_block(row, column), is_block(row + 1, column)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        picture += if has_colours { "\x1b[0m\n" } else { "\n" };
    }
    Some(picture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::MadeBecause;

    fn message() -> StartMessage {
        StartMessage {
            url: "https://localhost:8443/".to_owned(),
            fingerprint: None,
            created: Vec::new(),
            others_open: Vec::new(),
            tls_key_log: None,
        }
    }

    #[test]
    fn a_server_of_this_machine_alone_says_where_it_is_and_no_more() {
        assert_eq!(
            message().to_string(),
            "Roomcast serves on https://localhost:8443/\n"
        );
        assert_eq!(message().for_terminal(true, None), message().to_string());
    }

    #[test]
    fn what_was_made_is_told_with_its_place() {
        let certificate = MadeCertificate {
            because: MadeBecause::NotFor(vec!["chat.lan".to_owned()]),
            names: vec!["localhost".to_owned(), "chat.lan".to_owned()],
            directory: "/srv/data/tls".into(),
        };
        let message = StartMessage {
            created: vec![
                Created::Data("/srv/data".into()),
                Created::Store("/srv/data/rooms.sqlite3".into()),
                Created::Certificate(certificate),
            ],
            ..message()
        };
        let expected = "Created the data folder /srv/data\n\
            Created the store of rooms /srv/data/rooms.sqlite3\n\
            Created a certificate in /srv/data/tls for localhost, chat.lan (the one before it was not for \
            chat.lan)\n";
        assert!(message.to_string().ends_with(expected), "{message}");
    }

    #[test]
    fn a_server_that_others_reach_says_where_and_who_may_read_and_write() {
        let message = StartMessage {
            others_open: vec![
                "https://192.168.1.5:8443/".to_owned(),
                "https://[2001:db8::5]:8443/".to_owned(),
            ],
            ..message()
        };
        let expected = "Others can open:\n  https://192.168.1.5:8443/\n  https://[2001:db8::5]:8443/\n\
            Everyone who can reach these addresses can read and write in every room.\n";
        assert!(message.to_string().ends_with(expected), "{message}");
    }

    /// The modules of a picture on a terminal, dark ones as `true`, row by row.
    fn modules(picture: &str, has_colours: bool) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in picture.lines() {
            let line = line.trim_start_matches("\x1b[30;107m");
            let line = line.trim_end_matches("\x1b[0m");
            for halves in ["█▀", "█▄"] {
                let is_dark = |c| halves.contains(c) == has_colours;
                rows.push(line.chars().map(is_dark).collect());
            }
        }
        rows
    }

    #[test]
    fn a_phone_sees_the_first_address_on_the_terminal() {
        let url = "https://192.168.100.200:8443/";
        let message = StartMessage {
            others_open: vec![url.to_owned()],
            ..message()
        };
        let code = QrCode::new(url).unwrap();
        let width = code.width();
        for has_colours in [true, false] {
            let text = message.for_terminal(has_colours, None);
            let (_, picture) = text.split_once("in every room.\n").unwrap();
            let modules = modules(picture, has_colours);
            // A code has an odd number of rows, and the border has one more of them at its end.
            assert_eq!(modules.len(), width + 2 * QUIET_ZONE + 1);
            for (y, row) in modules.iter().enumerate() {
                for (x, is_dark) in row.iter().enumerate() {
                    let inside = QUIET_ZONE..QUIET_ZONE + width;
                    let expected = inside.contains(&x)
                        && inside.contains(&y)
                        && code[(x - QUIET_ZONE, y - QUIET_ZONE)] == Color::Dark;
                    assert_eq!(*is_dark, expected, "{x}, {y}");
                }
            }
        }
    }

    #[test]
    fn a_code_is_never_wider_than_a_terminal() {
        for length in [20, 100, 300, 900] {
            let url = format!("https://{}/", "a".repeat(length));
            let Some(picture) = qr_code(&url, false, 80) else {
                assert!(length > 250, "{length}");
                continue;
            };
            let width = picture.lines().next().unwrap().chars().count();
            assert!(width <= 80);
            assert_eq!(qr_code(&url, false, width), Some(picture));
            assert_eq!(qr_code(&url, false, width - 1), None);
        }
    }
}
