//! What was filled in so far: a tree as far as the reader has opened it.

use hindsight_schema::{FieldOf, Gaps, Kind, Scalar, Shape, VariantOf};

use super::{
    Control, DEPTH_MAX, ELEMENTS_MAX, Edit, FormRow, ROWS_MAX, TEXT_BYTES_MAX, hint, hint_of_gap,
    label,
};
use crate::lens::generic::tree::Way;

mod value;

pub(super) use value::value;

/// What was filled in for a shape.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A line.
    Line(String),
    /// A text of JSON.
    Json(String),
    Check(bool),
    /// Fields of a struct or parts of a tuple.
    Parts(Vec<Node>),
    /// A variant and what it carries.
    Variant(usize, Option<Box<Node>>),
    /// Elements of a list; a map's are pairs.
    Elements(Vec<Node>),
    /// A value or nothing.
    Given(Option<Box<Node>>),
    /// Nothing can be filled in.
    Fixed,
}

/// What a shape is filled in as.
enum Form {
    Line,
    Json,
    Check,
    Parts(Vec<(String, Shape)>),
    Variants(Vec<VariantOf>),
    Elements(Element),
    Given(Shape),
    Fixed,
}

/// What a list holds.
enum Element {
    One(Shape),
    Pair(Shape, Shape),
}

fn form(shape: &Shape, depth: usize) -> Form {
    let is_deep = depth > DEPTH_MAX;
    let part = |field: FieldOf| (field.name.to_string(), field.shape);
    match shape.kind() {
        Kind::Scalar(Scalar::Bool) => Form::Check,
        Kind::Scalar(Scalar::Unit) => Form::Fixed,
        Kind::Scalar(_) => Form::Line,
        _ if is_deep => Form::Json,
        _ if shape.id_digits().is_some() => Form::Line,
        Kind::Struct { fields, .. } => Form::Parts(fields.into_iter().map(part).collect()),
        Kind::Tuple(of) => {
            let parts = of.into_iter().enumerate();
            Form::Parts(parts.map(|(index, of)| (index.to_string(), of)).collect())
        }
        Kind::Array(of, length) if length <= ELEMENTS_MAX as u64 => {
            let parts = (0..length).map(|index| (index.to_string(), of.clone()));
            Form::Parts(parts.collect())
        }
        Kind::Enum { variants, .. } if !variants.is_empty() => Form::Variants(variants),
        Kind::List(of) | Kind::Set(of) => Form::Elements(Element::One(of)),
        Kind::Map(key, of) => Form::Elements(Element::Pair(key, of)),
        Kind::Option(of) => match of.kind() {
            // An empty line is nothing, where it is no value of its own.
            Kind::Scalar(Scalar::Bool | Scalar::Text | Scalar::Char | Scalar::Unit) => {
                Form::Given(of)
            }
            Kind::Scalar(_) => Form::Line,
            _ if of.id_digits().is_some() => Form::Line,
            _ => Form::Given(of),
        },
        Kind::Array(..) | Kind::Enum { .. } | Kind::Dynamic | Kind::Other(_) => Form::Json,
    }
}

impl Node {
    /// An empty one.
    pub(super) fn of(shape: &Shape, depth: usize) -> Self {
        match form(shape, depth) {
            Form::Line => Self::Line(String::new()),
            Form::Json => Self::Json(String::new()),
            Form::Check => Self::Check(false),
            Form::Fixed => Self::Fixed,
            Form::Parts(parts) => {
                let parts = parts.iter().take(ROWS_MAX);
                Self::Parts(parts.map(|(_, of)| Self::of(of, depth + 1)).collect())
            }
            Form::Variants(variants) => Self::variant(&variants, 0, depth),
            Form::Elements(_) => Self::Elements(Vec::new()),
            Form::Given(_) => Self::Given(None),
        }
    }

    fn variant(variants: &[VariantOf], chosen: usize, depth: usize) -> Self {
        let payload = variants[chosen].payload.as_ref();
        let payload = payload.map(|of| Box::new(Self::of(of, depth + 1)));
        Self::Variant(chosen, payload)
    }

