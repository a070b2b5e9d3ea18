//! The part of the messages that a person has selected. It is kept by places in messages, because the elements that
//! the browser's own selection begins and ends in come and go as the list scrolls.

use std::cmp::Reverse;
use std::ops::RangeInclusive;

use leptos::leptos_dom::helpers::window;
use web_sys::{HtmlElement, Node, Range, Selection};

use super::mounted_rows::MountedRow;
use crate::store::room::excerpt::Spot;
use crate::store::room::timeline::key_in_group;

/// Anchor and focus of a selection, as far as they are in the list.
pub type Ends = [Option<Spot>; 2];

/// Returns the browser's selection, if there is one.
fn current() -> Option<Selection> {
    let selection = window().get_selection().ok()??;
    (selection.range_count() > 0).then_some(selection)
}

/// Returns where the selection begins and ends. `held` has the ends whose rows are no elements now.
pub fn ends(list: &HtmlElement, rows: &[MountedRow], held: &Ends) -> Ends {
    let Some(selection) = current() else {
        return [None; 2];
    };
    let anchor = (selection.anchor_node(), selection.anchor_offset());
    let focus = (selection.focus_node(), selection.focus_offset());
    [(anchor, held[0]), (focus, held[1])]
        .map(|((node, offset), held)| spot(list, rows, &node?, offset, held))
}

/// Returns the place in the messages that a boundary of the selection is at; none if it is not in the list.
fn spot(
    list: &HtmlElement,
    rows: &[MountedRow],
    node: &Node,
    offset: u32,
    held: Option<Spot>,
) -> Option<Spot> {
    if node.is_same_node(Some(list)) {
        // Only here stand ends whose rows are no elements.
        return held.or_else(|| {
            let next = rows.get(usize::try_from(offset).ok()?);
            let (key, from_end) = next
                .or(rows.last())
                .map(|(key, _)| (*key, next.is_some()))?;
            Some(Spot {
                key: key_in_group(key),
                from_end: Reverse(if from_end { u32::MAX } else { 0 }),
            })
        });
    }
    let (key, row) = rows.iter().find(|(_, row)| row.contains(Some(node)))?;
    if let Some(held) = held
        && is_edge_beside(held, key_in_group(*key), rows)
    {
        return Some(held);
    }
    let rest = Range::new().ok()?;
    rest.set_start(node, offset).ok()?;
    rest.set_end(row, row.child_nodes().length()).ok()?;
    Some(Spot {
        key: key_in_group(*key),
        from_end: Reverse(rest.to_string().length()),
    })
}

/// Returns `true` if the row with this key is the one at the edge of the list on the side where `held` is out of sight.
///
/// While the mouse drags an end of the selection, the browser moves the other one from the edge of the list into the
/// nearest text. Nobody can select there: the rows at the edges are out of sight.
fn is_edge_beside(held: Spot, key: u64, rows: &[MountedRow]) -> bool {
    let edge = |row: Option<&MountedRow>| row.map(|(key, _)| key_in_group(*key)) == Some(key);
    (held.key < key && edge(rows.first())) || (held.key > key && edge(rows.last()))
}

/// Puts the browser's selection where it was before the rows have changed, and returns the ends whose rows are no
/// elements: the selection goes on to the edge of the list there.
pub fn restore(list: &HtmlElement, rows: &[MountedRow], before: &Ends) -> Ends {
    let mut held = [None; 2];
    let Some(selection) = current() else {
        return held;
    };
    if ends(list, rows, &held) == *before {
        return held;
    }
    let mut is_moved = false;
    let mut boundary = |end: usize, node: Option<Node>, offset: u32| {
        let node = node?;
        let Some(spot) = before[end] else {
            return Some((node, offset));
        };
        let is_it = |(key, _): &&MountedRow| key_in_group(*key) == spot.key;
        let target = if let Some((_, row)) = rows.iter().find(is_it) {
            let mut left = spot.from_end.0;
            place(row, &mut left).unwrap_or_else(|| (row.clone().into(), 0))
        } else {
            held[end] = Some(spot);
            let is_above = rows.first().is_none_or(|(first, _)| spot.key < *first);
            let edge = if is_above {
                0
            } else {
                list.child_nodes().length()
            };
            (list.clone().into(), edge)
        };
        is_moved |= !node.is_same_node(Some(&target.0)) || offset != target.1;
        Some(target)
    };
    let anchor = boundary(0, selection.anchor_node(), selection.anchor_offset());
    let focus = boundary(1, selection.focus_node(), selection.focus_offset());
    if let (true, Some((anchor, anchor_offset)), Some((focus, focus_offset))) =
        (is_moved, anchor, focus)
    {
        // It fails only for places that are none.
        let _ = selection.set_base_and_extent(&anchor, anchor_offset, &focus, focus_offset);
    }
    held
}

/// Returns the place in the text of a node that `left` UTF-16 units follow; none if the text is shorter, and then
/// `left` is what is missing.
fn place(node: &Node, left: &mut u32) -> Option<(Node, u32)> {
    if node.node_type() == Node::TEXT_NODE {
        let text = node.node_value().unwrap_or_default();
        let length = u32::try_from(text.encode_utf16().count()).unwrap_or(0);
        if *left <= length {
            return Some((node.clone(), length - *left));
        }
        *left -= length;
        return None;
    }
    let children = node.child_nodes();
    (0..children.length())
        .rev()
        .find_map(|index| place(&children.get(index)?, left))
}

/// Returns the selected places, first one first, if the selection reaches into more than one row of the list, or
/// into rows that are no elements.
pub fn selected(
    list: &HtmlElement,
    rows: &[MountedRow],
    held: &Ends,
) -> Option<RangeInclusive<Spot>> {
    let range = current()?.get_range_at(0).ok()?;
    let covers = |offset: u32| range.compare_point(list, offset) == Ok(0);
    // An end that is outside the list is before or behind all of it.
    let outside = || {
        if covers(0) {
            Some(Spot::START)
        } else {
            covers(list.child_nodes().length()).then_some(Spot::END)
        }
    };
    let (start, end) = match ends(list, rows, held) {
        [Some(anchor), Some(focus)] => (anchor.min(focus), anchor.max(focus)),
        [Some(inside), None] | [None, Some(inside)] => {
            let outside = outside()?;
            (inside.min(outside), inside.max(outside))
        }
        [None, None] if covers(0) && covers(list.child_nodes().length()) => {
            (Spot::START, Spot::END)
        }
        [None, None] => return None,
    };
    let is_one_element = start.key == end.key && held.iter().all(Option::is_none);
    (!is_one_element && start != end).then_some(start..=end)
}

/// Selects all messages, also those that are no elements, and returns the ends.
pub fn select_all(list: &HtmlElement) -> Ends {
    if let Ok(Some(selection)) = window().get_selection() {
        // It fails only for places that are none.
        let _ = selection.set_base_and_extent(list, 0, list, list.child_nodes().length());
    }
    [Some(Spot::START), Some(Spot::END)]
}
