//! A worker process that the tests start from this executable, in order to kill it or to take something from it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio, id};
use std::time::Duration;

use crate::stories::{ada, bob, limits, told_by};
use resizinator_formats::Format;
use resizinator_shared::settings::Limits;
use resizinator_worker::renderer::{Renderers, Restarts, keep_memory_private};
use rustix::process::{Pid, Signal, kill_process};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

const ARGUMENT: &str = "__worker";
/// The user and the group that nobody has.
pub(crate) const NOBODY: u32 = 65_534;

/// What the worker does, by its second argument.
pub(crate) const SPIN: &str = "spin";
pub(crate) const DEFY: &str = "defy";
pub(crate) const WITHOUT_SECCOMP: &str = "without-seccomp";
pub(crate) const WITHOUT_SECCOMP_ACCEPTED: &str = "without-seccomp-accepted";
pub(crate) const PRIVATE: &str = "private";
pub(crate) const WITHOUT_ZYGOTE: &str = "without-zygote";
pub(crate) const KILLED_AT_START: &str = "killed-at-start";

/// The time limit of the job that a worker renders forever.
pub(crate) const SHORT: Duration = Duration::from_secs(1);

/// If this process was started as a worker, it does what its second argument says, and does not return.
pub(crate) fn work_if_asked() {
    let arguments: Vec<String> = std::env::args().skip(1).take(2).collect();
    let [argument, task] = arguments.as_slice() else { return };
    if argument != ARGUMENT {
        return;
    }
    match task.as_str() {
        WITHOUT_SECCOMP | WITHOUT_SECCOMP_ACCEPTED => refuse_filters(),
        PRIVATE => keep_memory_private(),
        KILLED_AT_START => drop(std::thread::spawn(kill_first_child)),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        match task.as_str() {
            SPIN => work_forever(SPIN, limits()).await,
            DEFY => work_forever(DEFY, Limits { render: SHORT, ..limits() }).await,
            _ => println!("{}", outcome(task).await),
        }
    });
    std::process::exit(0);
}

/// Renders in one slot, leaves another one idle, and prints the ids of the zygote and of the renderers.
async fn work_forever(order: &str, limits: Limits) {
    let renderers = Renderers::start(&limits, Restarts::default()).await.expect("renderers");
    for child in children(id()) {
        println!("{child}");
    }
    println!();
    std::io::stdout().flush().expect("standard output");
    let mut slot = renderers.slot(ada()).await.expect("a slot");
    slot.input().write_all(order.as_bytes()).expect("memory takes it");
    let ended = slot.render(&"a picture", Format::Png, order.len() as u64).await;
    panic!("{ended:?}");
}

/// Renders for two users, and returns what came of it.
async fn outcome(task: &str) -> String {
    let accept_unconfined = task == WITHOUT_SECCOMP_ACCEPTED;
    let renderers = match Renderers::start(
        &Limits { slots: 1, accept_unconfined, ..limits() },
        Restarts::default(),
    )
    .await
    {
        Ok(renderers) => renderers,
        Err(error) => return error.to_string(),
    };
    let first = told_by(ada(), &renderers, "echo Ada's").await;
    if task == WITHOUT_ZYGOTE {
        let unfiltered = |child: &u32| {
            let status = std::fs::read_to_string(format!("/proc/{child}/status")).expect("its status");
            status.lines().any(|line| line == "Seccomp:\t0")
        };
        let zygote = children(id()).into_iter().find(unfiltered).expect("a zygote");
        kill_process(Pid::from_raw(zygote.cast_signed()).expect("an id"), Signal::KILL).expect("SIGKILL");
    }
    first + ", " + &told_by(bob(), &renderers, "echo Bob's").await
}

/// Waits until this process has started its first child, and kills that child.
fn kill_first_child() {
    let child = std::iter::repeat_with(|| children(id())).flatten().next().expect("a child");
    kill_process(Pid::from_raw(child.cast_signed()).expect("an id"), Signal::KILL).expect("SIGKILL");
}

/// Has the system refuse any further filter of system calls, as an old container runtime may do.
fn refuse_filters() {
    let filter = SeccompFilter::new(
        [(libc::SYS_seccomp, Vec::new())].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EINVAL.cast_unsigned()),
        std::env::consts::ARCH.try_into().expect("a known machine"),
    );
    let program = BpfProgram::try_from(filter.expect("a filter")).expect("a program");
    seccompiler::apply_filter(&program).expect("it is applied");
}

fn command(task: &str) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.args([ARGUMENT, task]).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// Starts a worker that renders `order` forever, and waits until its children run: the zygote and two renderers.
pub(crate) fn start(order: &str) -> (Child, Vec<Pid>) {
    let mut worker = command(order).spawn().expect("a worker");
    let lines = BufReader::new(worker.stdout.take().expect("its output")).lines();
    let children = lines.map(|line| line.expect("a line")).take_while(|line| !line.is_empty());
    let children = children.map(|line| line.parse().ok().and_then(Pid::from_raw).expect("an id")).collect();
    (worker, children)
}

/// Runs a worker until it ends, and returns what it says.
pub(crate) fn said(task: &str) -> String {
    let mut command = command(task);
    if task == PRIVATE && rustix::process::getuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().expect("a worker");
    assert!(output.status.success(), "{:?}", output.status);
    String::from_utf8(output.stdout).expect("a text").trim_end().to_owned()
}

/// All processes whose parent is `parent`.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
    let ids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    ids.filter(|&id| stat(id).is_some_and(|fields| fields[1] == parent.to_string())).collect()
}

/// Whether the process still runs. A zombie does not.
pub(crate) fn is_alive(process: Pid) -> bool {
    stat_of(process).is_some_and(|fields| fields[0] != "Z")
}

/// Whether the process has used CPU time for longer than a start takes.
pub(crate) fn is_at_work(process: Pid) -> bool {
    stat_of(process).is_some_and(|fields| fields[11].parse::<u64>().is_ok_and(|ticks| ticks >= 10))
}

fn stat_of(process: Pid) -> Option<Vec<String>> {
    stat(process.as_raw_nonzero().get().cast_unsigned())
}

/// The fields after the name in `/proc/<id>/stat`: the state, the parent and so on.
fn stat(process: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.split(' ').map(str::to_owned).collect())
}
