//! The documents that are made from the program are fresh. `PODREPLAY_BLESS=1 cargo test --test it docs::` renews them.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::folders;
use podreplay::cause::Cause;
use podreplay::input::Format;
use podreplay::input::format::Facts;
use podreplay::kubelet::reasons::{Place, all};
use podreplay::render::reasons::place_text;
use podreplay::rules::{RULES, page as rule_page};

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_podreplay")).args(arguments).arg("--help").output().expect("it runs");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}

#[test]
fn the_command_line_page_is_fresh() {
    let overview = help(&[]);
    let mut page = String::from(
        "# The command line\n\nMade from `--help`; `PODREPLAY_BLESS=1 cargo test --test it docs::` renews it.\n\n",
    );
    page.push_str(&format!("```\n{overview}```\n"));
    let commands = overview.lines().skip_while(|line| *line != "Look:").take_while(|line| *line != "Options:");
    let names: Vec<&str> = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        page.push_str(&format!("\n## podreplay {name}\n\n```\n{}```\n", help(&[name])));
    }
    assert_fresh("docs/cli.md", &page);
}

/// The table of docs/formats.md is made from the facts beside `Format`; each format has a section of its own.
#[test]
fn the_table_of_formats_is_fresh() {
    const BEGIN: &str = "<!-- the table -->\n";
    const END: &str = "<!-- the end of the table -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let page = fs::read_to_string(&path).expect("readable");
    let (before, rest) = page.split_once(BEGIN).expect("the place of the table");
    let (_, behind) = rest.split_once(END).expect("the end of the table");
    let mut table = String::from(
        "| format | source | known by | versions | clock | deletions | whole | get one with |\n|---|---|---|---|---|---|---|---|\n",
    );
    for format in Format::ALL {
        let Facts { source, known_by, versions, clock, deletions, objects, capture, .. } = *format.facts();
        let commands: Vec<String> =
            capture.iter().map(|command| format!("`{}`", command.replace('|', "\\|"))).collect();
        let (versions, deletions, objects) = (versions.as_str(), deletions.as_str(), objects.as_str());
        table.push_str(&format!(
            "| {} | {source} | {known_by} | {versions} | {clock} | {deletions} | {objects} | {} |\n",
            format.as_str(),
            commands.join("<br>")
        ));
        let has_section = page
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .any(|heading| heading.split(", ").any(|word| word == format.as_str()));
        assert!(has_section, "docs/formats.md has no section on {}", format.as_str());
    }
    assert_fresh("docs/formats.md", &format!("{before}{BEGIN}\n{table}\n{END}{behind}"));
}

pub(crate) fn assert_fresh(file: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("PODREPLAY_BLESS").is_some() {
        fs::write(&path, page).expect("writable");
    }
    let is_fresh = fs::read_to_string(&path).unwrap_or_default() == page;
    assert!(is_fresh, "{file} is stale: PODREPLAY_BLESS=1 cargo test --test it docs::");
}

#[test]
fn the_page_of_reasons_is_fresh() {
    let mut page = String::from(
        "# Reasons\n\nMade from `podreplay reasons`; `PODREPLAY_BLESS=1 cargo test --test it docs::` renews it. [semantics.md](semantics.md)\n\
         describes the rules. A word in angle brackets is a placeholder.\n",
    );
    let mut section = "";
    for reason in all() {
        let heading = match reason.place {
            Place::Pod => "On the pod: `status.reason`",
            Place::Condition(_) => "On a condition",
            Place::Waiting => "On a waiting container",
            Place::Terminated => "On a terminated container",
            Place::Column | Place::Event | Place::Node | Place::Log => "Seen elsewhere, not on the pod",
        };
        if heading != section {
            section = heading;
            page.push_str(&format!("\n## {section}\n"));
        }
        let place = match reason.place {
            Place::Pod | Place::Waiting | Place::Terminated => String::new(),
            Place::Condition(_) | Place::Column | Place::Event | Place::Node | Place::Log => {
                format!(" {}", place_text(reason.place))
            }
        };
        page.push_str(&format!("\n### `{}`{place}\n\n{}\n\n", reason.word, reason.meaning));
        page.push_str(&format!(
            "- Next: {}\n- Writer: {}\n- Versions: {}\n",
            reason.next, reason.writer, reason.versions
        ));
        if !reason.rules.is_empty() {
            page.push_str(&format!("- Rules: {}\n", reason.rules.join(", ")));
        }
    }
    assert_fresh("docs/reasons.md", &page);
}

#[test]
fn the_page_of_secrets_names_every_shape() {
    const END: &str = "docs:: renews it. -->\n\n";
    let page = include_str!("../../docs/secrets.md");
    let mut made = page[..page.find(END).expect("a table is made there") + END.len()].to_owned();
    made.push_str("| shape | documented in |\n|---|---|\n");
    for shape in include_str!("../../src/redact/shapes/shapes.txt").split("\n\n").skip(1) {
        let mut head = shape.lines().next().expect("a head").split(" | ");
        let mut part = || head.next().expect("a name, and where it is documented");
        made.push_str(&format!("| {} | {} |\n", part(), part()));
    }
    assert_fresh("docs/secrets.md", &made);
}

