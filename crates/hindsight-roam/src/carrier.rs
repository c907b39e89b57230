//! The trace context in roam metadata: string entries `traceparent`, `tracestate`, `baggage`.
//!
//! Keys of roam metadata are case-sensitive and unique; the W3C names in lower case are used.

use facet_value::VObject;
use hindsight::{Extract, Inject};
use vox::Metadata;

/// What stands for a value that is not text.
const NOT_TEXT: &str = hindsight_protocol::w3c::headers::NOT_TEXT;

/// Entries that a call usually carries at most.
const ENTRIES: usize = 4;

/// Reads a context from a request's metadata.
#[derive(Clone, Copy, Debug)]
pub struct MetadataExtractor<'a>(pub &'a Metadata);

/// Writes a context into a request's metadata.
#[derive(Debug)]
pub struct MetadataInjector<'a>(pub &'a mut Metadata);

impl Extract for MetadataExtractor<'_> {
    fn visit_header<'a>(&'a self, name: &str, visit: &mut dyn FnMut(&'a str)) {
        let Some(object) = self.0.as_object() else {
            return;
        };
        if let Some(value) = object.get(name) {
            visit(value.as_string().map_or(NOT_TEXT, |text| text.as_str()));
        }
    }
}

impl Inject for MetadataInjector<'_> {
    fn set_header(&mut self, name: &'static str, value: String) {
        // Made with room, an object needs not grow at the first entry.
        if self.0.as_object().is_none_or(|object| object.is_empty()) {
            *self.0 = VObject::with_capacity(ENTRIES).into();
        }
        vox::meta_set(self.0, name, value);
    }

    fn remove_header(&mut self, name: &'static str) {
        if let Some(object) = self.0.as_object_mut() {
            object.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use hindsight::Context;
    use vox::MetadataExt;

    use super::*;

    #[test]
    fn a_context_survives_roam_metadata() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let sent = vox::metadata()
            .str("traceparent", text)
            .str("tracestate", "a=1");
        let context = Context::extract(&MetadataExtractor(&sent.build())).expect("valid");
        let mut passed_on = Metadata::default();
        context.inject(&mut MetadataInjector(&mut passed_on));
        assert_eq!(passed_on.meta_str("traceparent"), Some(text));
        assert_eq!(passed_on.meta_str("tracestate"), Some("a=1"));
        assert_eq!(passed_on.meta_str("baggage"), None);
    }

    #[test]
    fn metadata_without_a_valid_context_has_none() {
        let check = |metadata: Metadata| {
            assert_eq!(Context::extract(&MetadataExtractor(&metadata)), None);
        };
        check(Metadata::default());
        check(vox::metadata().u64("traceparent", 7).build());
        check(vox::metadata().str("traceparent", "é".repeat(30)).build());
    }
}
