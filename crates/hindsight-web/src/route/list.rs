//! What a URL says of the list beside its query: columns and order, and the pair to compare.
//!
//! In: the query part of a URL, from anybody. Out: a [`ListShape`], and the parameters it is written
//! with. Holds: a shape that is written and read again is the same.

use hindsight_protocol::TraceId;
use hindsight_view::trace_list::ListShape;

use super::percent;

/// The shape that a URL names.
pub fn shape(url: &str) -> ListShape {
    let query = url.split('#').next().unwrap_or_default();
    let query = query.split_once('?').map_or("", |(_, query)| query);
    let columns = super::parameters(query, "col").collect::<Vec<_>>();
    let sort = super::parameter(query, "sort").unwrap_or_default();
    ListShape::read(columns.iter().map(String::as_str), &sort)
}

/// A URL of the list with its shape, where that is not the usual one.
pub fn with_shape(mut url: String, shape: &ListShape) -> String {
    let mut put = |key: &str, value: &str| {
        url.push(if url.contains('?') { '&' } else { '?' });
        url += &format!("{key}={}", percent::encode(value));
    };
    shape.words().iter().for_each(|word| put("col", word));
    if let Some(sort) = &shape.sort {
        put("sort", &sort.to_string());
    }
    url
}

/// Where two traces are compared.
pub fn compare(a: TraceId, b: TraceId) -> String {
    format!("/compare/{a}/{b}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_shape_is_not_written() {
        assert_eq!(with_shape("/".into(), &ListShape::default()), "/");
        assert_eq!(shape("/?q=sort%3A1#sort=name"), ListShape::default());
        let odd = shape("/?col=spans&col=span.a%26b&sort=-span.a%26b&col=bad");
        assert_eq!(
            with_shape("/?q=x".into(), &odd),
            "/?q=x&col=spans&col=span.a%26b&sort=-span.a%26b"
        );
    }

    #[test]
    fn a_pair_to_compare_is_two_ids() {
        let url = compare(TraceId::from_u128(1), TraceId::from_u128(2));
        assert_eq!(url, format!("/compare/{:032x}/{:032x}", 1, 2));
    }

    proptest! {
        #[test]
        fn a_shape_is_read_as_it_was_written(
            words in prop::collection::vec("(service|errors|start|span\\.\\PC{1,6})", 0..6),
            sort in "(-?(duration|name|span\\.\\PC{1,4}))?",
        ) {
            let written = ListShape::read(words.iter().map(String::as_str), &sort);
            prop_assert_eq!(shape(&with_shape("/".into(), &written)), written.clone());
            prop_assert_eq!(shape(&with_shape("/?q=a".into(), &written)), written);
        }
    }
}
