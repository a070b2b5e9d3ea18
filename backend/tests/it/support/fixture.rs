//! A small browser client to serve, so that no test needs the real one to be built.

use std::path::Path;

/// What the page needs, by path.
pub(crate) const NEEDS: [&str; 3] = [
    "/app-0123456789abcdef.css",
    "/app-0123456789abcdef.js",
    "/app-0123456789abcdef_bg.wasm",
];

/// Writes the page and its files: worth compressing, the page and one file too long for a single
/// frame, and no longer, as the server compresses them with all its might when it starts.
pub(crate) fn write(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let [css, js, wasm] = NEEDS;
    let document = format!(
        "<!DOCTYPE html><html lang=en><head><title>Fixture</title>\
        <link rel=\"stylesheet\" href=\"{css}\">\
        <link rel=\"modulepreload\" href=\"{js}\">\
        <link rel=\"preload\" href=\"{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\
        </head><body>{}</body></html>",
        "text ".repeat(3_500)
    );
    std::fs::write(folder.join("index.html"), document).unwrap();
    for (path, lines) in NEEDS.iter().zip([50, 100, 1_700]) {
        let lines: Vec<_> = (0..lines).map(|line| format!("/* {line} */")).collect();
        std::fs::write(folder.join(&path[1..]), lines.join("\n")).unwrap();
    }
}
