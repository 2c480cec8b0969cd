//! One macro for the enums that spell the words Kubernetes knows and keep the ones it does not.

/// Declares an enum of known words with the escape `Other`, and its two-way spelling.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$note])* $variant,)+
            /// A word that is none of the above, kept as it was written.
            Other(Box<str>),
        }

        impl $name {
            /// Every known word, in the order of declaration.
            pub const KNOWN: &'static [&'static str] = &[$($word),+];

            /// The word as Kubernetes writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(other.into()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.pad(self.as_str())
            }
        }
    };
}

pub(crate) use words;
