//! What a load came to, for programs. `docs/load.md` describes the fields.

use std::time::Duration;

use serde::Serialize;

use super::comparison::{Load as WayLoad, Row, Way, loads};
use super::link::LinkOptions;
use super::recording::{ConnectionRecord, File, Initiator, Recording};
use super::waterfall::protocol;

#[derive(Serialize)]
struct Load<'a> {
    url: &'a str,
    mode: &'a str,
    link: Option<Link>,
    document_ms: f64,
    complete_ms: f64,
    wire_bytes: u64,
    decoded_bytes: u64,
    files: Vec<FileFields<'a>>,
    connections: Vec<ConnectionFields<'a>>,
    left_out: &'a [String],
}

#[derive(Serialize)]
struct Link {
    rtt_ms: f64,
    bandwidth_bits_per_second: Option<u64>,
}

#[derive(Serialize)]
struct FileFields<'a> {
    url: &'a str,
    initiator: &'static str,
    from: Option<usize>,
    needed: bool,
    is_icon: bool,
    protocol: Option<&'static str>,
    status: Option<u16>,
    media_type: Option<&'a str>,
    known_ms: f64,
    sent_ms: Option<f64>,
    first_byte_ms: Option<f64>,
    end_ms: Option<f64>,
    wire_bytes: u64,
    decoded_bytes: u64,
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct ConnectionFields<'a> {
    origin: &'a str,
    protocol: Option<&'static str>,
    begun_ms: f64,
    open_ms: f64,
}

#[derive(Serialize)]
struct Comparison<'a> {
    url: &'a str,
    rounds: usize,
    modes: Vec<ModeFields<'a>>,
}

#[derive(Serialize)]
struct ModeFields<'a> {
    mode: &'a str,
    error: Option<&'a str>,
    #[serde(flatten)]
    came: Option<CameFields<'a>>,
}

#[derive(Serialize)]
struct CameFields<'a> {
    document_ms: f64,
    complete_ms: f64,
    saved_ms: Option<f64>,
    saved_percent: Option<f64>,
    requests: usize,
    pushed: usize,
    missing: usize,
    load: Load<'a>,
}

/// One load as a JSON object.
pub(super) fn load(recording: &Recording, label: &str, link: Option<&LinkOptions>) -> String {
    written(&fields(recording, label, link))
}

/// A comparison as a JSON object; each mode has its median load, or an error if it is not spoken.
pub(super) fn comparison(
    url: &str,
    ways: &[Way],
    rounds: usize,
    link: Option<&LinkOptions>,
) -> String {
    let first = loads(ways).next().map(|load| &load.row);
    let modes = ways.iter().map(|way| ModeFields {
        mode: way.label,
        error: way.load.as_ref().err().map(String::as_str),
        came: way.load.as_ref().ok().map(|load| came(load, first, link)),
    });
    let modes = modes.collect();
    written(&Comparison { url, rounds, modes })
}

fn came<'a>(
    WayLoad { row, recording }: &'a WayLoad,
    first: Option<&Row>,
    link: Option<&LinkOptions>,
) -> CameFields<'a> {
    let saving = first.and_then(|first| row.saving(first));
    CameFields {
        document_ms: milliseconds(row.document),
        complete_ms: milliseconds(row.complete),
        saved_ms: saving.map(|(saved, _)| rounded(saved)),
        saved_percent: saving.map(|(_, percent)| rounded(percent)),
        requests: row.requests,
        pushed: row.pushed,
        missing: row.missing,
        load: fields(recording, row.label, link),
    }
}

fn fields<'a>(recording: &'a Recording, label: &'a str, link: Option<&LinkOptions>) -> Load<'a> {
    let document = recording.document().and_then(|file| file.end_at);
    Load {
        url: recording.url.as_str(),
        mode: label,
        link: link.map(|link| Link {
            rtt_ms: milliseconds(link.round_trip()),
            bandwidth_bits_per_second: link.bandwidth.map(|bytes| bytes.get() * 8),
        }),
        document_ms: milliseconds(document.unwrap_or_default()),
        complete_ms: milliseconds(recording.complete_at()),
        wire_bytes: recording.wire_bytes(),
        decoded_bytes: recording.decoded_bytes(),
        files: recording.files.iter().map(file).collect(),
        connections: recording.connections.iter().map(connection).collect(),
        left_out: &recording.left_out,
    }
}

