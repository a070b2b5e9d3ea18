//! The tables of `table/`: what people write in chat, and what it looks like.
//!
//! A row is `written ⇒ shown`. `⏎` is a line break, `␠` a space at an edge, `⇥` a tab. Shown is either
//! `as written` or the blocks, with `¶` between them.

use super::super::read;
use super::notation::blocks;

const TABLES: [(&str, &str); 7] = [
    ("as_written", include_str!("../table/as_written.txt")),
    ("escapes", include_str!("../table/escapes.txt")),
    ("emphasis", include_str!("../table/emphasis.txt")),
    ("blocks", include_str!("../table/blocks.txt")),
    ("code", include_str!("../table/code.txt")),
    ("links", include_str!("../table/links.txt")),
    ("scripts", include_str!("../table/scripts.txt")),
];

struct Row {
    table: &'static str,
    rule: &'static str,
    written: String,
    shown: String,
}

fn text(cell: &str) -> String {
    cell.trim()
        .replace('⏎', "\n")
        .replace('␠', " ")
        .replace('⇥', "\t")
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (table, content) in TABLES {
        let mut rule = "";
        for line in content.lines() {
            if let Some((written, shown)) = line.split_once(" ⇒ ") {
                let (written, shown) = (text(written), text(shown));
                rows.push(Row {
                    table,
                    rule,
                    written,
                    shown,
                });
            } else if let Some(heading) = line.strip_prefix("## ") {
                rule = heading;
            }
        }
    }
    rows
}

#[test]
fn every_row_of_the_tables_is_shown_as_it_says() {
    let mut wrong = Vec::new();
    for Row {
        table,
        rule,
        written,
        shown,
    } in rows()
    {
        let nodes = read(&written);
        let is = if nodes.is_empty() {
            "as written".to_owned()
        } else {
            blocks(&nodes)
        };
        if is.replace('⏎', "\n") != shown {
            wrong.push(format!(
                "{table}, {rule}:\n  {written:?}\n  is    {is}\n  not   {shown}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_tables_cover_what_people_write() {
    assert!(rows().len() >= 150, "{} rows", rows().len());
    let mut written: Vec<_> = rows().into_iter().map(|row| row.written).collect();
    let all = written.len();
    written.sort();
    written.dedup();
    assert_eq!(written.len(), all, "a row stands twice");
}
