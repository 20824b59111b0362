//! The emulator of `--profile local`: started in this process, or found in another one.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use super::address::Address;
use super::error::EmulatorError;
use super::jar::Mode;
use super::server::{Config, Emulator, Handle, deltastream_url};
use super::simulation::Simulation;

/// An emulator to talk to.
#[derive(Debug)]
pub struct Attached {
    /// `http://127.0.0.1:PORT`
    pub base_url: String,
    /// `http://127.0.0.1:PORT/v2`
    pub deltastream_url: String,
    /// The emulator, if it runs in this process; it then has to be kept. `None`: another process owns it.
    pub handle: Option<Handle>,
}

impl Attached {
    fn to(base_url: String, handle: Option<Handle>) -> Self {
        Self { deltastream_url: deltastream_url(&base_url), base_url, handle }
    }
}

/// Starts the emulator of a world in open mode. When another process has locked the world, finds the emulator there
/// instead; `simulation` has no effect then. Blocks for up to about five seconds while the other one is starting or
/// ending.
///
/// # Errors
/// [`EmulatorError::NoAnswer`] when the world is locked and nobody answers; else as for [`Emulator::start`].
pub fn attach_or_start(folder: &Path, simulation: &Simulation) -> Result<Attached, EmulatorError> {
    attach_or_start_within(50, folder, simulation)
}

/// [`attach_or_start`] with so many attempts, a tenth of a second apart.
pub(super) fn attach_or_start_within(
    attempts: u32,
    folder: &Path,
    simulation: &Simulation,
) -> Result<Attached, EmulatorError> {
    const PAUSE: Duration = Duration::from_millis(100);
    for _ in 0..attempts {
        let config = Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: Some(folder.to_owned()),
            request_log: None,
            mode: Mode::Open { jars: None },
            simulation: simulation.clone(),
        };
        match Emulator::start(config) {
            Ok(handle) => return Ok(Attached::to(handle.base_url(), Some(handle))),
            Err(EmulatorError::WorldInUse { .. }) => {}
            Err(error) => return Err(error),
        }
        if let Some(address) = Address::read(folder).filter(Address::answers) {
            return Ok(Attached::to(address.url, None));
        }
        std::thread::sleep(PAUSE);
    }
    Err(EmulatorError::NoAnswer { folder: folder.to_owned() })
}