    fn element(element: &Element, depth: usize) -> Self {
        match element {
            Element::One(of) => Self::of(of, depth + 1),
            Element::Pair(key, of) => {
                Self::Parts(vec![Self::of(key, depth + 2), Self::of(of, depth + 2)])
            }
        }
    }
}

/// What stands before a row.
#[derive(Clone, Copy)]
pub(super) struct Head<'n> {
    name: &'n str,
    /// It is an element.
    can_go: bool,
    /// It is a field: whether its line may stay empty.
    gaps: Gaps,
}

impl<'n> Head<'n> {
    pub(super) fn of(name: &'n str, gaps: Gaps) -> Self {
        Self {
            name,
            can_go: false,
            gaps,
        }
    }

    fn of_element(name: &'n str) -> Self {
        Self {
            can_go: true,
            ..Self::of(name, Gaps::Refused)
        }
    }
}

/// What becomes of parts of this shape that are left empty: only fields have names to be left out.
fn gaps_within(shape: &Shape, gaps: Gaps) -> Gaps {
    match shape.kind() {
        Kind::Struct { .. } => gaps,
        _ => Gaps::Refused,
    }
}

pub(super) fn rows(
    node: &Node,
    shape: &Shape,
    head: Head<'_>,
    gaps: Gaps,
    way: &mut Way,
    all: &mut Vec<FormRow>,
) {
    if all.len() >= ROWS_MAX {
        return;
    }
    let depth = way.len() - 1;
    let within = |way: &mut Way, index: usize, add: &mut dyn FnMut(&mut Way)| {
        way.push(index as u32);
        add(way);
        way.pop();
    };
    let row = |control| FormRow {
        way: way.clone(),
        depth,
        label: label(head.name),
        hint: match (node, head.gaps) {
            (Node::Line(_) | Node::Json(_), Gaps::Empty) => hint_of_gap(shape),
            _ => hint(shape),
        },
        control,
        can_go: head.can_go,
    };
    match (node, form(shape, depth)) {
        (Node::Line(text), _) => all.push(row(Control::Line(text.clone()))),
        (Node::Json(text), _) => all.push(row(Control::Json(text.clone()))),
        (Node::Check(is), _) => all.push(row(Control::Check(*is))),
        (Node::Parts(nodes), Form::Parts(parts)) => {
            all.push(row(Control::Heading));
            for (index, (node, (name, of))) in nodes.iter().zip(&parts).enumerate() {
                let head = Head::of(name, gaps_within(shape, gaps));
                within(way, index, &mut |way| rows(node, of, head, gaps, way, all));
            }
        }
        (Node::Variant(chosen, payload), Form::Variants(variants)) => {
            let options = variants
                .iter()
                .map(|variant| label(&variant.name))
                .collect();
            let chosen = *chosen;
            all.push(row(Control::Choose { options, chosen }));
            let of = variants
                .get(chosen)
                .and_then(|variant| variant.payload.as_ref());
            if let (Some(node), Some(of)) = (payload, of) {
                let head = Head::of(&variants[chosen].name, Gaps::Refused);
                within(way, 0, &mut |way| rows(node, of, head, gaps, way, all));
            }
        }
        (Node::Elements(nodes), Form::Elements(element)) => {
            all.push(row(Control::Add(nodes.len())));
            for (index, node) in nodes.iter().enumerate() {
                let name = index.to_string();
                within(way, index, &mut |way| match &element {
                    Element::One(of) => {
                        rows(node, of, Head::of_element(&name), gaps, way, all);
                    }
                    Element::Pair(key, of) => pair_rows(node, (key, of), &name, gaps, way, all),
                });
            }
        }
        (Node::Given(inner), Form::Given(of)) => {
            all.push(row(Control::Given(inner.is_some())));
            if let Some(node) = inner {
                let head = Head::of(head.name, Gaps::Refused);
                within(way, 0, &mut |way| rows(node, &of, head, gaps, way, all));
            }
        }
        _ => all.push(row(Control::Heading)),
    }
}

