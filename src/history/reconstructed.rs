//! An object that no record shows: what a request made of the one before. A pod may have thousands of them, so they are
//! kept packed.

use std::rc::Rc;

use serde_json::Value;

/// The object, packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reconstructed(Rc<[u8]>);

/// An API server keeps no object in etcd that is larger.
pub(super) const OBJECT_BYTES_MAX: usize = 2 << 20;

impl Reconstructed {
    /// Packs the text of an object; `None` if it is larger than an API server keeps.
    pub(super) fn new(text: &str) -> Option<Self> {
        let packed = zstd::bulk::compress(text.as_bytes(), 1).ok()?;
        (text.len() <= OBJECT_BYTES_MAX).then(|| Self(packed.into()))
    }

    /// The object.
    pub(super) fn object(&self) -> Value {
        let text = zstd::bulk::decompress(&self.0, OBJECT_BYTES_MAX).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.0.len()
    }
}
