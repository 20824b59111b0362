//! Colours and weights, or none. Colour never carries meaning alone.

use anstyle::{AnsiColor, Effects};

/// Paints texts, or leaves them as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    colour: bool,
}

impl Style {
    /// With or without colours.
    pub(crate) fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// Whether it paints.
    pub(crate) fn paints(self) -> bool {
        self.colour
    }

    fn paint(self, text: &str, style: anstyle::Style) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn fg(self, text: &str, colour: AnsiColor) -> String {
        self.paint(text, colour.on_default())
    }

    /// Something comes.
    pub(crate) fn add(self, text: &str) -> String {
        self.fg(text, AnsiColor::Green)
    }

    /// Something changes.
    pub(crate) fn change(self, text: &str) -> String {
        self.fg(text, AnsiColor::Yellow)
    }

    /// Something goes.
    pub(crate) fn remove(self, text: &str) -> String {
        self.fg(text, AnsiColor::Red)
    }

    /// Something is taken over.
    pub(crate) fn adopt(self, text: &str) -> String {
        self.fg(text, AnsiColor::Cyan)
    }

    /// Something stands in the way.
    pub(crate) fn error(self, text: &str) -> String {
        self.paint(text, AnsiColor::Red.on_default().effects(Effects::BOLD))
    }

    /// What to do.
    pub(crate) fn help(self, text: &str) -> String {
        self.fg(text, AnsiColor::Cyan)
    }

    /// What matters.
    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(text, anstyle::Style::new().bold())
    }

    /// What matters less.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(text, anstyle::Style::new().dimmed())
    }

    /// The part of a text that differs.
    pub(crate) fn differs(self, text: &str) -> String {
        self.paint(text, anstyle::Style::new().underline().bold())
    }
}
