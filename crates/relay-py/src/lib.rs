//! `belvedere_relay._relay`: the relay as a Python module. Conversions only; media never crosses.
mod errors;
mod relay;
mod rtsp_server;

use pyo3::prelude::*;

#[pymodule]
fn _relay(module: &Bound<'_, PyModule>) -> PyResult<()> {
    errors::register(module)?;
    relay::register(module)?;
    rtsp_server::register(module)?;
    Ok(())
}
