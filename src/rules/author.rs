//! Who wrote a value, where it was not the kubelet.

use crate::model::{Manager, ObservedAt};

/// A client other than the kubelet, and when it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Its field manager, where the object names it.
    pub manager: Option<Manager>,
    /// When it wrote.
    pub at: Option<ObservedAt>,
}
