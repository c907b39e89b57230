use std::time::{Duration, Instant};

use super::places::{NoPlace, Places};
use crate::config::RelayLimits;
use crate::connections::ConnectionId;

fn limits() -> RelayLimits {
    RelayLimits {
        lanes_max: 4,
        lanes_per_viewer_max: 2,
        lanes_per_app_max: 3,
        opens_per_app_burst: 5,
        opens_per_app_per_sec: 1,
        ..RelayLimits::default()
    }
}

fn id(number: u64) -> ConnectionId {
    ConnectionId::of_test(number)
}

#[test]
fn places_are_limited_per_viewer_per_app_and_in_all_and_come_back() {
    let (places, now) = (Places::new(&limits()), Instant::now());
    let (app, other) = (id(100), id(101));
    let _first = [0, 1].map(|_| places.take(id(1), app, now).unwrap());
    let of_viewer = NoPlace::OfViewer {
        lanes_per_viewer_max: 2,
    };
    assert_eq!(places.take(id(1), other, now).unwrap_err(), of_viewer);
    let third = places.take(id(2), app, now).unwrap();
    let of_app = NoPlace::OfApp {
        lanes_per_app_max: 3,
    };
    assert_eq!(places.take(id(2), app, now).unwrap_err(), of_app);
    let _fourth = places.take(id(3), other, now).unwrap();
    let total = NoPlace::Total { lanes_max: 4 };
    assert_eq!(places.take(id(4), other, now).unwrap_err(), total);
    drop(third);
    assert!(places.take(id(2), app, now).is_ok());
    assert_eq!((places.open(), places.total()), (3, 5));
}

#[test]
fn lanes_to_one_app_are_opened_at_a_rate_whoever_opens_them() {
    let (places, now) = (Places::new(&limits()), Instant::now());
    for viewer in 0..5 {
        drop(places.take(id(viewer), id(100), now).unwrap());
    }
    let rate = NoPlace::Rate { per_sec: 1 };
    assert_eq!(places.take(id(9), id(100), now).unwrap_err(), rate);
    assert!(places.take(id(9), id(101), now).is_ok(), "another app");
    let now = now + Duration::from_secs(1);
    assert!(places.take(id(9), id(100), now).is_ok());
    assert_eq!(places.take(id(9), id(100), now).unwrap_err(), rate);
}
