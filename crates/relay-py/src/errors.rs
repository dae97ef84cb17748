//! One Python class for each kind of the relay's errors.

use ::relay::net::RelayError as Kind;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

create_exception!(belvedere_relay, RelayError, PyException, "The relay refused or failed.");
create_exception!(belvedere_relay, BindError, RelayError, "The address cannot be listened on.");
create_exception!(belvedere_relay, BadConfigError, RelayError, "The configuration cannot be used.");
create_exception!(belvedere_relay, BadSourceError, RelayError, "The source is no rtsp URL that may be used.");
create_exception!(belvedere_relay, CameraKnownError, RelayError, "The camera was added already.");
create_exception!(belvedere_relay, UnknownCameraError, RelayError, "The camera was not added.");
create_exception!(belvedere_relay, UnknownViewingError, RelayError, "The viewing was not admitted, or is over.");
create_exception!(belvedere_relay, FullError, RelayError, "As many as may be.");
create_exception!(belvedere_relay, ClosedError, RelayError, "The relay is closed.");

/// The exception of an error's kind.
pub fn raise(error: &Kind) -> PyErr {
    let message = error.to_string();
    match error {
        Kind::Bind(_) => BindError::new_err(message),
        Kind::BadConfig(_) => BadConfigError::new_err(message),
        Kind::BadSource(_) => BadSourceError::new_err(message),
        Kind::CameraKnown(_) => CameraKnownError::new_err(message),
        Kind::UnknownCamera(_) => UnknownCameraError::new_err(message),
        Kind::UnknownViewing(_) => UnknownViewingError::new_err(message),
        Kind::Full(_) => FullError::new_err(message),
        Kind::Closed => ClosedError::new_err(message),
    }
}

/// The name of every kind, for the test of equality with Python's classes.
#[pyfunction]
fn error_kinds() -> Vec<&'static str> {
    Kind::all().iter().map(Kind::kind).collect()
}

/// Raises the error of that kind: the test that each kind reaches its own class.
#[pyfunction]
fn raise_kind(kind: &str) -> PyResult<()> {
    match Kind::all().into_iter().find(|known| known.kind() == kind) {
        Some(known) => Err(raise(&known)),
        None => Ok(()),
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("RelayError", py.get_type::<RelayError>())?;
    module.add("BindError", py.get_type::<BindError>())?;
    module.add("BadConfigError", py.get_type::<BadConfigError>())?;
    module.add("BadSourceError", py.get_type::<BadSourceError>())?;
    module.add("CameraKnownError", py.get_type::<CameraKnownError>())?;
    module.add("UnknownCameraError", py.get_type::<UnknownCameraError>())?;
    module.add("UnknownViewingError", py.get_type::<UnknownViewingError>())?;
    module.add("FullError", py.get_type::<FullError>())?;
    module.add("ClosedError", py.get_type::<ClosedError>())?;
    module.add_function(wrap_pyfunction!(error_kinds, module)?)?;
    module.add_function(wrap_pyfunction!(raise_kind, module)?)?;
    Ok(())
}
