//! The metrics of the process itself, under the names that Prometheus' client libraries have agreed on.
//! <https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use procfs::process::{LimitValue, Process};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::part::Part;

type Number = Gauge<f64, AtomicU64>;

/// The metrics of this process.
pub(crate) struct ProcessPart {
    registry: Registry,
    cpu: Counter<f64, AtomicU64>,
    memory: Number,
    open: Number,
    most_open: Number,
}

impl ProcessPart {
    /// Makes the metrics of this process, which runs `program`.
    pub(crate) fn new(program: &'static str) -> Self {
        let mut registry = Registry::default();
        let labels = [("program", program), ("version", env!("CARGO_PKG_VERSION"))];
        registry.register("resizinator_build", "The program and its version", Info::new(labels));
        let (cpu, memory) = (Counter::default(), Number::default());
        let (open, most_open, started) = (Number::default(), Number::default(), Number::default());
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        started.set(since_1970.as_secs_f64());
        let process = registry.sub_registry_with_prefix("process");
        process.register_with_unit("cpu", "The CPU time of the process", Unit::Seconds, cpu.clone());
        process.register_with_unit(
            "resident_memory",
            "The memory of the process",
            Unit::Bytes,
            memory.clone(),
        );
        process.register("open_fds", "Open file descriptors", open.clone());
        process.register("max_fds", "How many file descriptors there may be", most_open.clone());
        process.register_with_unit(
            "start_time",
            "When the process started, since 1970",
            Unit::Seconds,
            started,
        );
        Self { registry, cpu, memory, open, most_open }
    }

    fn read(&self) -> procfs::ProcResult<()> {
        let process = Process::myself()?;
        let stat = process.stat()?;
        // Those of children count once they have ended and were waited for.
        let ticks = stat.utime + stat.stime + u64::try_from(stat.cutime + stat.cstime).unwrap_or(0);
        let cpu = ticks as f64 / procfs::ticks_per_second() as f64;
        self.cpu.inner().store(cpu.to_bits(), Ordering::Relaxed);
        self.memory.set((stat.rss * procfs::page_size()) as f64);
        self.open.set(process.fd_count()? as f64);
        if let LimitValue::Value(most) = process.limits()?.max_open_files.soft_limit {
            self.most_open.set(most as f64);
        }
        Ok(())
    }
}

#[async_trait]
impl Part for ProcessPart {
    fn registry(&self) -> &Registry {
        &self.registry
    }

    async fn refresh(&self) {
        if let Err(error) = self.read() {
            log::warn!("the metrics of the process: {error}");
        }
    }
}
