//! A model of both services: what `simulate` runs plans on. It knows the documented rules (a name and a type exist once, a
//! store has an owner) and what it is told to get wrong; it sends nothing and keeps no secret.
//!
//! It brings what a manifest declares, also where a service would derive it from a JAR, and its listings do not lag.

mod fault;
mod service;
mod world;

pub use fault::{Effect, Fault, FaultError, Moment};
pub use service::ModelService;
