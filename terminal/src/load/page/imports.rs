//! What a module imports (ECMAScript, section 16.2), found without running it, and import maps.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use super::script_tokens::{Token, Tokens};

/// A file that a module imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::load) struct ModuleImport {
    pub(in crate::load) specifier: String,
    /// Whether it is a module, not data such as JSON.
    pub(in crate::load) is_script: bool,
}

/// What bare names of modules stand for (HTML Standard, section 8.1.6.2).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::load) struct ImportMap {
    imports: BTreeMap<String, Option<String>>,
    scopes: BTreeMap<String, BTreeMap<String, Option<String>>>,
}

impl ImportMap {
    /// Adds the names of a further map of the page; those that are known already stay as they are.
    pub(in crate::load) fn merge(&mut self, other: Self) {
        add_missing(&mut self.imports, other.imports);
        for (scope, map) in other.scopes {
            add_missing(self.scopes.entry(scope).or_default(), map);
        }
    }

    /// Where a module is that one at `from` imports. `None` if nobody knows.
    pub(in crate::load) fn resolve(&self, specifier: &str, from: &Url, base: &Url) -> Option<Url> {
        let is_relative = ["/", "./", "../"]
            .iter()
            .any(|start| specifier.starts_with(start));
        let url = if is_relative {
            from.join(specifier).ok()
        } else {
            Url::parse(specifier).ok()
        };
        let normal = url.as_ref().map_or(specifier, Url::as_str);
        let scopes = self.scopes.iter().rev().filter(|(scope, _)| {
            base.join(scope).is_ok_and(|scope| {
                let scope = scope.as_str();
                from.as_str() == scope || (scope.ends_with('/') && from.as_str().starts_with(scope))
            })
        });
        let maps = scopes.map(|(_, map)| map).chain([&self.imports]);
        for map in maps {
            match mapped(map, normal, base) {
                Mapped::To(url) => return Some(url),
                Mapped::Nowhere => return None,
                Mapped::Unknown => {}
            }
        }
        url
    }
}

fn add_missing(
    known: &mut BTreeMap<String, Option<String>>,
    more: BTreeMap<String, Option<String>>,
) {
    for (name, address) in more {
        known.entry(name).or_insert(address);
    }
}

/// Where a map says that a module is.
enum Mapped {
    Unknown,
    Nowhere,
    To(Url),
}

/// What a map says about a name: the longest of its names that fits counts.
fn mapped(map: &BTreeMap<String, Option<String>>, name: &str, base: &Url) -> Mapped {
    let full = |key: &str| {
        let is_relative = ["/", "./", "../"]
            .iter()
            .any(|start| key.starts_with(start));
        let joined = if is_relative {
            base.join(key).ok()
        } else {
            Url::parse(key).ok()
        };
        joined.map_or_else(|| key.to_owned(), String::from)
    };
    let mut fitting: Vec<(String, &Option<String>)> = map
        .iter()
        .map(|(key, address)| (full(key), address))
        .filter(|(key, _)| key == name || (key.ends_with('/') && name.starts_with(key.as_str())))
        .collect();
    fitting.sort_by_key(|(key, _)| key.len());
    let Some((key, address)) = fitting.pop() else {
        return Mapped::Unknown;
    };
    let target = address.as_ref().and_then(|address| base.join(address).ok());
    let rest = &name[key.len()..];
    let target = target.and_then(|target| {
        if rest.is_empty() {
            Some(target)
        } else {
            target.join(rest).ok()
        }
    });
    target.map_or(Mapped::Nowhere, Mapped::To)
}

/// The files that a module imports, in their order.
pub(in crate::load) fn imports(script: &str) -> Vec<ModuleImport> {
    let mut tokens = Tokens::new(script);
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut after_dot = false;
    while let Some(token) = tokens.next() {
        let is_statement = depth == 0 && !after_dot;
        after_dot = token == Token::Sign('.');
        match token {
            Token::Sign('{' | '(' | '[') => depth += 1,
            Token::Sign('}' | ')' | ']') => depth = depth.saturating_sub(1),
            Token::Word(word) if is_statement && word == "import" => {
                found.extend(clause(&mut tokens, false));
            }
            Token::Word(word) if is_statement && word == "export" => {
                found.extend(clause(&mut tokens, true));
            }
            _ => {}
        }
    }
    found
}

