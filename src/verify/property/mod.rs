//! One function for each property (design.md 7).
