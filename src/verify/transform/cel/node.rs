//! An expression whose types are known: what is evaluated for each row.

use crate::domain::suite::types::FlinkType;
use crate::verify::row::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// How numbers become comparable with others, without losing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Widening {
    /// FLOAT to DOUBLE.
    Double,
    /// A whole number to DECIMAL.
    Decimal,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Literal(Value),
    /// A field, by its place.
    Field(usize),
    /// A variable of a macro; 0 is the innermost.
    Local(usize),
    Widen(Widening, Box<Node>),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    If(Box<[Node; 3]>),
    Equal(Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    Whole(Operator, Box<Node>, Box<Node>),
    Floating(Operator, Box<Node>, Box<Node>),
    Exact(Operator, u8, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    /// Of two texts, bytes or lists.
    Join(Box<Node>, Box<Node>),
    /// A member of a ROW, by its place.
    Member(Box<Node>, usize),
    /// A value that is there: `has(row.member)`.
    IsThere(Box<Node>),
    Place(Box<Node>, Box<Node>),
    Entry(Box<Node>, Box<Node>),
    /// In a list, whose elements become comparable in this way, or among the keys of a map.
    In(Box<Node>, Box<Node>, Option<Widening>),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Quantify(Box<Quantify>),
    Collect(Box<Collect>),
    Call(Function, Vec<Node>),
}

/// `exists`, `all`, `exists_one`: for how many elements a predicate is true.
#[derive(Debug, Clone)]
pub(super) struct Quantify {
    pub(super) how_many: Quantifier,
    pub(super) range: Node,
    pub(super) predicate: Node,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    Any,
    All,
    One,
}

/// `map`, `filter`: the elements for which the guard is true.
#[derive(Debug, Clone)]
pub(super) struct Collect {
    pub(super) range: Node,
    pub(super) guard: Option<Node>,
    pub(super) item: Node,
}

/// A function, with what it needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    ToInteger,
    ToDouble,
    ToText,
    ToBytes,
    /// From a text, as a field of this type is read.
    Read(FlinkType),
    /// A number with so many digits; refused when it needs more.
    ToDecimal(FlinkType),
    Round(u8),
    Divide(u8),
    Abs,
}
