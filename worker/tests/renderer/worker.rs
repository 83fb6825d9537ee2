//! A worker process that the tests start from this executable in order to kill it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio, id};

use crate::stories::{limits, put};
use resizinator_formats::Format;
use resizinator_worker::renderer::Renderers;
use rustix::process::Pid;

const ARGUMENT: &str = "__worker";

/// If this process was started as a worker, it renders forever in one slot, leaves another one idle, and prints the ids
/// of its renderers.
pub(crate) fn work_if_asked() {
    if std::env::args().nth(1).as_deref() != Some(ARGUMENT) {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let renderers = Renderers::start(&limits()).await.expect("renderers");
        for child in children(id()) {
            println!("{child}");
        }
        println!();
        std::io::stdout().flush().expect("standard output");
        let mut slot = renderers.slot().await.expect("a slot");
        let len = put(&mut slot, b"spin");
        let ended = slot.render(Format::Png, len).await;
        panic!("{ended:?}");
    });
}

/// Starts the worker, and waits until its renderers run.
pub(crate) fn start() -> (Child, Vec<Pid>) {
    let mut worker = Command::new("/proc/self/exe")
        .arg(ARGUMENT)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a worker");
    let lines = BufReader::new(worker.stdout.take().expect("its output")).lines();
    let renderers = lines.map(|line| line.expect("a line")).take_while(|line| !line.is_empty());
    let renderers = renderers.map(|line| line.parse().ok().and_then(Pid::from_raw).expect("an id")).collect();
    (worker, renderers)
}

/// All processes whose parent is `parent`.
fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
    let ids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    ids.filter(|&id| stat(id).is_some_and(|fields| fields[1] == parent.to_string())).collect()
}

/// Whether the process still runs. A zombie does not.
pub(crate) fn is_alive(process: Pid) -> bool {
    stat(process.as_raw_nonzero().get().cast_unsigned()).is_some_and(|fields| fields[0] != "Z")
}

/// The fields after the name in `/proc/<id>/stat`: the state, the parent and so on.
fn stat(process: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.split(' ').map(str::to_owned).collect())
}
