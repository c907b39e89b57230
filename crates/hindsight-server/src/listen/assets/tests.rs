use axum::http::HeaderValue;

use super::*;

fn accepts(values: &[&str]) -> bool {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(
            header::ACCEPT_ENCODING,
            HeaderValue::from_str(value).unwrap(),
        );
    }
    takes_brotli(&headers)
}

#[test]
fn brotli_is_sent_only_to_those_who_name_it() {
    for (values, takes) in [
        (&["gzip, deflate, br, zstd"][..], true),
        (&["BR;q=0.5"], true),
        (&["gzip", "br"], true),
        (&[], false),
        (&["gzip"], false),
        (&["br;q=0"], false),
        (&["br; q=0.000"], false),
        (&["*"], false),
        (&["brx"], false),
    ] {
        assert_eq!(accepts(values), takes, "{values:?}");
    }
}

#[test]
fn the_page_and_all_it_names_are_there_packed_and_unpacked() {
    let page = find(PAGE, false).expect("the page");
    let html = String::from_utf8(page.bytes.into_owned()).unwrap();
    let named: Vec<&str> = html
        .split("\"/assets/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    // Style, glue, what loads parts, the program, what starts it.
    assert_eq!(named.len(), 5, "{html}");
    for name in named {
        let packed = find(name, true).expect(name);
        let unpacked = find(name, false).expect(name);
        assert!(packed.is_packed && !unpacked.is_packed);
        assert_eq!(unpacked.bytes, unpack(&packed.bytes).unwrap());
        assert_ne!(packed.content_type, "application/octet-stream", "{name}");
    }
}

#[test]
fn names_that_are_no_files_of_the_bundle_find_nothing() {
    for name in [
        "",
        "..",
        "../Cargo.toml",
        "inputs.txt",
        "index.html.br",
        "a/b",
        "é",
        "%2e%2e",
    ] {
        assert!(find(name, true).is_none(), "{name}");
    }
}

#[test]
fn damaged_bytes_are_no_file() {
    assert_eq!(unpack(b"\xff\xff\xff\xff"), None);
}
