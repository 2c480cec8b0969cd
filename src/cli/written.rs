//! Files that commands write.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use podreplay::input::folder::is_regular;

use super::failure::{Failure, Kind};
use super::unfinished::unfinished;

/// Writes a report: into what is no regular file directly, as replacing it would take a device or a pipe away.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    match is_regular(path) {
        true => replace(path, text),
        false => fs::write(path, text).map_err(|error| not_written(path, &error)),
    }
}

/// Replaces a file as a whole or leaves it as it is; a link stays one.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = real.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        // Else it would be for its owner alone, as temporary files are.
        #[cfg(unix)]
        builder.permissions(match fs::metadata(&real) {
            Ok(metadata) => metadata.permissions(),
            Err(_) => std::os::unix::fs::PermissionsExt::from_mode(0o666),
        });
        let make = || builder.prefix(".podreplay-").tempfile_in(folder);
        let (mut file, _unfinished) = unfinished(make, |file| file.path())?;
        file.write_all(text.as_bytes())?;
        file.persist(&real).map_err(|error| error.error)?;
        Ok(())
    };
    written().map_err(|error| not_written(path, &error))
}

/// A file or a folder that cannot be written, and what to do about it.
pub(crate) fn not_written(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::new(Kind::Store, format!("cannot write {}: {error}", path.display()));
    match hint_of(path, error.kind()) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn hint_of(path: &Path, kind: io::ErrorKind) -> Option<String> {
    use io::ErrorKind::{
        FileTooLarge, IsADirectory, NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem,
        StorageFull,
    };
    let is_there = |path: &&Path| path.symlink_metadata().is_ok();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if kind == NotFound {
        return Some(match folder.filter(|folder| !is_there(folder)) {
            Some(folder) => format!("the folder {} does not exist; create it first", folder.display()),
            None => format!("{} leads to nothing; name another", path.display()),
        });
    }
    if kind == NotADirectory {
        let in_the_way = path.ancestors().find(is_there).unwrap_or(path);
        return Some(format!("{} is not a folder; name another", in_the_way.display()));
    }
    let hints = [
        (&[IsADirectory][..], "name a file, not a folder"),
        (&[PermissionDenied, ReadOnlyFilesystem], "make the folder writable, or name another"),
        (&[FileTooLarge], "allow larger files (ulimit -f), then run the same command again"),
        (&[StorageFull, QuotaExceeded], "free disk space, then run the same command again"),
    ];
    hints.into_iter().find(|(kinds, _)| kinds.contains(&kind)).map(|(_, hint)| hint.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind::{self, NotADirectory, NotFound, Other, PermissionDenied, StorageFull};

    use super::hint_of;

    #[test]
    fn a_hint_is_about_what_is_in_the_way() {
        let scratch = tempfile::tempdir().expect("a folder");
        fs::write(scratch.path().join("file"), "").expect("writable");
        let table: [(&str, ErrorKind, Option<&str>); 7] = [
            ("file", NotADirectory, Some("/file is not a folder; name another")),
            ("file/below/tables", NotADirectory, Some("/file is not a folder; name another")),
            ("no/tables", NotFound, Some("/no does not exist; create it first")),
            ("link", NotFound, Some("/link leads to nothing; name another")),
            ("tables", PermissionDenied, Some("make the folder writable, or name another")),
            ("tables", StorageFull, Some("free disk space, then run the same command again")),
            ("tables", Other, None),
        ];
        for (path, kind, expected) in table {
            let hint = hint_of(&scratch.path().join(path), kind);
            assert!(
                hint.as_deref().map_or(expected.is_none(), |hint| hint.ends_with(expected.unwrap_or("?"))),
                "{hint:?}"
            );
        }
    }
}
