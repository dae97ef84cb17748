//! The simulator's RTSP server, for Python. Conversions only.
use std::{
    net::IpAddr,
    os::fd::AsRawFd,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use pyo3::{
    exceptions::{PyKeyError, PyOSError, PyRuntimeError, PyValueError},
    prelude::*,
};
use rtsp_server::{Change, Config, Credentials, Error, Manner, ParameterSets, PathStats, Server};

/// Adds the simulator's classes to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<RtspServer>()?;
    module.add_class::<RtspChange>()?;
    module.add_class::<RtspPathStats>()
}

/// One RTSP server for many H.264 paths, on a thread of its own.
#[pyclass(frozen)]
struct RtspServer {
    server: Mutex<Option<std::sync::Arc<Server>>>,
    port: u16,
}

/// What is true of one path now and was not when it was last told.
#[pyclass(frozen, get_all)]
struct RtspChange {
    path: String,
    clients: usize,
    key_frame_wanted: bool,
}

/// Counters and state of one path.
#[pyclass(frozen, get_all)]
struct RtspPathStats {
    clients: usize,
    access_units: u64,
    lost: u64,
    frozen: bool,
    absent: bool,
    ssrc: u32,
}

impl RtspServer {
    fn server(&self) -> PyResult<std::sync::Arc<Server>> {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        server.clone().ok_or_else(|| PyRuntimeError::new_err("the RTSP server is closed"))
    }
}

#[pymethods]
impl RtspServer {
    /// Binds `host`:`port` (0 for any free port) and starts to accept; the path `any_name`, if given,
    /// answers for every name that is no path's.
    #[new]
    #[pyo3(signature = (host, port, *, connections_max=2048, queue_access_units=64, any_name=None))]
    fn new(
        py: Python<'_>,
        host: &str,
        port: u16,
        connections_max: usize,
        queue_access_units: usize,
        any_name: Option<String>,
    ) -> PyResult<Self> {
        let host: IpAddr = host.parse().map_err(|_| PyValueError::new_err(format!("`{host}` is not an IP address")))?;
        let config = Config { host, port, connections_max, queue_access_units, any_name };
        let server = py.detach(|| Server::start(config)).map_err(raised)?;
        let port = server.address().port();
        Ok(Self { server: Mutex::new(Some(server.into())), port })
    }

    #[getter]
    fn port(&self) -> u16 {
        self.port
    }

    /// Readable while `take_changes` has something to give.
    fn fileno(&self) -> PyResult<i32> {
        Ok(self.server()?.signal().as_raw_fd())
    }

    /// Serves a new path; `parameters` is an Annex B stream with an SPS and a PPS.
    #[pyo3(signature = (path, parameters, *, username=None, password=None))]
    fn add_path(
        &self,
        path: &str,
        parameters: &[u8],
        username: Option<String>,
        password: Option<String>,
    ) -> PyResult<()> {
        let credentials = match (username, password) {
            (Some(username), Some(password)) => Some(Credentials { username, password }),
            (None, None) => None,
            _ => return Err(PyValueError::new_err("username and password go together")),
        };
        self.server()?.add_path(path, parameter_sets(parameters)?, credentials).map_err(raised)
    }

    /// Says what DESCRIBE announces from now on.
    fn set_parameters(&self, path: &str, parameters: &[u8]) -> PyResult<()> {
        self.server()?.set_parameters(path, parameter_sets(parameters)?).map_err(raised)
    }

    /// Sends one Annex B access unit captured at `capture_us` since the Unix epoch; never waits.
    fn push(&self, py: Python<'_>, path: &str, access_unit: &[u8], capture_us: u64) -> PyResult<()> {
        let server = self.server()?;
        py.detach(|| server.push(path, access_unit, capture_us)).map_err(raised)
    }

    /// Has a path's camera do otherwise than the standards say, from its next picture on; `plain` ends it.
    fn behave(&self, path: &str, manner: &str) -> PyResult<()> {
        let known = Manner::named(manner).ok_or_else(|| PyValueError::new_err(format!("`{manner}` is no manner")))?;
        self.server()?.behave(path, known).map_err(raised)
    }

    /// The names of all manners.
    #[staticmethod]
    fn manners() -> Vec<&'static str> {
        Manner::ALL.into_iter().map(|(name, _)| name).collect()
    }

    /// Stops RTP and leaves TCP up, or starts again from a key frame.
    fn freeze(&self, path: &str, frozen: bool) -> PyResult<()> {
        self.server()?.freeze(path, frozen).map_err(raised)
    }

    /// Resets every connection of a path and refuses new ones for `absence_s` seconds.
    fn drop_clients(&self, path: &str, absence_s: f64) -> PyResult<()> {
        self.server()?.drop_clients(path, seconds(absence_s)?).map_err(raised)
    }

    /// As `drop_clients`, then comes back with a new SSRC, sequence and timestamps.
    fn reboot(&self, path: &str, absence_s: f64) -> PyResult<()> {
        self.server()?.reboot(path, seconds(absence_s)?).map_err(raised)
    }

    /// Returns the paths that changed since the last call.
    fn take_changes(&self) -> PyResult<Vec<RtspChange>> {
        let changes = self.server()?.take_changes();
        Ok(changes
            .into_iter()
            .map(|Change { path, clients, key_frame_wanted }| RtspChange { path, clients, key_frame_wanted })
            .collect())
    }

    /// Returns the counters of a path.
    fn stats(&self, path: &str) -> PyResult<RtspPathStats> {
        let PathStats { clients, access_units, lost, frozen, absent, ssrc } =
            self.server()?.stats(path).map_err(raised)?;
        Ok(RtspPathStats { clients, access_units, lost, frozen, absent, ssrc })
    }

    /// Closes every connection; afterwards every other call raises `RuntimeError`.
    fn close(&self, py: Python<'_>) {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| drop(server));
    }
}

fn parameter_sets(annex_b: &[u8]) -> PyResult<ParameterSets> {
    ParameterSets::from_annex_b(annex_b)
        .ok_or_else(|| PyValueError::new_err("no SPS and PPS in these H.264 parameters"))
}

fn seconds(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| PyValueError::new_err(format!("{seconds} is no number of seconds: {error}")))
}

#[allow(clippy::needless_pass_by_value)] // the shape that `map_err` asks for
fn raised(error: Error) -> PyErr {
    let message = error.to_string();
    match error {
        Error::Io(_) => PyOSError::new_err(message),
        Error::Random(_) => PyRuntimeError::new_err(message),
        Error::UnknownPath(_) => PyKeyError::new_err(message),
        Error::PathExists(_) | Error::BadPath(_) => PyValueError::new_err(message),
    }
}
