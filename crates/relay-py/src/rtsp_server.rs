//! The simulator's RTSP server, for Python.
use pyo3::prelude::*;

/// Adds the simulator's classes to the module.
#[allow(clippy::unnecessary_wraps)]
pub fn register(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
