//! What the merge-request widget of GitLab takes for a Terraform plan: `artifacts: reports: terraform`.

use serde_json::json;

use super::facts::{Facts, Planned};

/// Three counts. A replacement is a create and a delete, as in GitLab's own recipe. Without a plan the document is empty,
/// of which the widget says that the report failed: zeros would be a lie.
pub(super) fn render(facts: &Facts) -> String {
    let document = match &facts.plan {
        Some(Planned { counts, strays, .. }) => json!({
            "create": counts.add + counts.replace,
            "update": counts.change,
            "delete": counts.destroy + counts.replace + strays,
        }),
        None => json!({}),
    };
    format!("{document}\n")
}
