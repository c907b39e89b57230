//! What people read of shapes and of what is wrong with values.

use super::*;
use crate::{fit, fit_text, json};

fn wrong(shape: &Shape, json: &str) -> String {
    let value = json::parse(json).expect("it is JSON");
    match fit(shape, &value) {
        Ok(fitted) => format!("fits: {}", json::print(&fitted)),
        Err(misfit) => misfit.to_string(),
    }
}

#[test]
fn shapes_read_as_people_write_types() {
    insta::assert_snapshot!(shape::<Everything>().definitions().join("\n"), @r"
    struct Everything { small: u8, id: u64, balance: i64, huge: u128, ratio: f64, part: f32, letter: char, name: String, raw: bytes, note: Option<String>, twice: Option<Option<u16>>, pair: (bool, i8), order: Order, orders: Vec<Order>, counts: Map<String, u32>, by_id: Map<u64, String>, grid: [u16; 3], nothing: () }
    enum Order { Name, Price(u32), Both(u8, String), Custom { key: String, up: bool } }
    ");
    assert_eq!(
        shape::<Vec<Option<Tree>>>().to_string(),
        "Vec<Option<Tree>>"
    );
    assert_eq!(
        shape::<(u8, [i32; 4], BTreeMap<String, ()>)>().to_string(),
        "(u8, [i32; 4], Map<String, ()>)"
    );
}

#[test]
fn an_error_says_where_and_why() {
    #[derive(Facet)]
    struct Filter {
        name: String,
        limit: Option<u32>,
        orders: Vec<Order>,
    }
    let shape = shape::<Filter>();
    let cases = [
        r#"{"name": "a", "orders": []}"#,
        r#"{"name": "a", "orders": ["Name", {"Price": 3}, {"Custom": {"key": "k", "up": true}}]}"#,
        r#"{"orders": []}"#,
        r#"{"name": "a"}"#,
        r#"{"name": 3, "orders": []}"#,
        r#"{"name": "a", "limit": 4294967296, "orders": []}"#,
        r#"{"name": "a", "limit": -1, "orders": []}"#,
        r#"{"name": "a", "limit": 1.5, "orders": []}"#,
        r#"{"name": "a", "limit": 2.0, "orders": []}"#,
        r#"{"name": "a", "limits": 3, "orders": []}"#,
        r#"{"name": "a", "orders": ["Name", "Nane"]}"#,
        r#"{"name": "a", "orders": [{"Price": "x"}]}"#,
        r#"{"name": "a", "orders": ["Price"]}"#,
        r#"{"name": "a", "orders": [{"Name": 1}]}"#,
        r#"{"name": "a", "orders": [{"Both": [1]}]}"#,
        r#"{"name": "a", "orders": [{"Custom": {"key": "k"}}]}"#,
        r#"[1]"#,
    ];
    let told: Vec<String> = cases.iter().map(|case| wrong(&shape, case)).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    fits: {"name":"a","limit":null,"orders":[]}
    fits: {"name":"a","limit":null,"orders":["Name",{"Price":3},{"Custom":{"key":"k","up":true}}]}
    name: missing (String)
    orders: missing (Vec<Order>)
    name: 3 is no String
    limit: out of range for u32 (0 to 4294967295)
    limit: out of range for u32 (0 to 4294967295)
    limit: 1.5 is not a whole number (u32)
    fits: {"name":"a","limit":2,"orders":[]}
    limits: there is no such field; there are: name, limit, orders
    orders[1]: there is no variant "Nane"; there are: Name, Price, Both, Custom
    orders[0].Price: "x" is no u32
    orders[0].Price: missing (u32)
    orders[0].Name: carries nothing
    orders[0].Both: 1 value instead of 2
    orders[0].Custom.up: missing (bool)
    a list is no Filter
    "#);
}

#[test]
fn what_is_written_in_one_line_needs_no_quotes() {
    fn read<T: Facet<'static>>(text: &str) -> String {
        match fit_text(&shape::<T>(), text) {
            Ok(value) => json::print(&value),
            Err(misfit) => misfit.to_string(),
        }
    }
    let told = [
        read::<String>("true"),
        read::<bool>("true"),
        read::<bool>("yes"),
        read::<u64>("18446744073709551615"),
        read::<u8>("256"),
        read::<u8>("eight"),
        read::<f64>("1"),
        read::<f64>("1e3"),
        read::<f64>("NaN"),
        read::<Option<u8>>(""),
        read::<Option<u8>>("7"),
        read::<Order>("Name"),
        read::<Order>("Nome"),
        read::<Order>(r#"{"Price": 3}"#),
        read::<Vec<u8>>("0x00ff"),
        read::<Vec<u8>>("[0, 255]"),
        read::<Vec<u8>>("[0, 256]"),
        read::<Vec<u16>>("[1, 2]"),
        read::<Vec<u16>>("1, 2"),
        read::<Tree>(r#"{"label": "a", "children": []}"#),
        read::<BTreeMap<u32, String>>(r#"{"1": "a"}"#),
        read::<BTreeMap<u32, String>>(r#"{"one": "a"}"#),
        read::<char>("é"),
        read::<char>("ab"),
        read::<()>(""),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    "true"
    true
    "yes" is no bool
    18446744073709551615
    out of range for u8 (0 to 255)
    "eight" is no u8
    1.0
    1000.0
    "NaN"
    null
    7
    "Name"
    there is no variant "Nome"; there are: Name, Price, Both, Custom
    {"Price":3}
    "0x00ff"
    "0x00ff"
    each byte is a number from 0 to 255
    [1,2]
    a Vec<u16> is written as JSON: there is more than one value at character 2
    {"label":"a","children":[]}
    [[1,"a"]]
    [0]: "one" is no u32
    "é"
    "ab" is no char
    null
    "#);
}

#[test]
fn json_is_read_to_the_letter() {
    let told = [
        r#" {"a": [1, -2.5e1, "x\n\u00e9\ud83d\ude00", true, null], "b": {}} "#,
        "01",
        "1.",
        "-",
        "nul",
        "[1,]",
        "{\"a\" 1}",
        "\"a",
        "\"\\x\"",
        "1 2",
        "",
        "\"\\ud800\"",
        "1e999",
        "[",
        "{\"a\":1,}",
        "'a'",
        "18446744073709551616",
        "\"\\u12\u{e9}4\"",
    ]
    .map(|text| match json::parse(text) {
        Ok(value) => json::print(&value),
        Err(error) => format!("{text}: {error}"),
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
    {"a":[1,-25.0,"x\né😀",true,null],"b":{}}
    01: this is no number at character 1
    1.: this is no number at character 1
    -: this is no number at character 1
    nul: this is no value of JSON (texts are written in quotes) at character 1
    [1,]: a value is missing at character 5
    {"a" 1}: a colon is missing at character 6
    "a: a quote is missing at character 3
    "\x": this escape is not known at character 2
    1 2: there is more than one value at character 3
    : a value is missing at character 1
    "\ud800": this escape is not known at character 2
    1e999: this is no number at character 1
    [: a value is missing at character 2
    {"a":1,}: a name in quotes is missing at character 9
    'a': this is no value of JSON (texts are written in quotes) at character 1
    18446744073709551616
    "\u12é4": this escape is not known at character 2
    "#);
}
