//! A proxy whose connections can go deaf, as those that a NAT or a firewall has forgotten.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

/// A proxy that forwards bytes to a server.
#[derive(Debug)]
pub struct DeafProxy {
    /// The address at which it listens.
    pub address: SocketAddr,
    /// How often all connections so far have gone deaf.
    generation: watch::Sender<u64>,
    accepted: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl DeafProxy {
    /// Starts a proxy to the server of a URL.
    pub async fn to(url: &str) -> Self {
        let url = Url::parse(url).expect("a URL");
        let port = url.port_or_known_default().or(match url.scheme() {
            "amqp" => Some(5672),
            _ => Some(5432),
        });
        let target = format!("{}:{}", url.host_str().expect("a host"), port.expect("a port"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
        let address = listener.local_addr().expect("has an address");
        let (generation, watched) = watch::channel(0);
        let accepted = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&accepted);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(pass(client, target.clone(), watched.clone()));
            }
        });
        Self { address, generation, accepted, accepting }
    }

    /// The URL with the proxy's address in place of the server's.
    pub fn url(&self, url: &str) -> String {
        let mut url = Url::parse(url).expect("a URL");
        url.set_ip_host(self.address.ip()).expect("has a host");
        url.set_port(Some(self.address.port())).expect("has a port");
        url.into()
    }

    /// Lets no more bytes through the connections that exist now. Both their ends stay open. New connections work.
    pub fn go_deaf(&self) {
        self.generation.send_modify(|generation| *generation += 1);
    }

    /// How many connections there were so far.
    pub fn connections(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for DeafProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(mut client: TcpStream, target: String, mut generation: watch::Receiver<u64>) {
    generation.mark_unchanged();
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    let passing = copy_bidirectional(&mut client, &mut server);
    tokio::select! {
        _ = passing => {}
        // The sockets stay open, and nobody reads or writes.
        Ok(()) = generation.changed() => std::future::pending().await,
    }
}
