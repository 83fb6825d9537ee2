//! The server of one receiver.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::message::{Request, Secret};
use super::record::Record;

/// What becomes of the requests that come now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// They are answered 200.
    Well,
    /// They are answered 500.
    Fails,
    /// They are not answered, and the connection stays open.
    Hangs,
    /// The message is taken, and the connection dies before the answer.
    TakesAndDies,
    /// There is no listener, and all connections have died.
    Away,
}

/// Longer than any sender waits.
const HANGING: Duration = Duration::from_secs(30);
/// How far off the clock of a sender may be for most receivers.
const TOLERANCE: u64 = 300;

/// Serves for ever. When the receiver dies, it comes back at the same address.
pub(crate) async fn serve(
    listener: TcpListener,
    secret: Arc<Secret>,
    record: Arc<Record>,
    mut mood: watch::Receiver<Mood>,
) {
    let address = listener.local_addr().expect("an address");
    let mut listener = Some(listener);
    loop {
        let listening = match listener.take() {
            Some(listening) => listening,
            None => bind(address).await,
        };
        let mut connections = JoinSet::new();
        let mut dies = mood.clone();
        loop {
            tokio::select! {
                accepted = listening.accept() => {
                    let Ok((connection, _)) = accepted else { continue };
                    let (secret, record, mood) = (Arc::clone(&secret), Arc::clone(&record), mood.clone());
                    connections.spawn(async move { answer(connection, &secret, &record, &mood).await });
                }
                Some(_) = connections.join_next() => {}
                away = dies.wait_for(|mood| *mood == Mood::Away) => {
                    if away.is_err() {
                        return;
                    }
                    break;
                }
            }
        }
        record.lock().deaths += 1;
        drop((listening, connections));
        if mood.wait_for(|mood| *mood != Mood::Away).await.is_err() {
            return;
        }
    }
}

/// Another process may have the port for a moment.
async fn bind(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn answer(
    mut connection: TcpStream,
    secret: &Secret,
    record: &Record,
    mood: &watch::Receiver<Mood>,
) -> Option<()> {
    let message = match Request::read(&mut connection).await {
        Ok(request) => request?.message(secret),
        Err(error) => Err(error),
    };
    let message = match message {
        Ok(message) => message,
        Err(error) => {
            record.lock().strange.push(format!("{error:#}"));
            return write(&mut connection, "400 Bad Request").await;
        }
    };
    {
        let mut story = record.lock();
        let off = Utc::now().timestamp().abs_diff(message.timestamp);
        if off > TOLERANCE {
            story.strange.push(format!("a message was sent at a time that is {off} s off"));
        }
        story.taken.push(message.event.clone());
    }
    let now = *mood.borrow();
    match now {
        Mood::Well => {
            write(&mut connection, "200 OK").await?;
            // There is no way out between the answer and this.
            record.lock().answered.push(message.event);
        }
        Mood::Fails => write(&mut connection, "500 Internal Server Error").await?,
        Mood::Hangs => sleep(HANGING).await,
        Mood::TakesAndDies | Mood::Away => {}
    }
    Some(())
}

async fn write(connection: &mut TcpStream, status: &str) -> Option<()> {
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    connection.write_all(answer.as_bytes()).await.ok()
}
