//! What leaves over SMTP, seen by a mail server (RFC 5321) that listens on this machine.

use broker::ports::{Mail, Mailer as _};
use server::{
    config::{SmtpServer, SmtpTls},
    mail::SmtpMailer,
};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What one connection brought.
#[derive(Debug, Default)]
struct Session {
    commands: Vec<String>,
    message: String,
}

/// Takes one connection. `refuse` is the answer to the recipient, when it is to be refused.
async fn serve(refuse: Option<&'static str>) -> (SocketAddr, JoinHandle<Session>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        talk(stream, refuse).await
    });
    (address, task)
}

async fn talk(stream: TcpStream, refuse: Option<&str>) -> Session {
    let mut stream = BufReader::new(stream);
    let mut session = Session::default();
    stream
        .write_all(b"220 mail.example ESMTP\r\n")
        .await
        .unwrap();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return session;
        }
        let command = line.trim_end().to_owned();
        let verb = command.split([' ', ':']).next().unwrap().to_uppercase();
        session.commands.push(command);
        let answer = match verb.as_str() {
            "EHLO" => "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
            "AUTH" => "235 2.7.0 welcome\r\n",
            "RCPT" => refuse.unwrap_or("250 ok\r\n"),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.unwrap();
                session.message = message(&mut stream).await;
                "250 queued\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

/// Everything up to the line with a single dot.
async fn message(stream: &mut BufReader<TcpStream>) -> String {
    let mut whole = String::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        if line == ".\r\n" {
            return whole;
        }
        whole.push_str(&line);
    }
}

fn mailer(address: SocketAddr, tls: SmtpTls) -> SmtpMailer {
    let server = SmtpServer {
        host: address.ip().to_string(),
        port: address.port(),
        tls,
        credentials: Some(("tokenry".to_owned(), "mail canary".into())),
        from: "Tokenry <tokenry@contoso.example>".parse().unwrap(),
    };
    SmtpMailer::new(&server, &"https://tokenry.example".parse().unwrap()).unwrap()
}

fn mail(to: &str, subject: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        id: "0199".to_owned(),
        at: chrono::DateTime::UNIX_EPOCH,
        subject: subject.to_owned(),
        text: "Connectors that depend on it:\n.\n- Sprint report\n".to_owned(),
        html: "<p>Sprint report</p>".to_owned(),
    }
}

/// The header lines, unfolded.
fn headers(message: &str) -> Vec<String> {
    let head = message.split("\r\n\r\n").next().unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_mail_server_gets_the_message_as_text_and_html() {
    let (address, task) = serve(None).await;
    let mailer = mailer(address, SmtpTls::None);
    let sent = mailer
        .send(&mail("ops@contoso.example", "[Tokenry] Boards"))
        .await;
    sent.unwrap();
    drop(mailer);
    let session = task.await.unwrap();
    let said = |prefix: &str| session.commands.iter().any(|line| line.starts_with(prefix));
    assert!(said("EHLO tokenry.example"), "{:?}", session.commands);
    assert!(said("AUTH PLAIN"), "{:?}", session.commands);
    assert!(said("MAIL FROM:<tokenry@contoso.example>"));
    assert!(said("RCPT TO:<ops@contoso.example>"));
    let headers = headers(&session.message);
    for line in [
        "From: Tokenry <tokenry@contoso.example>",
        "To: ops@contoso.example",
        "Subject: [Tokenry] Boards",
        "Message-ID: <0199@tokenry.example>",
        "Date: Thu, 01 Jan 1970 00:00:00 +0000",
    ] {
        assert!(
            headers.iter().any(|found| found == line),
            "{line} in {headers:?}"
        );
    }
    assert!(
        headers
            .iter()
            .any(|line| line.contains("multipart/alternative"))
    );
    // A line with a single dot does not end the message (RFC 5321 §4.5.2).
    assert!(
        session.message.contains("Sprint report</p>"),
        "{}",
        session.message
    );
}

#[tokio::test]
async fn neither_subject_nor_address_brings_a_header() {
    let (address, task) = serve(None).await;
    let mailer = mailer(address, SmtpTls::None);
    let evil = "Boards\r\nBcc: everybody@contoso.example\r\n\r\nBuy";
    let sent = mailer.send(&mail("ops@contoso.example", evil)).await;
    // Refused or encoded, but no second header either way.
    if sent.is_ok() {
        drop(mailer);
        let session = task.await.unwrap();
        let recipients = session
            .commands
            .iter()
            .filter(|line| line.starts_with("RCPT"));
        assert_eq!(recipients.count(), 1);
        let headers = headers(&session.message);
        assert!(
            !headers
                .iter()
                .any(|line| line.to_lowercase().starts_with("bcc"))
        );
    }
    let (address, _task) = serve(None).await;
    let mailer = self::mailer(address, SmtpTls::None);
    for to in [
        "ops@contoso.example\r\nBcc: x@y.z",
        "ops@contoso.example>, <x@y.z",
        "ops",
    ] {
        assert!(mailer.check(to).is_err(), "{to:?}");
        assert!(mailer.send(&mail(to, "Hello")).await.unwrap_err().permanent);
    }
}

#[tokio::test]
async fn a_refusal_for_good_is_told_from_one_for_now() {
    for (answer, permanent) in [
        ("550 5.1.1 no such mailbox\r\n", true),
        ("451 4.7.1 greylisted\r\n", false),
    ] {
        let (address, _task) = serve(Some(answer)).await;
        let sent = mailer(address, SmtpTls::None)
            .send(&mail("ops@contoso.example", "Hi"))
            .await;
        let error = sent.unwrap_err();
        assert_eq!(error.permanent, permanent, "{error}");
        let words = answer.split_once(' ').unwrap().1.trim_end();
        assert!(
            error.message.contains(words.split_once(' ').unwrap().1),
            "{error}"
        );
    }
}

/// Nobody in between can talk it out of TLS: a password goes over no other connection.
#[tokio::test]
async fn without_starttls_nothing_is_said() {
    let (address, task) = serve(None).await;
    let mailer = mailer(address, SmtpTls::Starttls);
    let sent = mailer.send(&mail("ops@contoso.example", "Hi")).await;
    assert!(!sent.unwrap_err().permanent);
    drop(mailer);
    let session = task.await.unwrap();
    assert!(
        !session
            .commands
            .iter()
            .any(|line| line.starts_with("AUTH") || line.starts_with("MAIL"))
    );
}

#[tokio::test]
async fn nobody_listening_is_a_failure_for_now() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let sent = mailer(address, SmtpTls::None)
        .send(&mail("ops@contoso.example", "Hi"))
        .await;
    let error = sent.unwrap_err();
    assert!(!error.permanent);
    assert!(!error.message.contains("mail canary"), "{error}");
}
