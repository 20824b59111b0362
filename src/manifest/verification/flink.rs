//! Reads `flink`: of a suite and of a profile.

use super::scalar::{duration, maybe, path, small};
use crate::domain::kind::store::UriShape;
use crate::domain::suite::flink::{Flink, FlinkSettings};
use crate::manifest::object::{Field, Object};
use crate::manifest::report::Report;
use crate::manifest::{codes, decode, endpoint};

/// The shape of an address.
const URL: UriShape = Flink::URL;

/// Reads the block.
pub(super) fn read(field: Field, report: &mut Report<'_>) -> Option<FlinkSettings> {
    let mut object = Object::open(field, "flink", report)?;
    let gateway = maybe(object.optional("gateway"), |field| url(field, report));
    let job_manager = maybe(object.optional("jobManager"), |field| url(field, report));
    let jars = maybe(object.optional("jars"), |field| {
        let items: Vec<_> = decode::list(field, report)?.into_iter().map(|item| path(item, report)).collect();
        items.into_iter().collect::<Option<Vec<_>>>()
    });
    let parallelism = maybe(object.optional("parallelism"), |field| {
        small(&field, Flink::MOST_PARALLEL, codes::BAD_NUMBER, report)
    });
    let checkpoint_interval = maybe(object.optional("checkpointInterval"), |field| duration(field, report));
    object.finish(report);
    Some(FlinkSettings {
        gateway: gateway?,
        job_manager: job_manager?,
        jars: jars?,
        parallelism: parallelism?,
        checkpoint_interval: checkpoint_interval?,
    })
}

fn url(field: Field, report: &mut Report<'_>) -> Option<String> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let text = decode::line(field, report)?;
    match endpoint::check(&text, URL) {
        Ok(()) => Some(text),
        Err(flaw) => {
            let help = Some(format!("write for example {}", URL.example));
            report.error(codes::BAD_ENDPOINT, mark, format!("`{path}` {flaw}"), "refused", help)
        }
    }
}
