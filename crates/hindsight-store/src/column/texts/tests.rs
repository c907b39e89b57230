use proptest::prelude::*;

use super::*;

fn texts_of(texts: &[String]) -> Texts {
    let mut stage = TextStage::default();
    texts.iter().for_each(|text| stage.push(text));
    assert_eq!(stage.iter().collect::<Vec<_>>(), texts);
    stage.finish()
}

fn lists() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        prop::collection::vec(".{0,6}", 0..60),
        prop::collection::vec("[a-f0-9]{4}", 0..60),
        prop::collection::vec("([a-f0-9]{2}){0,40}", 0..60),
        prop::collection::vec("[a-f0-9]{16}", 0..60),
        prop::collection::vec("[a-g0-9]{16}", 0..60),
        prop::collection::vec("[A-F0-9]{2}", 0..60),
    ]
}

proptest! {
    #[test]
    fn texts_come_back_as_they_were(list in lists()) {
        let texts = texts_of(&list);
        prop_assert_eq!(texts.len(), list.len());
        let mut buffer = String::new();
        for (at, text) in list.iter().enumerate() {
            prop_assert_eq!(texts.get(at, &mut buffer), text);
            prop_assert!(texts.get_plain(at).is_none_or(|plain| plain == text));
        }
    }

    #[test]
    fn texts_are_found_by_content(
        list in lists(),
        other in "[a-f0-9]{0,8}",
        within in any::<[u64; 1]>(),
    ) {
        let texts = texts_of(&list);
        let within = Bitmap::from_words(within.to_vec(), list.len());
        for wanted in list.iter().chain([&other]) {
            let expected = Bitmap::of(&list.iter().collect::<Vec<_>>(), |text| text == wanted);
            prop_assert_eq!(&texts.rows_equal(wanted), &expected);
            prop_assert_eq!(&texts.rows_where(None, &|text| text == wanted), &expected);
            let mut expected = expected;
            expected.and(&within);
            prop_assert_eq!(texts.rows_where(Some(&within), &|text| text == wanted), expected);
        }
    }
}

#[test]
fn hexadecimal_texts_take_half_their_length() {
    let list: Vec<String> = (0..1000_u64)
        .map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    assert_eq!(texts_of(&list).bytes(), 8000);
}

#[test]
fn short_texts_take_little_more_than_their_letters() {
    let list: Vec<String> = (0..1000).map(|n| format!("value {n}")).collect();
    let letters: usize = list.iter().map(String::len).sum();
    let bytes = texts_of(&list).bytes() as usize;
    assert!(bytes < letters + 1300, "{bytes} for {letters}");
}
