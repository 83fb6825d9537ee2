use std::future::Future;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use image::ImageFormat::{self, Bmp, Gif, Jpeg, Png, Tiff, WebP};
use libtest_mimic::{Failed, Trial};
use resizinator_formats::Format;
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::ids::UserId;
use resizinator_shared::settings::Limits;
use resizinator_worker::pipeline::{self, Variants};
use resizinator_worker::renderer::{RendererError, Renderers, Restarts, Slot};
use rustix::process::{Pid, Signal, kill_process};

use crate::program::the_program_keeps_its_memory_private_and_starts_its_renderers_as_an_ordinary_user;
use crate::worker;

pub(crate) fn all() -> Vec<Trial> {
    macro_rules! stories {
        ($($name:ident),* $(,)?) => { vec![$(Trial::test(stringify!($name), || run($name()))),*] };
    }
    let mut stories = stories![
        every_format_comes_back_as_the_pipeline_renders_it,
        a_refusal_comes_back_with_its_code_and_its_sentence,
        every_death_has_a_code_and_its_slot_works_again,
        neighbours_go_on_while_a_renderer_is_hostile,
        replies_that_break_the_protocol_end_as_a_crash,
        an_announced_reply_that_never_comes_ends_with_the_clock,
        an_original_that_took_too_long_once_is_rendered_in_a_fresh_renderer,
        a_renderer_killed_between_two_jobs_costs_nobody_an_image,
        what_asks_politely_for_memory_may_be_refused_and_goes_on,
        a_renderer_opens_nothing_and_starts_nothing,
        a_renderer_inherits_no_environment_and_no_descriptor,
        cpu_time_is_granted_anew_for_each_job,
        a_slot_given_up_at_work_is_free_at_once,
        a_slot_given_up_half_filled_leaves_nothing_behind,
        an_original_leaves_nothing_behind_for_the_next,
        the_renderers_end_with_the_worker,
        no_renderer_outlives_a_worker_that_was_killed,
        a_renderer_that_blocks_signals_ends_though_its_worker_is_stopped,
        a_worker_starts_though_its_first_process_is_killed_meanwhile,
        a_renderer_is_replaced_before_its_cpu_time_is_used_up,
        without_the_filter_of_system_calls_no_renderer_starts_unless_that_is_accepted,
        a_worker_whose_memory_is_private_renders_as_an_ordinary_user,
        the_program_keeps_its_memory_private_and_starts_its_renderers_as_an_ordinary_user,
    ];
    let overhead = Trial::test("how_much_a_renderer_adds_to_a_job_of_4_mb", || run(overhead()));
    stories.push(overhead.with_ignored_flag(true));
    stories
}

pub(crate) fn run(story: impl Future<Output = ()>) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(story);
    Ok(())
}

/// Two slots, little memory, and a time limit that is short but not too short for a busy machine.
pub(crate) fn limits() -> Limits {
    Limits { slots: 2, renderer_memory: 128 << 20, render: Duration::from_secs(3), ..Limits::default() }
}

/// The user of the stories that have only one.
pub(crate) fn ada() -> UserId {
    UserId::try_from(1).expect("an id")
}

pub(crate) fn bob() -> UserId {
    UserId::try_from(2).expect("an id")
}

async fn renderers() -> Arc<Renderers> {
    Renderers::start(&limits(), Restarts::default()).await.expect("renderers")
}

pub(crate) fn put(slot: &mut Slot, original: &[u8]) -> u64 {
    slot.input().write_all(original).expect("memory takes it");
    original.len() as u64
}

async fn rendered(
    user: UserId,
    renderers: &Arc<Renderers>,
    format: Format,
    original: &[u8],
) -> Result<Variants, RendererError> {
    let mut slot = renderers.slot(user).await?;
    let len = put(&mut slot, original);
    slot.render(&"a picture", format, len).await.map(|rendered| rendered.variants)
}

/// The answer of a renderer to an order, whose format does not matter.
async fn ordered(renderers: &Arc<Renderers>, order: &[u8]) -> Result<Variants, RendererError> {
    rendered(ada(), renderers, Format::Png, order).await
}

async fn told(renderers: &Arc<Renderers>, order: &str) -> String {
    told_by(ada(), renderers, order).await
}

pub(crate) async fn told_by(user: UserId, renderers: &Arc<Renderers>, order: &str) -> String {
    let rendered = rendered(user, renderers, Format::Png, order.as_bytes()).await;
    let variants = rendered.unwrap_or_else(|error| panic!("{order}: {error}"));
    String::from_utf8(variants.small.bytes).expect("a text")
}

async fn code(renderers: &Arc<Renderers>, order: &str) -> FailureCode {
    let error = ordered(renderers, order.as_bytes()).await.expect_err(order);
    error.code().unwrap_or_else(|| panic!("{order}: {error}"))
}

