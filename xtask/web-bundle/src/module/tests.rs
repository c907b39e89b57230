use super::*;

const HEAD: &[u8] = b"\0asm\x01\0\0\0";

fn section(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    let mut rest = content.len();
    while rest > 0x7f {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes.extend_from_slice(content);
    bytes
}

#[test]
fn sections_for_tools_go_and_all_others_stay_as_they_are() {
    let (types, code, names) = (
        section(1, b"types"),
        section(10, &[7; 300]),
        section(0, &[1; 200]),
    );
    let module = [HEAD, &types, &names, &code, &names].concat();
    let kept = without_names(&module).unwrap();
    assert_eq!(kept, [HEAD, &types, &code].concat());
}

#[test]
fn what_is_no_module_is_refused() {
    let whole = [HEAD, &section(1, &[0; 200])].concat();
    for end in (0..8).chain(9..whole.len()) {
        assert!(without_names(&whole[..end]).is_err(), "cut off at {end}");
    }
    assert!(without_names(&[HEAD, &[1, 0xff, 0xff, 0xff, 0xff, 0xff]].concat()).is_err());
}
