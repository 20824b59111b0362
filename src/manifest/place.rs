//! Where a value begins and ends in a text, with everything that our reader does not keep: blanks, comments, quotes.

use std::ops::Range;

use yaml_parser::{SyntaxKind, SyntaxNode};

/// The value of the innermost mapping entry whose value covers this byte.
pub(super) fn value(tree: &SyntaxNode, offset: usize) -> Option<SyntaxNode> {
    let token = tree.token_at_offset(u32::try_from(offset).ok()?.into()).right_biased()?;
    token
        .parent_ancestors()
        .find(|node| matches!(node.kind(), SyntaxKind::BLOCK_MAP_VALUE | SyntaxKind::FLOW_MAP_VALUE))
}

/// The bytes of a node.
pub(super) fn range(node: &SyntaxNode) -> Range<usize> {
    let range = node.text_range();
    range.start().into()..range.end().into()
}

/// Whether a comment is inside.
pub(super) fn has_comment(node: &SyntaxNode) -> bool {
    node.descendants_with_tokens().any(|element| element.kind() == SyntaxKind::COMMENT)
}