#[test]
fn the_page_of_rules_is_fresh() {
    let mut page = String::from(
        "# The rules of check\n\nMade from `podreplay rules`; `PODREPLAY_BLESS=1 cargo test --test it docs::` renews it. \
         [semantics.md](semantics.md)\ndescribes rules such as P7. An error breaks a rule; a warning is allowed, for the \
         cause it names; an info is about the recording.\nIf several rules fire for one subject of one event, check \
         reports the first.\n\n## podreplay.yaml\n\nSeverities and exceptions, from the current folder or \
         `--config FILE`. Name a rule by id or name. A finding that matches every\nfield of an exception does not \
         count. A subject is a condition's type, a container's name, a field, or `phase`.\n\n```yaml\nseverity:\n  \
         impossible-exit-code: off\n  PR118: info\nexceptions:\n- rule: PR101\n  namespace: staging-*\n  pod: web-*\n  \
         subject: Ready\n```\n\n## Releases\n\npodreplay checks a pod by the rules of its Kubernetes release. It takes the release from `--kubernetes`; else from the\n\
         pod's node (`kubeletVersion`), if nodes are recorded; else from the kubelet's `userAgent` in an audit log; else from \
         the fields that\nthe pod has and lacks. The last often gives a range, `1.20 to 1.28`: then check reports only what \
         every release of it forbids, and\nREADY, STATUS and RESTARTS are what most of them print. `check` and `pods` say \
         which release they used and why. Rules were\nmeasured for 1.20 to 1.36; other releases use those of the nearest one.\n",
    );
    for rule in &RULES {
        let about = rule_page(rule);
        page.push_str(&format!("\n## {} {}\n\n", rule.id, rule.name));
        page.push_str(&format!(
            "{} ({}; rests on {})\n\n{}\n",
            about.summary, rule.severity, rule.rests_on, about.text
        ));
    }
    assert_fresh("docs/rules.md", &page);
}

#[test]
fn the_page_of_causes_is_fresh() {
    let mut page = String::from(
        "# The causes of the story\n\nMade from `podreplay rules`; `PODREPLAY_BLESS=1 cargo test --test it docs::` renews it. \
         Each cause is found by a rule of\nits own, and each rule needs a record that proves it: `because[].rule` in \
         `podreplay story -o json` names the rule, `evidence` the records.\n",
    );
    for cause in Cause::ALL.iter().map(|cause| cause.page()) {
        let explains: Vec<String> = cause.explains.iter().map(|kind| format!("`{}`", kind.as_str())).collect();
        page.push_str(&format!(
            "\n## {} {}\n\n{}\n\n- Explains: {}\n- Proof: {}\n- Without it: {}\n",
            cause.id,
            cause.name,
            cause.says,
            explains.join(", "),
            cause.proof,
            cause.without
        ));
    }
    assert_fresh("docs/causes.md", &page);
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

/// Pictures that the documents show are there, and are pictures.
#[test]
fn every_picture_can_be_seen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_dir(root.join("docs")).expect("a folder").map(|page| page.expect("readable").path());
    let pages = pages.filter(|page| page.extension().is_some_and(|extension| extension == "md"));
    let mut seen = 0;
    for page in pages.chain([root.join("README.md")]) {
        let text = fs::read_to_string(&page).expect("readable");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (is_svg, is_png) = (link.ends_with(".svg"), link.ends_with(".png"));
            if !is_svg && !is_png {
                continue;
            }
            let picture = fs::read(page.parent().expect("a folder").join(link)).unwrap_or_default();
            let is_picture = is_svg && picture.ends_with(b"</svg>\n") || is_png && picture.starts_with(b"\x89PNG");
            assert!(is_picture, "{}: {link} is no picture", page.display());
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen}");
}

/// The examples beside recordings: each line that one shows is printed, in that order. `...` stands for what was cut.
#[test]
fn the_examples_of_recordings_are_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut commands = 0;
    for folder in folders(&root.join("recordings")) {
        let page = fs::read_to_string(folder.join("README.md")).expect("a page");
        let examples = page.split("```console\n$ podreplay ").skip(1).filter_map(|text| text.split("```").next());
        for example in examples.flat_map(|text| text.split("\n$ podreplay ")) {
            let (command, shown) = example.split_once('\n').expect("a command and what it prints");
            let mut run = Command::new(env!("CARGO_BIN_EXE_podreplay"));
            let output =
                run.args(command.split(' ')).current_dir(root).env_remove("PODREPLAY_DB").output().expect("it runs");
            let printed = [output.stdout, output.stderr].concat();
            let printed = String::from_utf8(printed).expect("the output is UTF-8");
            let mut lines = printed.lines().map(words);
            for line in shown.lines().map(words).filter(|line| !matches!(&**line, "" | "...")) {
                let is_it = |own: String| line.strip_suffix("...").map_or(own == line, |begin| own.starts_with(begin));
                assert!(
                    lines.any(is_it),
                    "{}: podreplay {command}\ndoes not print\n{line}\n{printed}",
                    folder.display()
                );
            }
            commands += 1;
        }
    }
    assert!(commands > 30, "{commands}");
}
