use std::sync::Arc;

use resizinator_api::Api;
use resizinator_metrics::{BackendsPart, Part};
use resizinator_shared::backends::{Backends, Role};
use resizinator_shared::settings::Settings;
use resizinator_shared::shutdown;
use resizinator_worker::{Status, WorkerPart};
use tokio::sync::watch;

/// Runs the api and the worker in this process. If one of them ends, the other is stopped too.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    let backends = Backends::choose(&settings, Role::Standalone)?;
    let (limits, metrics_listen) = (settings.limits.clone(), settings.metrics_listen.clone());
    let api = Api::bind(settings, backends.clone())?;
    let status = Status::default();
    if let Some(listen) = &metrics_listen {
        let worker = WorkerPart::new(status.clone(), backends.clone());
        let parts: Vec<Arc<dyn Part>> =
            vec![Arc::new(BackendsPart::new(backends.clone())), api.part(), Arc::new(worker)];
        resizinator_metrics::serve(listen, Role::Standalone.name(), parts)?;
    }
    greet(&api.address.to_string());
    let (stop, stopped) = watch::channel(false);
    let wait = |mut stopped: watch::Receiver<bool>| async move {
        // An error means that the sender was dropped, which is a stop too.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let signal = async {
        shutdown::requested().await;
        stop.send_replace(true);
    };
    let mut worker = tokio::spawn(resizinator_worker::run(limits, backends, status, wait(stopped.clone())));
    let mut api = tokio::spawn(api.run(wait(stopped)));
    tokio::select! {
        () = signal => {}
        ended = &mut worker => {
            stop.send_replace(true);
            api.await??;
            ended??;
            anyhow::bail!("the worker has ended by itself");
        }
        ended = &mut api => {
            stop.send_replace(true);
            worker.await??;
            ended??;
            anyhow::bail!("the api has ended by itself");
        }
    }
    api.await??;
    worker.await??;
    log::info!("everything has ended");
    Ok(())
}

fn greet(address: &str) {
    println!(
        "Resizinator listens on http://{address}\n\n\
         Try it: `make demo` in another shell, or by hand:\n  \
         curl -d username=me -d password=correct-horse http://{address}/user/register/\n  \
         curl -d username=me -d password=correct-horse http://{address}/user/login/\n  \
         curl -H 'Authorization: Token <token>' -F original=@photo.jpg http://{address}/image/\n  \
         curl -H 'Authorization: Token <token>' http://{address}/image/1/\n\n\
         Ctrl-C ends it.\n"
    );
}
