//! The documents that are made from the program are fresh. `PODREPLAY_BLESS=1 cargo test --test docs` renews them.

use std::fs;
use std::path::Path;
use std::process::Command;

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_podreplay")).args(arguments).arg("--help").output().expect("it runs");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}

#[test]
fn the_command_line_page_is_fresh() {
    let overview = help(&[]);
    let mut page = String::from(
        "# The command line\n\nMade from `--help`; `PODREPLAY_BLESS=1 cargo test --test docs` renews it.\n\n",
    );
    page.push_str(&format!("```\n{overview}```\n"));
    let commands = overview.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        page.push_str(&format!("\n## podreplay {name}\n\n```\n{}```\n", help(&[name])));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    if std::env::var_os("PODREPLAY_BLESS").is_some() {
        fs::write(&path, &page).expect("writable");
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == page,
        "docs/cli.md is stale: PODREPLAY_BLESS=1 cargo test --test docs"
    );
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec!["README.md".into(), "ARCHITECTURE.md".into(), "CONTRIBUTING.md".into(), "CHANGELOG.md".into()];
    for folder in ["docs", "docs/decisions", "recordings"] {
        for entry in fs::read_dir(root.join(folder)).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path.strip_prefix(root).expect("below the root").to_owned());
            }
        }
    }
    assert!(pages.len() > 12, "{pages:?}");
    for page in pages {
        let text = fs::read_to_string(root.join(&page)).expect("readable");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || target.contains("://") {
                continue;
            }
            let path = root.join(&page).parent().expect("a folder").join(file);
            assert!(path.exists(), "{}: {target}", page.display());
        }
    }
}