fn file(file: &File) -> FileFields<'_> {
    FileFields {
        url: file.url.as_str(),
        initiator: match file.initiator {
            Initiator::Address => "address",
            Initiator::Redirect => "redirect",
            Initiator::Refresh => "refresh",
            other => other.word(),
        },
        from: file.from,
        needed: file.needed,
        is_icon: file.is_icon,
        protocol: file.version.map(|version| protocol(Some(version))),
        status: file.status.map(|status| status.as_u16()),
        media_type: file.media_type.as_deref(),
        known_ms: milliseconds(file.known_at),
        sent_ms: file.sent_at.map(milliseconds),
        first_byte_ms: file.first_byte_at.map(milliseconds),
        end_ms: file.end_at.map(milliseconds),
        wire_bytes: file.wire_bytes,
        decoded_bytes: file.decoded_bytes,
        error: file.error.as_deref(),
    }
}

fn connection(connection: &ConnectionRecord) -> ConnectionFields<'_> {
    ConnectionFields {
        origin: &connection.origin,
        protocol: connection.version.map(|version| protocol(Some(version))),
        begun_ms: milliseconds(connection.begun_at),
        open_ms: milliseconds(connection.open_at),
    }
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1000.0)
}

/// With three digits: more are noise.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn written(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value)
        .expect("strings, numbers and lists of them are always JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::sample;
    use super::*;

    #[test]
    fn a_load_has_the_fields_that_the_documentation_names() {
        let link = LinkOptions {
            rtt: Some(Duration::from_millis(60)),
            bandwidth: std::num::NonZeroU64::new(125_000),
        };
        let text = load(&sample::recording(), "HTTP/2", Some(&link));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value["link"],
            json!({"rtt_ms": 60.0, "bandwidth_bits_per_second": 1_000_000})
        );
        assert_eq!(value["complete_ms"], 400.0);
        assert_eq!(
            value["files"][4],
            json!({
                "url": "https://localhost:8443/new.png", "initiator": "redirect", "from": 3,
                "needed": true, "is_icon": false, "protocol": "HTTP/2", "status": 404, "media_type": "text/plain",
                "known_ms": 260.0, "sent_ms": 261.0, "first_byte_ms": 320.0, "end_ms": 360.0,
                "wire_bytes": 100, "decoded_bytes": 100, "error": null,
            })
        );
        let documented = include_str!("../../../docs/load.md");
        let objects = [
            &value,
            &value["link"],
            &value["files"][0],
            &value["connections"][0],
        ];
        for name in objects
            .iter()
            .flat_map(|object| object.as_object().unwrap().keys())
        {
            assert!(
                documented.contains(&format!("`{name}`")),
                "{name} is not documented"
            );
        }
    }

    #[test]
    fn a_comparison_has_each_mode_with_what_it_saves() {
        let mut slow = Row::new("HTTP/1.1", &sample::recording());
        slow.complete = Duration::from_millis(800);
        let fast = Row::new("HTTP/2", &sample::recording());
        let way = |row: Row| Way {
            label: row.label,
            load: Ok(WayLoad {
                row,
                recording: sample::recording(),
            }),
        };
        let refused = Way::new("HTTP/2 with push", Err("it speaks none".to_owned()));
        let ways = [way(slow), way(fast), refused];
        let text = comparison("https://localhost/", &ways, 3, None);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["modes"][0]["error"], Value::Null);
        assert_eq!(
            value["modes"][2],
            json!({"mode": "HTTP/2 with push", "error": "it speaks none"})
        );
        assert_eq!(value["rounds"], 3);
        assert_eq!(value["modes"][0]["saved_ms"], 0.0);
        assert_eq!(value["modes"][1]["saved_ms"], 400.0);
        assert_eq!(value["modes"][1]["saved_percent"], 50.0);
        assert_eq!(value["modes"][1]["load"]["link"], Value::Null);
        let documented = include_str!("../../../docs/load.md");
        for name in value
            .as_object()
            .unwrap()
            .keys()
            .chain(value["modes"][0].as_object().unwrap().keys())
        {
            assert!(
                documented.contains(&format!("`{name}`")),
                "{name} is not documented"
            );
        }
    }
}
