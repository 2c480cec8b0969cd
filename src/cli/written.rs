//! Files that commands write.

use std::fs;
use std::io::Write;
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
    let written = || -> std::io::Result<()> {
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

fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    let failure = Failure::new(Kind::Store, format!("cannot write {}: {error}", path.display()));
    match path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        Some(folder) => failure.hint(format!("the folder {} does not exist; create it first", folder.display())),
        None => failure.hint("free disk space or make the folder writable, then run the same command again"),
    }
}