pub(crate) async fn eventually(what: &str, is_so: impl FnMut() -> bool) {
    within(Duration::from_secs(10), what, is_so).await;
}

async fn within(patience: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < patience, "{what} not within {patience:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn pid(renderers: &Arc<Renderers>) -> Pid {
    Pid::from_raw(told(renderers, "pid").await.parse().expect("a number")).expect("an id")
}

fn picture(format: ImageFormat) -> Vec<u8> {
    let pixels = image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]));
    let mut file = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut file, format).expect("a file");
    file.into_inner()
}

async fn every_format_comes_back_as_the_pipeline_renders_it() {
    let renderers = renderers().await;
    // It runs twice, because libraries do more work the first time.
    let mut files = vec![
        (Format::Jpeg, picture(Jpeg)),
        (Format::Png, picture(Png)),
        (Format::Gif, picture(Gif)),
        (Format::WebP, picture(WebP)),
        (Format::Bmp, picture(Bmp)),
        (Format::Tiff, picture(Tiff)),
    ];
    files.push((Format::Avif, include_bytes!("picture.avif").to_vec()));
    for (format, file) in files.iter().chain(&files) {
        let within = pipeline::RenderLimits::default();
        let here = pipeline::render(*format, file, &within, limits().heights).expect("variants");
        assert_eq!(rendered(ada(), &renderers, *format, file).await.expect("variants"), here, "{format:?}");
    }
}

async fn a_refusal_comes_back_with_its_code_and_its_sentence() {
    let renderers = renderers().await;
    let error = ordered(&renderers, b"refuse").await.expect_err("refused");
    let here = pipeline::RenderError::TooManyScans { limit: 7 };
    assert_eq!((error.code(), error.to_string()), (Some(here.code()), here.to_string()));
}

const DEATHS: [(&str, &str); 7] = [
    ("panic", "renderer_panicked"),
    ("abort", "renderer_crashed"),
    ("overflow", "renderer_crashed"),
    ("fault", "renderer_crashed"),
    ("bloat", "renderer_out_of_memory"),
    ("hang", "render_timeout"),
    ("spin", "render_timeout"),
];

async fn every_death_has_a_code_and_its_slot_works_again() {
    let renderers =
        Renderers::start(&Limits { slots: 1, ..limits() }, Restarts::default()).await.expect("renderers");
    for (order, expected) in DEATHS {
        let start = Instant::now();
        assert_eq!(code(&renderers, order).await, expected);
        assert!(
            start.elapsed() < 2 * limits().render + Duration::from_secs(2),
            "{order}: {:?}",
            start.elapsed()
        );
        assert_eq!(told(&renderers, "echo again").await, "echo again", "after {order}");
    }
}

async fn neighbours_go_on_while_a_renderer_is_hostile() {
    let renderers = renderers().await;
    for (order, expected) in DEATHS {
        let hostile = tokio::spawn({
            let renderers = Arc::clone(&renderers);
            async move { code(&renderers, order).await }
        });
        let mut neighbours = 0;
        let mut first = None;
        while !hostile.is_finished() || neighbours == 0 {
            let mut slot = renderers.slot(ada()).await.expect("a slot");
            // When the hostile one has ended, its slot is taken in turns with the neighbour's.
            let len = put(&mut slot, b"pid");
            let id =
                slot.render(&"a picture", Format::Png, len).await.expect("a neighbour").variants.small.bytes;
            assert!(
                hostile.is_finished() || *first.get_or_insert_with(|| id.clone()) == id,
                "beside {order}"
            );
            neighbours += 1;
        }
        assert_eq!(hostile.await.expect("it ends"), expected);
    }
}

async fn replies_that_break_the_protocol_end_as_a_crash() {
    let renderers =
        Renderers::start(&Limits { slots: 1, ..limits() }, Restarts::default()).await.expect("renderers");
    for order in ["garbage", "huge", "crowd"] {
        let start = Instant::now();
        assert_eq!(code(&renderers, order).await, "renderer_crashed", "{order}");
        assert!(
            start.elapsed() < limits().render,
            "{order} is seen at once, not after {:?}",
            start.elapsed()
        );
        assert_eq!(told(&renderers, "echo again").await, "echo again", "after {order}");
    }
}

async fn an_announced_reply_that_never_comes_ends_with_the_clock() {
    let renderers = renderers().await;
    assert_eq!(code(&renderers, "short").await, "render_timeout");
}

