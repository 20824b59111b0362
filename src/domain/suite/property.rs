//! What the properties of the seed's design are called, and which belong to a category (Properties 1 to 35).

use std::collections::BTreeSet;

use super::scenario::{Category, Property};

/// The title of each property, the first one first.
const TITLES: [&str; Property::LAST as usize] = [
    "connection establishment",
    "JAR dependency loading",
    "invalid configuration",
    "database unavailability",
    "connection pool resources",
    "type mapping",
    "ROW data integrity",
    "NULL values",
    "large text fields",
    "numeric precision",
    "constraint violations",
    "SQL error recovery",
    "network interruption",
    "data validation",
    "transaction boundaries",
    "successful operation logging",
    "structured error logging",
    "performance metrics",
    "connection pool status",
    "debug traces",
    "external configuration",
    "environment-specific configuration",
    "dynamic JAR loading",
    "schema management",
    "resource cleanup",
    "high-volume throughput",
    "batch size",
    "concurrent streams",
    "backpressure",
    "minimum throughput",
    "JSON structures",
    "timestamp conversion",
    "UTF-8 encoding",
    "streaming memory",
    "custom transformations",
];

impl Property {
    /// Its title in few words, as in the seed's design.
    pub fn title(self) -> &'static str {
        TITLES.get(usize::from(self.number()).saturating_sub(1)).copied().unwrap_or_default()
    }
}

impl Category {
    /// The properties of a scenario that names none. Every property is in one of the categories; what went wrong once is
    /// looked for among those that a change breaks most easily.
    pub fn properties(self) -> BTreeSet<Property> {
        let numbers: &[u8] = match self {
            Self::Connection => &[1, 2, 3, 4, 5, 19, 21, 22, 23],
            Self::DataTypes => &[6, 7, 8, 9, 10, 32, 33],
            Self::Performance => &[18, 26, 27, 28, 29, 30, 34],
            Self::Resilience => &[11, 12, 13, 14, 15, 17],
            Self::Integration => &[15, 16, 18, 20, 24, 25, 31, 35],
            Self::Regression => &[6, 8, 10, 11, 15, 25],
        };
        numbers.iter().filter_map(|number| Property::new(*number)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_has_a_title_and_a_category() {
        let all: BTreeSet<Property> =
            Category::ALL.iter().flat_map(|category| category.properties()).collect();
        assert_eq!(all.len(), usize::from(Property::LAST));
        assert!(all.iter().all(|property| !property.title().is_empty()));
        let titles: BTreeSet<&str> = all.iter().map(|property| property.title()).collect();
        assert_eq!(titles.len(), all.len());
    }
}
