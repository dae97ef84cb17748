//! What the relay refuses or fails with.

/// Each kind has one class in Python.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    #[error("cannot listen on {0}")]
    Bind(String),
    #[error("configuration: {0}")]
    BadConfig(String),
    #[error("source: {0}")]
    BadSource(String),
    #[error("camera `{0}` is known already")]
    CameraKnown(String),
    #[error("camera `{0}` is unknown")]
    UnknownCamera(String),
    #[error("viewing `{0}` is unknown")]
    UnknownViewing(String),
    #[error("as many {0} as may be")]
    Full(&'static str),
    #[error("the relay is closed")]
    Closed,
}

impl RelayError {
    /// The name of the kind, as Python's class has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bind(_) => "BindError",
            Self::BadConfig(_) => "BadConfigError",
            Self::BadSource(_) => "BadSourceError",
            Self::CameraKnown(_) => "CameraKnownError",
            Self::UnknownCamera(_) => "UnknownCameraError",
            Self::UnknownViewing(_) => "UnknownViewingError",
            Self::Full(_) => "FullError",
            Self::Closed => "ClosedError",
        }
    }

    /// Every kind once, for the test that compares them with Python's classes.
    pub fn all() -> Vec<Self> {
        let none = String::new;
        vec![
            Self::Bind(none()),
            Self::BadConfig(none()),
            Self::BadSource(none()),
            Self::CameraKnown(none()),
            Self::UnknownCamera(none()),
            Self::UnknownViewing(none()),
            Self::Full(""),
            Self::Closed,
        ]
    }
}