async fn an_original_that_took_too_long_once_is_rendered_in_a_fresh_renderer() {
    let renderers =
        Renderers::start(&Limits { slots: 1, ..limits() }, Restarts::default()).await.expect("renderers");
    let before = pid(&renderers).await;
    let mut slot = renderers.slot(ada()).await.expect("a slot");
    let len = put(&mut slot, b"hang");
    let input = slot.input().try_clone().expect("a descriptor");
    let rendered = tokio::spawn(async move { slot.render(&"a picture", Format::Png, len).await });
    // The first renderer has read its order by now, and only the second one reads the next.
    tokio::time::sleep(limits().render / 2).await;
    std::os::unix::fs::FileExt::write_all_at(&input, b"pid ", 0).expect("memory takes it");
    let after = rendered.await.expect("no panic").expect("an id").variants.small.bytes;
    assert_ne!(after, before.as_raw_nonzero().to_string().into_bytes());
}

async fn a_renderer_killed_between_two_jobs_costs_nobody_an_image() {
    let renderers =
        Renderers::start(&Limits { slots: 1, ..limits() }, Restarts::default()).await.expect("renderers");
    let before = pid(&renderers).await;
    kill_process(before, Signal::KILL).expect("SIGKILL");
    assert_ne!(pid(&renderers).await, before);
}

async fn what_asks_politely_for_memory_may_be_refused_and_goes_on() {
    let renderers =
        Renderers::start(&Limits { slots: 1, ..limits() }, Restarts::default()).await.expect("renderers");
    let before = pid(&renderers).await;
    assert_eq!(told(&renderers, "reserve").await, "refused");
    assert_eq!(pid(&renderers).await, before);
}

async fn a_renderer_opens_nothing_and_starts_nothing() {
    const EPERM: &str = "1";
    let renderers = renderers().await;
    for what in ["open", "create", "socket", "exec", "thread", "kill", "limits", "truncate"] {
        assert_eq!(told(&renderers, &format!("try {what} {}", std::process::id())).await, EPERM, "{what}");
    }
    const EBADF: &str = "9";
    assert_eq!(told(&renderers, "try write").await, EBADF, "the original is not for writing");
}

async fn a_renderer_inherits_no_environment_and_no_descriptor() {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    // As a library's descriptor may be that does not close on exec.
    let leak = OwnedFd::from(writer);
    rustix::io::fcntl_setfd(&leak, rustix::io::FdFlags::empty()).expect("its flags");
    let renderers = renderers().await;
    drop(leak);
    let mut left = Vec::new();
    std::io::Read::read_to_end(&mut reader, &mut left).expect("the end, since nobody holds the other end");
    assert_eq!(told(&renderers, "environment").await, "[]");
}

async fn cpu_time_is_granted_anew_for_each_job() {
    let limits = Limits { slots: 1, render: Duration::from_secs(30), ..limits() };
    let renderers = Renderers::start(&limits, Restarts::default()).await.expect("renderers");
    let pid = pid(&renderers).await;
    let granted = || {
        let limits =
            std::fs::read_to_string(format!("/proc/{}/limits", pid.as_raw_nonzero())).expect("limits");
        let line = limits.lines().find_map(|line| line.strip_prefix("Max cpu time")).expect("of CPU time");
        line.split_whitespace().next().expect("a value").parse::<u64>().expect("not unlimited")
    };
    let before = granted();
    told(&renderers, "burn").await;
    told(&renderers, "echo").await;
    assert!(granted() > before, "{} after {before}", granted());
}

async fn a_slot_given_up_at_work_is_free_at_once() {
    let limits = Limits { slots: 1, render: Duration::from_secs(3600), ..limits() };
    let renderers = Renderers::start(&limits, Restarts::default()).await.expect("renderers");
    let before = pid(&renderers).await;
    let short = tokio::time::timeout(Duration::from_millis(50), ordered(&renderers, b"spin")).await;
    assert!(short.is_err(), "it spins: {short:?}");
    assert_eq!(told(&renderers, "echo next").await, "echo next");
    eventually("the renderer has ended", || !worker::is_alive(before)).await;
}

async fn a_slot_given_up_half_filled_leaves_nothing_behind() {
    let renderers =
        Renderers::start(&Limits { slots: 1, ..limits() }, Restarts::default()).await.expect("renderers");
    let mut slot = renderers.slot(ada()).await.expect("a slot");
    let late_writer = slot.input().try_clone().expect("another thread's");
    put(&mut slot, b"echo of somebody else's image");
    drop(slot);
    let mut slot = renderers.slot(ada()).await.expect("a slot");
    assert_eq!(slot.input().metadata().expect("its length").len(), 0);
    let len = put(&mut slot, b"echo mine");
    (&late_writer).write_all(b"and more of it").expect("its own memory takes it");
    assert_eq!(
        slot.render(&"a picture", Format::Png, len).await.expect("variants").variants.small.bytes,
        b"echo mine"
    );
}

