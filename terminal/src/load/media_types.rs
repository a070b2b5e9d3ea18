//! Media types that Chromium shows, plays or runs.

/// Images.
const IMAGES: [&str; 15] = [
    "image/apng",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/jpg",
    "image/jxl",
    "image/pjpeg",
    "image/png",
    "image/svg+xml",
    "image/vnd.microsoft.icon",
    "image/webp",
    "image/x-icon",
    "image/x-png",
    "image/x-xbitmap",
];

/// Audio and video.
const MEDIA: [&str; 25] = [
    "application/ogg",
    "application/vnd.apple.mpegurl",
    "application/x-mpegurl",
    "audio/aac",
    "audio/flac",
    "audio/matroska",
    "audio/mp3",
    "audio/mp4",
    "audio/mpeg",
    "audio/mpegurl",
    "audio/ogg",
    "audio/wav",
    "audio/wave",
    "audio/webm",
    "audio/x-m4a",
    "audio/x-mp3",
    "audio/x-mpegurl",
    "audio/x-wav",
    "video/matroska",
    "video/mp4",
    "video/ogg",
    "video/webm",
    "video/x-m4v",
    "video/x-matroska",
    "video/3gpp",
];

/// Beginnings of the names of codecs that are played.
const CODECS: [&str; 16] = [
    "av01", "avc1", "avc3", "flac", "hev1", "hvc1", "mp3", "mp4a", "opus", "vorbis", "vp8", "vp08",
    "vp9", "vp09", "1", "pcm",
];

/// JavaScript (WHATWG MIME Sniffing, section 4.6).
const SCRIPTS: [&str; 16] = [
    "application/ecmascript",
    "application/javascript",
    "application/x-ecmascript",
    "application/x-javascript",
    "text/ecmascript",
    "text/javascript",
    "text/javascript1.0",
    "text/javascript1.1",
    "text/javascript1.2",
    "text/javascript1.3",
    "text/javascript1.4",
    "text/javascript1.5",
    "text/jscript",
    "text/livescript",
    "text/x-ecmascript",
    "text/x-javascript",
];

/// The type without its parameters, in lower case.
pub(super) fn essence(text: &str) -> String {
    text.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Whether images of this type are shown.
pub(super) fn is_shown_image(text: &str) -> bool {
    IMAGES.contains(&essence(text).as_str())
}

/// Whether audio or video of this type is played.
pub(super) fn is_played(text: &str) -> bool {
    let parameters = text.split(';').skip(1);
    let codecs = parameters.filter_map(|parameter| parameter.trim().strip_prefix("codecs="));
    let is_codec_known = |codec: &str| {
        let codec = codec.trim().to_ascii_lowercase();
        CODECS.iter().any(|start| codec.starts_with(start))
    };
    let mut codecs = codecs.flat_map(|list| list.trim_matches(['"', '\'']).split(','));
    MEDIA.contains(&essence(text).as_str()) && codecs.all(is_codec_known)
}

/// Whether this is a type of JavaScript, without parameters.
pub(super) fn is_javascript(essence: &str) -> bool {
    SCRIPTS.contains(&essence)
}

/// Whether a font of this type is used.
pub(super) fn is_font(text: &str) -> bool {
    let essence = essence(text);
    essence
        .strip_prefix("font/")
        .or_else(|| essence.strip_prefix("application/font-"))
        .or_else(|| essence.strip_prefix("application/x-font-"))
        .is_some_and(|kind| {
            matches!(
                kind,
                "woff" | "woff2" | "ttf" | "otf" | "sfnt" | "collection"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_without_case_and_parameters() {
        assert!(is_shown_image("IMAGE/PNG; a=b") && !is_shown_image("image/foo"));
        assert!(is_played("video/mp4; codecs=\"avc1.42E01E, mp4a.40.2\""));
        assert!(!is_played("audio/ogg; codecs=foo") && !is_played("video/x-msvideo"));
        assert!(is_font("font/woff2") && !is_font("application/vnd.ms-fontobject"));
    }
}
