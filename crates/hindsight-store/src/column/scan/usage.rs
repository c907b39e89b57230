//! What a segment holds, for completion and for leaving it out: keys with types and counts, the
//! most frequent values of a key.

use hashbrown::HashMap;
use hindsight_protocol::batch::tag;

use super::super::attributes::Encoded;
use super::super::packed::Packed;
use super::super::rows::SegmentRows;
use super::super::values::ValueColumn;
use super::AttributeScope;

/// A key, the type of its values, and how many rows (of events: how many events) have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyUse<'a> {
    pub(crate) scope: AttributeScope,
    pub(crate) key: &'a str,
    /// [`tag`].
    pub(crate) tag: u8,
    pub(crate) count: u64,
}

type Counts = HashMap<(u32, u8), u64>;

impl SegmentRows {
    /// Every key of every scope, in no particular order. A row counts once for each time it has
    /// the key.
    pub(crate) fn keys(&self) -> Vec<KeyUse<'_>> {
        let scopes = [
            (AttributeScope::Span, self.span_keys()),
            (AttributeScope::Resource, self.resource_keys()),
            (AttributeScope::Scope, self.scope_keys()),
            (AttributeScope::Event, self.event_keys()),
        ];
        let uses = scopes.into_iter().flat_map(|(scope, counts)| {
            counts.into_iter().map(move |((key, tag), count)| KeyUse {
                scope,
                key: self.tables.keys.text(key),
                tag,
                count,
            })
        });
        uses.collect()
    }

    fn span_keys(&self) -> Counts {
        let mut counts = Counts::new();
        for group in &self.groups.groups {
            for column in &group.columns {
                let key = (column.key, column.values.tag());
                *counts.entry(key).or_default() += group.len as u64;
            }
        }
        let loose = &self.groups.loose.attributes;
        add(&mut counts, loose.iter(), 1);
        counts
    }

    fn resource_keys(&self) -> Counts {
        let mut counts = Counts::new();
        for (resource, rows) in histogram(&self.heads.resources) {
            add(&mut counts, self.resources.attributes_of(resource), rows);
        }
        counts
    }

    fn scope_keys(&self) -> Counts {
        let mut counts = Counts::new();
        for (scope, rows) in histogram(&self.heads.scopes) {
            add(&mut counts, self.scopes.attributes_of(scope), rows);
        }
        counts
    }

    fn event_keys(&self) -> Counts {
        let mut counts = Counts::new();
        add(&mut counts, self.events.attributes.iter(), 1);
        counts
    }

    /// Values of the spans' attribute `key` that are texts, with their number of rows, most
    /// frequent first; at most `max`. Of a key whose values hardly ever repeat, the first ones.
    pub(crate) fn top_texts(&self, key: &str, max: usize) -> Vec<(String, u64)> {
        let mut counts: HashMap<String, u64> = HashMap::new();
        let Some(key) = self.tables.keys.find(key) else {
            return Vec::new();
        };
        let mut buffer = String::new();
        let columns = self.groups.groups.iter().flat_map(|group| &group.columns);
        for column in columns.filter(|column| column.key == key) {
            match &column.values {
                ValueColumn::Codes { pool, codes } => {
                    let dictionary = &self.groups.pools[*pool as usize];
                    for (code, rows) in histogram(codes) {
                        let text = dictionary.get(code, &mut buffer);
                        *counts.entry_ref(text).or_default() += rows;
                    }
                }
                ValueColumn::Plain(texts) => {
                    for row in 0..texts.len().min(max) {
                        *counts.entry_ref(texts.get(row, &mut buffer)).or_default() += 1;
                    }
                }
                _ => (),
            }
        }
        let loose = self.groups.loose.attributes.iter();
        for (_, _, bits) in loose.filter(|(k, tag, _)| (*k, *tag) == (key, tag::STRING)) {
            let text = self.tables.texts.get(bits as u32, &mut buffer);
            *counts.entry_ref(text).or_default() += 1;
        }
        let mut all: Vec<(String, u64)> = counts.into_iter().collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(max);
        all
    }

    /// Services with their number of rows, in no particular order; one may come several times.
    pub(crate) fn service_counts(&self) -> Vec<(&str, u64)> {
        let counts = histogram(&self.heads.resources);
        counts
            .map(|(resource, rows)| (self.services.text(self.resources.head(resource)[0]), rows))
            .collect()
    }

    /// Texts of an attribute of the resources, or else of the scopes, with their number of rows.
    pub(crate) fn owner_texts(
        &self,
        is_of_resource: bool,
        key: &str,
        add: &mut dyn FnMut(&str, u64),
    ) {
        let Some(key) = self.tables.keys.find(key) else {
            return;
        };
        let (owners, of_rows) = match is_of_resource {
            true => (&self.resources, &self.heads.resources),
            false => (&self.scopes, &self.heads.scopes),
        };
        let mut buffer = String::new();
        for (owner, rows) in histogram(of_rows) {
            let mut attributes = owners.attributes_of(owner);
            if let Some((_, tag::STRING, bits)) = attributes.find(|(k, ..)| *k == key) {
                add(self.tables.texts.get(bits as u32, &mut buffer), rows);
            }
        }
    }

    /// Names of spans with their number of rows, in no particular order.
    pub(crate) fn name_counts(&self) -> Vec<(&str, u64)> {
        let counts = histogram(&self.heads.names);
        counts
            .map(|(name, rows)| (self.names.text(name), rows))
            .collect()
    }
}

fn add(counts: &mut Counts, attributes: impl Iterator<Item = Encoded>, times: u64) {
    for (key, kind, _) in attributes {
        *counts.entry((key, kind)).or_default() += times;
    }
}

/// Codes and how often each occurs, without those that do not.
fn histogram(codes: &Packed) -> impl Iterator<Item = (u32, u64)> {
    let (_, max) = codes.range();
    let mut counts = vec![
        0_u64;
        if codes.len() == 0 {
            0
        } else {
            max as usize + 1
        }
    ];
    match codes.constant() {
        Some(code) => counts[code as usize] = codes.len() as u64,
        None => codes.iter().for_each(|code| counts[code as usize] += 1),
    }
    let counts = counts.into_iter().enumerate();
    let counts = counts.filter(|(_, count)| *count > 0);
    counts.map(|(code, count)| (code as u32, count))
}