async fn an_original_leaves_nothing_behind_for_the_next() {
    let renderers =
        Renderers::start(&Limits { slots: 1, ..limits() }, Restarts::default()).await.expect("renderers");
    told(&renderers, &format!("echo {}", "somebody else's ".repeat(10_000))).await;
    assert_eq!(told(&renderers, "all that is mine").await, "all that is mine");
    // Past what is kept between jobs, and past what is mapped at first.
    for len in [9_000_000, 70_000_000] {
        let mut original = b"sum ".to_vec();
        original.resize(len, 1);
        let sum = ordered(&renderers, &original).await.expect("a sum").small.bytes;
        assert_eq!(sum, (len - 4 + "sum ".bytes().map(usize::from).sum::<usize>()).to_string().as_bytes());
        assert_eq!(told(&renderers, "echo again").await, "echo again");
    }
}

async fn the_renderers_end_with_the_worker() {
    let renderers = renderers().await;
    let (first, second) = (renderers.slot(ada()).await.expect("a slot"), pid(&renderers).await);
    drop(first);
    drop(renderers);
    eventually("the renderer has ended", || !worker::is_alive(second)).await;
}

async fn no_renderer_outlives_a_worker_that_was_killed() {
    let (mut killed, children) = worker::start(worker::SPIN);
    assert_eq!(children.len(), 3, "one spins, one waits, and one is the zygote");
    assert!(children.iter().all(|&child| worker::is_alive(child)));
    killed.kill().expect("SIGKILL");
    killed.wait().expect("its end");
    eventually("all have ended", || !children.iter().any(|&child| worker::is_alive(child))).await;
}

async fn a_renderer_that_blocks_signals_ends_though_its_worker_is_stopped() {
    let (mut stopped, children) = worker::start(worker::DEFY);
    // The first one is the zygote.
    let at_work = || children[1..].iter().copied().find(|&child| worker::is_at_work(child));
    eventually("one is at work", || at_work().is_some()).await;
    let pid = Pid::from_raw(stopped.id().cast_signed()).expect("an id");
    kill_process(pid, Signal::STOP).expect("SIGSTOP");
    let renderer = at_work().expect("it is at work");
    assert!(worker::is_alive(renderer), "the worker had no time to kill it");
    // Twice the time limit and the reserve of two seconds, on a machine that does other things too.
    within(Duration::from_secs(60), "the renderer has ended", || !worker::is_alive(renderer)).await;
    stopped.kill().expect("SIGKILL");
    stopped.wait().expect("its end");
}

async fn a_worker_starts_though_its_first_process_is_killed_meanwhile() {
    assert_eq!(worker::said(worker::KILLED_AT_START), "echo Ada's, echo Bob's");
}

async fn a_renderer_is_replaced_before_its_cpu_time_is_used_up() {
    let renderers =
        Renderers::start(&Limits { slots: 1, ..limits() }, Restarts::default()).await.expect("renderers");
    let before = pid(&renderers).await;
    // It gets 3 + 2 seconds for a job, and twice that altogether.
    for _ in 0..5 {
        assert_eq!(told(&renderers, "burn").await, "burnt");
    }
    assert_ne!(pid(&renderers).await, before);
}

async fn without_the_filter_of_system_calls_no_renderer_starts_unless_that_is_accepted() {
    let said = worker::said(worker::WITHOUT_SECCOMP);
    assert!(said.contains("seccomp") && said.contains("RESIZINATOR_UNCONFINED=accept"), "{said}");
    assert_eq!(worker::said(worker::WITHOUT_SECCOMP_ACCEPTED), "echo Ada's, echo Bob's");
}

async fn a_worker_whose_memory_is_private_renders_as_an_ordinary_user() {
    assert_eq!(worker::said(worker::PRIVATE), "echo Ada's, echo Bob's");
}

/// Input of 4 MB, read once by a trivial function, here and in a renderer, in turns; and how long a renderer
/// takes to start.
async fn overhead() {
    const ROUNDS: usize = 500;
    let renderers = renderers().await;
    let mut original = b"sum ".to_vec();
    original.resize(4_000_000, 7);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let copy = std::hint::black_box(original.clone());
        crate::hostile::render(
            Format::Png,
            &copy,
            &pipeline::RenderLimits::default(),
            limits().heights.into(),
        )
        .expect("a sum");
        drop(copy);
        times[0].push(start.elapsed());
        let start = Instant::now();
        ordered(&renderers, &original).await.expect("a sum");
        times[1].push(start.elapsed());
    }
    let [here, there] = times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2]
    });
    let mut starts: Vec<_> = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        Renderers::start(&Limits { slots: 1, ..limits() }, Restarts::default()).await.expect("a renderer");
        starts.push(start.elapsed());
    }
    starts.sort();
    println!("a renderer starts in {:?}", starts[starts.len() / 2]);
    println!("in process {here:?}, in a renderer {there:?}: {:?} more", there.saturating_sub(here));
}