/// What stands behind `import` or `export`, up to the name of the module.
fn clause(tokens: &mut Tokens, is_export: bool) -> Option<ModuleImport> {
    let start = tokens.clone();
    let specifier = specifier(tokens, is_export);
    let Some(specifier) = specifier else {
        // It was something else: what stands there is read again as that.
        *tokens = start;
        return None;
    };
    let mut is_script = true;
    let mut ahead = tokens.clone();
    if matches!(ahead.next(), Some(Token::Word("with" | "assert")))
        && ahead.next() == Some(Token::Sign('{'))
    {
        is_script = false;
        while !matches!(ahead.next(), None | Some(Token::Sign('}'))) {}
        *tokens = ahead;
    }
    Some(ModuleImport {
        specifier,
        is_script,
    })
}

fn specifier(tokens: &mut Tokens, is_export: bool) -> Option<String> {
    match tokens.next()? {
        Token::String(text) if !is_export => return Some(text),
        Token::Sign('{') => braces(tokens)?,
        Token::Sign('*') => {}
        Token::Word(_) if !is_export => {}
        _ => return None,
    }
    // Names, up to `from`.
    loop {
        match tokens.next()? {
            Token::Word("from") => {
                let mut ahead = tokens.clone();
                if let Some(Token::String(text)) = ahead.next() {
                    *tokens = ahead;
                    return Some(text);
                }
            }
            Token::Word(_) | Token::String(_) | Token::Sign('*' | ',') => {}
            Token::Sign('{') => braces(tokens)?,
            _ => return None,
        }
    }
}

fn braces(tokens: &mut Tokens) -> Option<()> {
    loop {
        match tokens.next()? {
            Token::Sign('}') => return Some(()),
            Token::Sign('{' | '(' | ';') => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(script: &str) -> Vec<String> {
        imports(script)
            .into_iter()
            .map(|import| import.specifier)
            .collect()
    }

    #[test]
    fn imports_are_found_in_every_notation() {
        let script = "#!/x\n'use strict';import a,{b as c}from'./1';import*as d from \"./2\"\nimport'./3';\
                      export*from './4';export * as e from'./5';export{f,default as g}from'./6';\
                      import h from './7' with {type:'json'};import from from './8';const i=1;import'./9'";
        assert_eq!(
            names(script),
            [
                "./1", "./2", "./3", "./4", "./5", "./6", "./7", "./8", "./9"
            ]
        );
        assert!(!imports(script)[6].is_script);
    }

    #[test]
    fn what_only_looks_like_an_import_is_none() {
        for script in [
            "// import './a'",
            "/* import './a' */",
            "let s = \"import './a'\", t = `import './a' ${`import './b'`} import './c'`",
            "let r = /import '.\\/a'/; x.import; ({ import: 1 })",
            "import('./a'); import.meta.url; if (1) { import './a' }",
            "export { a, b }; export default from; export const from = './a'; export function f() {}",
        ] {
            assert_eq!(names(script), [""; 0], "{script}");
        }
    }

    #[test]
    fn bare_names_are_resolved_by_the_map() {
        let map: ImportMap = serde_json::from_str(
            r#"{"imports": {"a": "./x.js", "p/": "/q/", "./c.js": "./d.js", "no": null}, "scopes": {"/s/": {"a": "./y.js"}}}"#,
        )
        .unwrap();
        let base = Url::parse("http://h/b/").unwrap();
        let resolve = |name, from: &str| {
            map.resolve(name, &base.join(from).unwrap(), &base)
                .map(|url| url.path().to_owned())
        };
        assert_eq!(resolve("a", "m.js").as_deref(), Some("/b/x.js"));
        assert_eq!(resolve("a", "/s/m.js").as_deref(), Some("/b/y.js"));
        assert_eq!(resolve("p/z.js", "m.js").as_deref(), Some("/q/z.js"));
        assert_eq!(resolve("./c.js", "m.js").as_deref(), Some("/b/d.js"));
        assert_eq!(resolve("./e.js", "t/m.js").as_deref(), Some("/b/t/e.js"));
        assert_eq!(resolve("no", "m.js"), None);
        assert_eq!(resolve("bare", "m.js"), None);
    }

    proptest! {
        #[test]
        fn any_script_is_read(script in r#"(import|export|from|[`'"/*{}()$.; \n]|\PC){0,60}"#) {
            prop_assert!(imports(&script).len() <= script.len());
        }
    }
}
