//! Over a real connection: answers, latency, and connections cut in place of an answer.

use std::time::Duration;

use sandbox::{Behaviour, Outcome, Times, serve};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::Instant,
};

use crate::harness::{Provider, oauth2_redeem};

/// What comes back on a connection of its own, up to its end.
async fn exchange(address: std::net::SocketAddr, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "POST /oidc/token HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_cut_connection_gets_no_byte_and_the_next_one_an_answer() {
    let provider = Provider::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(serve(listener, provider.sandbox.clone(), async {
        let _ = stopped.await;
    }));

    let body = |code: &str| serde_urlencoded::to_string(oauth2_redeem(code)).unwrap();
    let behaviour = Behaviour {
        drop_after_send: Times::Next(1),
        latency_ms: 100,
        ..Behaviour::default()
    };
    provider.sandbox.set_behaviour(behaviour);
    let cut = exchange(address, &body(&provider.oauth2_code("vso.work"))).await;
    assert_eq!(cut.unwrap_or_default(), "");
    assert_eq!(provider.sandbox.ledger().entries[0].result, Outcome::Issued);

    let start = Instant::now();
    let answer = exchange(address, &body(&provider.oauth2_code("vso.work")))
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(start.elapsed() >= Duration::from_millis(100));

    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
}
