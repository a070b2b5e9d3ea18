//! What the variable `ROOMCAST_DEBUG` says, after Go's `GODEBUG`.

use std::str::FromStr;

use crate::scanner::Depth;

/// Switches for looking into HTTP/2 and for doing without it. Written as
/// `http2client=0,http2server=0,http2debug=2`, in any order; what is left out has its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// Whether clients speak HTTP/2: `http2client=0` or `1`, the default.
    pub http2_client: bool,
    /// Whether the server speaks HTTP/2: `http2server=0` or `1`, the default.
    pub http2_server: bool,
    /// What is printed of each frame: `http2debug=0`, the default, `1` or `2`.
    pub frame_log: FrameLog,
}

/// What is printed of the frames of HTTP/2 connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FrameLog {
    /// Nothing. Connections are not watched at all.
    #[default]
    Off,
    /// A line for each frame.
    Frames,
    /// Header fields and the beginnings of bodies as well.
    Contents,
}

/// What is wrong with the switches.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SwitchesError {
    /// There is no switch of this name.
    #[error(
        "ROOMCAST_DEBUG has no switch '{0}'; there are http2client, http2server and http2debug"
    )]
    UnknownSwitch(String),
    /// The switch does not have this value.
    #[error("ROOMCAST_DEBUG: {switch} cannot be '{value}'; it is one of {values}")]
    UnknownValue {
        /// The switch.
        switch: &'static str,
        /// What it was to be.
        value: String,
        /// What it can be.
        values: &'static str,
    },
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            http2_client: true,
            http2_server: true,
            frame_log: FrameLog::Off,
        }
    }
}

impl FromStr for Switches {
    type Err = SwitchesError;

    fn from_str(text: &str) -> Result<Self, SwitchesError> {
        let mut switches = Self::default();
        let items = text.split(',').map(str::trim);
        for item in items.filter(|item| !item.is_empty()) {
            let (name, value) = item.split_once('=').unwrap_or((item, ""));
            match name {
                "http2client" => switches.http2_client = on_or_off("http2client", value)?,
                "http2server" => switches.http2_server = on_or_off("http2server", value)?,
                "http2debug" => {
                    switches.frame_log = match value {
                        "0" => FrameLog::Off,
                        "1" => FrameLog::Frames,
                        "2" => FrameLog::Contents,
                        value => return Err(unknown_value("http2debug", value, "0, 1 and 2")),
                    }
                }
                name => return Err(SwitchesError::UnknownSwitch(name.to_owned())),
            }
        }
        Ok(switches)
    }
}

fn on_or_off(switch: &'static str, value: &str) -> Result<bool, SwitchesError> {
    match value {
        "0" => Ok(false),
        "1" => Ok(true),
        value => Err(unknown_value(switch, value, "0 and 1")),
    }
}

fn unknown_value(switch: &'static str, value: &str, values: &'static str) -> SwitchesError {
    SwitchesError::UnknownValue {
        switch,
        value: value.to_owned(),
        values,
    }
}

impl FrameLog {
    /// How far to look into frames; `None` when nothing is printed.
    pub fn depth(self) -> Option<Depth> {
        match self {
            Self::Off => None,
            Self::Frames => Some(Depth::Control),
            Self::Contents => Some(Depth::Contents),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_as_usual_unless_it_is_switched() {
        for nothing in ["", ",", "http2client=1,http2server=1,http2debug=0"] {
            assert_eq!(nothing.parse(), Ok(Switches::default()));
        }
        assert_eq!(
            "http2client=0, http2server=0,http2debug=1".parse(),
            Ok(Switches {
                http2_client: false,
                http2_server: false,
                frame_log: FrameLog::Frames,
            })
        );
        let contents = "http2debug=2".parse::<Switches>().unwrap();
        assert_eq!(contents.frame_log.depth(), Some(Depth::Contents));
    }

    #[test]
    fn what_is_unknown_is_named() {
        for (text, named) in [
            ("http2debug=1,gctrace=1", "no switch 'gctrace'"),
            ("http2debug=3", "http2debug cannot be '3'"),
            ("http2debug", "http2debug cannot be ''"),
            ("http2client=false", "http2client cannot be 'false'"),
            ("http2server=", "http2server cannot be ''"),
            ("HTTP2DEBUG=1", "no switch 'HTTP2DEBUG'"),
        ] {
            let error = text.parse::<Switches>().unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
