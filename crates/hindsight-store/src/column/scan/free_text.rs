//! Free text: any of the texts by which people look for a span.

use hindsight_protocol::batch::tag;

use super::super::attributes::Attributes;
use super::super::bitmap::Bitmap;
use super::super::rows::SegmentRows;
use super::column::Context;
use super::intrinsic::TextField;
use super::{TextTest, ValueTest};

impl SegmentRows {
    /// The rows of which a text passes: name, service, status message, a text among the span's
    /// attributes, the name of an event or a text among its attributes.
    pub(crate) fn rows_by_any_text(
        &self,
        test: &dyn Fn(&str) -> bool,
        within: Option<&Bitmap>,
    ) -> Bitmap {
        let test = TextTest::Where(test);
        let mut rows = self.rows_by_text(TextField::Name, &test);
        rows.or(&self.rows_by_text(TextField::Service, &test));
        rows.or(&self.rows_by_text(TextField::StatusMessage, &test));
        self.add_loose_texts(&test, &mut rows);
        self.add_column_texts(&test, within, &mut rows);
        if let Some(within) = within {
            rows.and(within);
        }
        rows
    }

    /// Texts of attributes with a column; rows found already are not looked at again.
    fn add_column_texts(&self, test: &TextTest<'_>, within: Option<&Bitmap>, rows: &mut Bitmap) {
        let test = ValueTest::texts(*test);
        let context = Context::new(self);
        for group in &self.groups.groups {
            for column in &group.columns {
                if column.values.tag() != tag::STRING {
                    continue;
                }
                let mut open = rows.part(group.start, group.len);
                open.invert();
                if let Some(within) = within {
                    open.and(&within.part(group.start, group.len));
                }
                if !open.is_empty() {
                    let found = test.rows(&column.values, &context, Some(&open));
                    rows.or_at(group.start, &found);
                }
            }
        }
    }

    /// Texts of attributes without a column: of the rest of the rows and of events.
    fn add_loose_texts(&self, test: &TextTest<'_>, rows: &mut Bitmap) {
        let texts = test.codes(&self.tables.texts);
        if texts.is_empty() {
            return;
        }
        let is_found = |attributes: &Attributes, at: usize| {
            let (_, kind, bits) = attributes.get(at);
            kind == tag::STRING && texts.contains(bits as usize)
        };
        let loose = &self.groups.loose;
        for row in loose.start..loose.start + loose.len() {
            if loose.range(row).any(|at| is_found(&loose.attributes, at)) {
                rows.insert(row);
            }
        }
        let events = &self.events;
        let mut found = events.names.rows_among(&texts);
        for event in 0..events.len() {
            let mut range = events.attribute_range(event);
            if range.any(|at| is_found(&events.attributes, at)) {
                found.insert(event);
            }
        }
        rows.or(&self.rows_of_events(&found));
    }
}