fn pair_rows(
    node: &Node,
    (key, of): (&Shape, &Shape),
    name: &str,
    gaps: Gaps,
    way: &mut Way,
    all: &mut Vec<FormRow>,
) {
    let Node::Parts(parts) = node else { return };
    all.push(FormRow {
        way: way.clone(),
        depth: way.len() - 1,
        label: label(name),
        hint: String::new(),
        control: Control::Heading,
        can_go: true,
    });
    for (index, (node, (name, of))) in parts.iter().zip([("key", key), ("value", of)]).enumerate() {
        way.push(index as u32);
        rows(node, of, Head::of(name, Gaps::Refused), gaps, way, all);
        way.pop();
    }
}

/// The parts of a node that has some, by their places, with their shapes.
fn shape_within(shape: &Shape, node: &Node, index: usize, depth: usize) -> Option<Shape> {
    match (node, form(shape, depth)) {
        (Node::Parts(_), Form::Parts(parts)) => parts.into_iter().nth(index).map(|(_, of)| of),
        (Node::Variant(chosen, _), Form::Variants(variants)) => {
            variants.into_iter().nth(*chosen)?.payload
        }
        (Node::Elements(_), Form::Elements(Element::One(of))) => Some(of),
        (Node::Given(_), Form::Given(of)) => Some(of),
        _ => None,
    }
}

fn within(node: &mut Node, index: usize) -> Option<&mut Node> {
    match node {
        Node::Parts(nodes) | Node::Elements(nodes) => nodes.get_mut(index),
        Node::Variant(_, Some(inner)) | Node::Given(Some(inner)) if index == 0 => Some(inner),
        _ => None,
    }
}

pub(super) fn edit(node: &mut Node, shape: &Shape, way: &[u32], change: Edit, depth: usize) {
    let Some((first, rest)) = way.split_first() else {
        return here(node, shape, change, depth);
    };
    let index = *first as usize;
    if let (Node::Elements(nodes), true, Edit::Remove) = (&mut *node, rest.is_empty(), &change) {
        if index < nodes.len() {
            nodes.remove(index);
        }
        return;
    }
    // A pair of a map is in no shape of its own.
    if let (Node::Elements(nodes), Form::Elements(Element::Pair(key, of))) =
        (&mut *node, form(shape, depth))
    {
        if let (Some(Node::Parts(pair)), Some((side, rest))) =
            (nodes.get_mut(index), rest.split_first())
        {
            let of = if *side == 0 { key } else { of };
            if let Some(node) = pair.get_mut(*side as usize) {
                edit(node, &of, rest, change, depth + 2);
            }
        }
        return;
    }
    let of = shape_within(shape, node, index, depth);
    if let (Some(of), Some(node)) = (of, within(node, index)) {
        edit(node, &of, rest, change, depth + 1);
    }
}

fn here(node: &mut Node, shape: &Shape, change: Edit, depth: usize) {
    match (node, change) {
        (Node::Line(text) | Node::Json(text), Edit::Write(mut written)) => {
            written.truncate(written.floor_char_boundary(TEXT_BYTES_MAX));
            *text = written;
        }
        (Node::Check(is), Edit::Check(yes)) => *is = yes,
        (Node::Given(inner), Edit::Check(yes)) => {
            let Form::Given(of) = form(shape, depth) else {
                return;
            };
            *inner = yes.then(|| Box::new(Node::of(&of, depth + 1)));
        }
        (node @ Node::Variant(..), Edit::Choose(chosen)) => {
            if let Form::Variants(variants) = form(shape, depth)
                && chosen < variants.len()
            {
                *node = Node::variant(&variants, chosen, depth);
            }
        }
        (Node::Elements(nodes), Edit::Add) if nodes.len() < ELEMENTS_MAX => {
            if let Form::Elements(element) = form(shape, depth) {
                nodes.push(Node::element(&element, depth));
            }
        }
        _ => {}
    }
}
