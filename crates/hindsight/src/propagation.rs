//! Carrying a context in the headers of an HTTP message ([`http::HeaderMap`]).
//!
//! String maps implement [`Extract`] and [`Inject`] themselves; roam metadata is carried by the
//! `hindsight-roam` crate.

use hindsight_protocol::w3c::headers::NOT_TEXT;
use hindsight_protocol::w3c::{Extract, Inject};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Reads a context from a request's headers.
#[derive(Clone, Copy, Debug)]
pub struct HeaderExtractor<'a>(pub &'a HeaderMap);

/// Writes a context into a request's headers.
#[derive(Debug)]
pub struct HeaderInjector<'a>(pub &'a mut HeaderMap);

impl Extract for HeaderExtractor<'_> {
    fn visit_header<'a>(&'a self, name: &str, visit: &mut dyn FnMut(&'a str)) {
        for value in self.0.get_all(name) {
            visit(value.to_str().unwrap_or(NOT_TEXT));
        }
    }
}

impl Inject for HeaderInjector<'_> {
    fn set_header(&mut self, name: &'static str, value: String) {
        match HeaderValue::try_from(value) {
            Ok(value) => {
                self.0.insert(HeaderName::from_static(name), value);
            }
            Err(_) => self.remove_header(name),
        }
    }

    fn remove_header(&mut self, name: &'static str) {
        self.0.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;

    #[test]
    fn a_context_survives_http_headers() {
        let mut sent = HeaderMap::new();
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        sent.insert("traceparent", HeaderValue::from_static(text));
        sent.insert("tracestate", HeaderValue::from_static("a=1"));
        sent.append("tracestate", HeaderValue::from_static("b=2"));
        sent.insert("baggage", HeaderValue::from_static("user=anna"));
        let context = Context::extract(&HeaderExtractor(&sent)).expect("valid");
        assert_eq!(context.traceparent(), text);

        let mut passed_on = HeaderMap::new();
        context.inject(&mut HeaderInjector(&mut passed_on));
        assert_eq!(passed_on["traceparent"], text);
        assert_eq!(passed_on["tracestate"], "a=1,b=2");
        assert_eq!(passed_on["baggage"], "user=anna");
    }

    #[test]
    fn two_traceparent_headers_are_no_context() {
        let mut sent = HeaderMap::new();
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        sent.append("traceparent", HeaderValue::from_static(text));
        sent.append("traceparent", HeaderValue::from_static(text));
        assert_eq!(Context::extract(&HeaderExtractor(&sent)), None);
    }
}
