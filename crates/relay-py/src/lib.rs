//! `belvedere_relay`: the relay as a Python module. Conversions only; media never crosses.
mod rtsp_server;

use pyo3::prelude::*;

#[pymodule]
fn belvedere_relay(module: &Bound<'_, PyModule>) -> PyResult<()> {
    rtsp_server::register(module)?;
    Ok(())
}
