//! Tests of the memory and the time that the limits take.

use std::time::{Duration, Instant};

use resizinator_shared::settings::{Rate, RateLimit, RateLimits};
use resizinator_shared::testing::id;

use super::{network, rates, request};
use crate::rates::Rates;
use crate::rates::limiter::Limiter;

#[test]
fn a_million_networks_take_less_than_16_mib_and_are_all_held_to_the_limits() {
    const THREADS: u32 = 4;
    let rates = rates();
    let before = resident();
    let ask = |thread: u32| {
        for number in (thread..1_000_000).step_by(THREADS as usize) {
            let of_users = [RateLimit::User, RateLimit::LoginKnown, RateLimit::Password];
            for limit in RateLimit::ALL {
                // A tenth is enough to fill what only users can fill.
                if number < 100_000 || !of_users.contains(&limit) {
                    rates.check(limit, network(number));
                }
            }
        }
    };
    std::thread::scope(|scope| (0..THREADS).for_each(|thread| drop(scope.spawn(move || ask(thread)))));
    let taken = resident() - before;
    println!("a million networks take {} KiB", taken >> 10);
    assert!(taken < 16 << 20, "{} KiB", taken >> 10);
    let check = |number| rates.check(RateLimit::Register, network(number)).expect("they are on");
    // Those for which there was no room share buckets, and have used them up long since.
    assert!((1_000_000..1_001_000).all(|number| check(number).is_refused));
    // Those that came first still have their own.
    assert_eq!((check(0).is_refused, check(1).remaining), (false, 18));
}

#[test]
fn keys_that_are_as_good_as_new_make_room_for_others_and_their_memory_goes_back() {
    let rate = Rate::new(100, 10).expect("a rate");
    let limits = RateLimit::ALL.into_iter().fold(RateLimits::default(), |all, limit| all.with(limit, rate));
    let rates = Rates::new(&limits);
    let kept = || rates.limiters.iter().map(Limiter::kept).max().expect("they are on");
    let before = resident();
    let mut networks = (0..).map(network);
    let mut newcomer = |limits: &[RateLimit]| {
        let network = networks.next().expect("more networks");
        let check = |limit: &RateLimit| rates.check(*limit, network).expect("they are on").remaining;
        limits.iter().map(check).min().expect("limits")
    };
    until("the buckets are full", || newcomer(&RateLimit::ALL) < 99 && kept() > 40_000);
    // After this, a shared bucket takes ten seconds to be as full as a new one.
    (0..50_000).for_each(|_| assert!(newcomer(&RateLimit::ALL) < 100));
    until("a newcomer has a bucket again", || newcomer(&[RateLimit::Address]) == 99);
    let full = resident() - before;
    until("only the shared buckets are left", || {
        rates.clean();
        kept() <= 1024
    });
    crate::memory::give_back();
    let taken = resident().saturating_sub(before);
    assert!(taken < full / 3, "{} of {} KiB", taken >> 10, full >> 10);
}

#[test]
#[ignore = "a measurement"]
fn the_checks_of_a_request_take_less_than_two_microseconds() {
    const REQUESTS: u32 = 1_000_000;
    let rates = rates();
    for networks in [1, 1000, 90_000, 1_000_000] {
        let begun = Instant::now();
        for number in 0..REQUESTS {
            let request = request(&rates, network(number % networks));
            let outcome = request.address().and_then(|()| request.user(id((number % networks + 1).into())));
            std::hint::black_box(outcome).ok();
        }
        let each = begun.elapsed() / REQUESTS;
        println!("{networks} networks: {each:?} for the checks of a request");
        assert!(each < Duration::from_micros(2), "{each:?}");
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
    }
}

/// The memory of this process that is in use, in bytes. Each test is a process of its own.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("the resident memory");
    let kib = line.split_ascii_whitespace().nth(1).expect("a number");
    kib.parse::<usize>().expect("a number") << 10
}
