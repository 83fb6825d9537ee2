//! Stories of several users, whose originals no renderer may mix.

use std::sync::Arc;

use libtest_mimic::Trial;
use resizinator_formats::Format;
use resizinator_shared::ids::UserId;
use resizinator_shared::settings::Limits;
use resizinator_worker::renderer::{Renderers, Restarts};

use crate::stories::{ada, bob, limits, put, run, told_by};
use crate::worker::{self, is_alive};
use rustix::process::Pid;

pub(crate) fn all() -> Vec<Trial> {
    macro_rules! stories {
        ($($name:ident),* $(,)?) => { vec![$(Trial::test(stringify!($name), || run($name()))),*] };
    }
    stories![
        a_renderer_has_ended_before_another_users_original_is_written,
        the_next_user_finds_nothing_of_the_last_ones_original,
        users_who_take_turns_keep_their_renderers_if_there_is_one_for_each,
        two_users_keep_their_renderers_even_in_one_slot,
        there_are_at_most_two_renderers_for_a_slot_and_the_one_that_waited_longest_makes_room,
        a_zygote_that_was_killed_is_replaced,
    ]
}

async fn with_slots(slots: u16) -> Arc<Renderers> {
    Renderers::start(&Limits { slots, ..limits() }, Restarts::default()).await.expect("renderers")
}

fn carol() -> UserId {
    UserId::try_from(3).expect("an id")
}

async fn pid_of(user: UserId, renderers: &Arc<Renderers>) -> Pid {
    let id = told_by(user, renderers, "pid").await.parse().expect("a number");
    Pid::from_raw(id).expect("an id")
}

async fn a_renderer_has_ended_before_another_users_original_is_written() {
    let renderers = with_slots(1).await;
    let hers = pid_of(ada(), &renderers).await;
    assert_eq!(pid_of(ada(), &renderers).await, hers, "she keeps it");
    pid_of(carol(), &renderers).await;
    let mut slot = renderers.slot(bob()).await.expect("a slot");
    assert!(!is_alive(hers), "it has ended when the slot is handed out");
    let len = put(&mut slot, b"pid");
    let his = slot.render(&"a picture", Format::Png, len).await.expect("an id").variants.small.bytes;
    assert_ne!(his, hers.as_raw_nonzero().to_string().into_bytes());
}

async fn the_next_user_finds_nothing_of_the_last_ones_original() {
    let renderers = with_slots(1).await;
    for _ in 0..3 {
        for other in [ada(), carol()] {
            told_by(other, &renderers, &format!("echo {}", "somebody else's ".repeat(100_000))).await;
        }
        assert_eq!(told_by(bob(), &renderers, "all that is Bob's").await, "all that is Bob's");
    }
}

async fn users_who_take_turns_keep_their_renderers_if_there_is_one_for_each() {
    let renderers = with_slots(2).await;
    let first = (pid_of(ada(), &renderers).await, pid_of(bob(), &renderers).await);
    assert_ne!(first.0, first.1);
    for _ in 0..5 {
        assert_eq!((pid_of(ada(), &renderers).await, pid_of(bob(), &renderers).await), first);
    }
}

async fn two_users_keep_their_renderers_even_in_one_slot() {
    let renderers = with_slots(1).await;
    let first = (pid_of(ada(), &renderers).await, pid_of(bob(), &renderers).await);
    for _ in 0..5 {
        assert_eq!((pid_of(ada(), &renderers).await, pid_of(bob(), &renderers).await), first);
    }
}

async fn there_are_at_most_two_renderers_for_a_slot_and_the_one_that_waited_longest_makes_room() {
    let renderers = with_slots(1).await;
    let (hers, his) = (pid_of(ada(), &renderers).await, pid_of(bob(), &renderers).await);
    pid_of(ada(), &renderers).await;
    assert!(is_alive(hers) && is_alive(his));
    pid_of(carol(), &renderers).await;
    assert_eq!((is_alive(hers), is_alive(his)), (true, false));
}

async fn a_zygote_that_was_killed_is_replaced() {
    assert_eq!(worker::said(worker::WITHOUT_ZYGOTE), "echo Ada's, echo Bob's");
}
