use super::{AttributeScope, Field, FieldType, KINDS, NAMED, STATES, STATUSES};

#[test]
fn every_name_stands_for_its_field_and_back() {
    for (name, field, kind, _) in &NAMED {
        assert_eq!(&Field::from_word(name), field);
        assert_eq!(field.name(), Some(*name));
        assert_eq!(field.field_type(), *kind);
    }
}

#[test]
fn a_prefix_is_taken_off_once_and_reaches_attributes_with_a_fields_name() {
    for (word, scope, key) in [
        ("http.route", AttributeScope::Any, "http.route"),
        ("span.name", AttributeScope::Span, "name"),
        ("span.span.name", AttributeScope::Span, "span.name"),
        ("resource.host.name", AttributeScope::Resource, "host.name"),
        ("scope.team", AttributeScope::Scope, "team"),
        ("event.level", AttributeScope::Event, "level"),
        ("trace.level", AttributeScope::Any, "trace.level"),
        ("spanner", AttributeScope::Any, "spanner"),
    ] {
        let attribute = Field::Attribute(scope, key.into());
        assert_eq!(Field::from_word(word), attribute, "{word}");
    }
}

#[test]
fn the_words_of_closed_types_are_those_of_the_data_model() {
    let statuses = STATUSES.map(|status| status.as_str());
    assert_eq!(FieldType::Status.words(), statuses);
    assert_eq!(FieldType::Kind.words(), KINDS.map(|kind| kind.as_str()));
    let states = STATES.map(|state| state.as_str());
    assert_eq!(FieldType::State.words()[..5], states);
}
