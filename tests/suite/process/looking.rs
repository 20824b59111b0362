//! A browser on the page of a watch, and what a person sees there: rows, names, the focus.

use serde_json::Value;

use super::browser::{Browser, Size};
use super::program::{Program, eventually};

/// A browser that looks at the page of a watch.
pub(super) struct Looking {
    pub(super) browser: Browser,
    /// `http://127.0.0.1:PORT/`
    page: String,
}

impl Looking {
    pub(super) fn at(program: &Program, size: Size) -> Self {
        let told = program.until_stderr("/\n");
        let page = told.lines().find_map(|line| line.strip_prefix("page: ")).unwrap().to_owned();
        let browser = Browser::open(size);
        browser.visit(&page);
        Self { browser, page }
    }

    /// Waits until the page follows the watch.
    pub(super) fn live(self) -> Self {
        self.browser.until("document.body.dataset.link === 'live'");
        self
    }

    /// Waits until the row of an object says so.
    pub(super) fn until_row_says(&self, name: &str, word: &str) {
        self.browser.until(&format!("{}?.querySelector('.word').textContent === '{word}'", row(name)));
    }

    /// The names in the list, in order; only what is drawn.
    pub(super) fn names(&self) -> Vec<String> {
        let rows = "[...document.querySelectorAll('.row')].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)";
        texts(&self.browser.value(&format!("{rows}.map((row) => row.querySelector('.name').textContent)")))
    }

    /// Waits until the list shows exactly these names.
    pub(super) fn until_names(&self, names: &[&str]) {
        eventually(&format!("{names:?} in the list"), || (self.names() == names).then_some(()));
    }

    /// The address of the active row, as a screen reader is told.
    pub(super) fn active(&self) -> Value {
        let id = "document.getElementById('grid').getAttribute('aria-activedescendant')";
        self.browser.value(&format!("document.getElementById({id})?.dataset.address"))
    }

    /// The id of the element that has the focus.
    pub(super) fn focus(&self) -> Value {
        self.browser.value("document.activeElement.id")
    }

    /// Nothing was asked of anybody but the watch, and nothing was complained of.
    pub(super) fn is_clean(&self) {
        let asked = self.browser.value("performance.getEntriesByType('resource').map((entry) => entry.name)");
        for url in texts(&asked) {
            assert!(url.starts_with(&self.page) || url.starts_with("data:"), "{url} leaves {}", self.page);
        }
        assert_eq!(self.browser.complaints(), Vec::<String>::new());
    }
}

/// A list of texts that the page returned.
pub(super) fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// The row of an object, in JavaScript.
pub(super) fn row(name: &str) -> String {
    format!("document.querySelector('.row[data-address=\"FlinkConnector/{name}\"]')")
}
