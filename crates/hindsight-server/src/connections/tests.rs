use super::*;

fn connections(total: usize, per_ip: usize) -> Arc<Connections> {
    Connections::new(&ConnectionLimits {
        connections_max: total,
        connections_per_ip_max: per_ip,
        ..ConnectionLimits::default()
    })
}

#[test]
fn slots_are_given_back_when_dropped() {
    let connections = connections(2, 1);
    let first = connections.take_slot(None).unwrap();
    let second = connections.take_slot(None).unwrap();
    assert_ne!(first.id(), second.id());
    let full = connections.take_slot(None).unwrap_err();
    assert_eq!(full.reason(), Reason::ConnectionsMax);
    drop(first);
    assert_eq!(connections.open(), 1);
    assert!(connections.take_slot(None).is_ok());
}

#[test]
fn strangers_are_counted_by_address_and_this_machine_is_not() {
    let connections = connections(10, 1);
    let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
    let slot = connections.take_slot(ip("10.0.0.1")).unwrap();
    for mapped in ["10.0.0.1", "::ffff:10.0.0.1"] {
        let full = connections.take_slot(ip(mapped)).unwrap_err();
        assert_eq!(full.reason(), Reason::ConnectionsPerIpMax, "{mapped}");
    }
    let others = ["10.0.0.2", "127.0.0.1", "127.0.0.1", "::1", "::1"];
    let others: Vec<_> = others
        .iter()
        .map(|text| connections.take_slot(ip(text)).unwrap())
        .collect();
    drop(slot);
    assert!(connections.take_slot(ip("10.0.0.1")).is_ok());
    drop(others);
    assert_eq!(connections.open(), 0);
}
