//! Each disturbance, by bytes and order. Times are lower limits: whatever is held back is not early.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::{FaultProxy, Trouble};
use crate::domain::suite::quantity::Bytes;

/// Nothing here takes so long, however busy the machine is.
const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(120);

/// A server that sends everything back, and tells how much of each connection it got when that ends.
struct Echo {
    proxy: FaultProxy,
    ends: mpsc::UnboundedReceiver<Vec<u8>>,
}

impl Echo {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (say, ends) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let say = say.clone();
                tokio::spawn(async move {
                    let (mut all, mut room) = (Vec::new(), [0; 1024]);
                    while let Ok(read @ 1..) = stream.read(&mut room).await {
                        all.extend_from_slice(&room[..read]);
                        if stream.write_all(&room[..read]).await.is_err() {
                            break;
                        }
                    }
                    drop(say.send(all));
                });
            }
        });
        Self { proxy: FaultProxy::start("127.0.0.1", port).unwrap(), ends }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.proxy.address()).await.unwrap()
    }

    /// What the server got on the connection that ends next.
    async fn got(&mut self) -> Vec<u8> {
        timeout(LONG, self.ends.recv()).await.unwrap().unwrap()
    }
}

/// Sends it and waits until it is back.
async fn round(stream: &mut TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).await.unwrap();
    let mut back = vec![0; bytes.len()];
    timeout(LONG, stream.read_exact(&mut back)).await.unwrap().unwrap();
    assert!(back == bytes, "other bytes came back");
}

/// Whether the other side has ended it.
async fn is_over(stream: &mut TcpStream) -> bool {
    let mut room = Vec::new();
    timeout(LONG, stream.read_to_end(&mut room)).await.is_ok()
}

fn pattern(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

#[tokio::test]
async fn what_is_not_disturbed_passes_unchanged_and_in_order() {
    let echo = Echo::new().await;
    let stream = echo.connect().await;
    let (mut from, mut to) = stream.into_split();
    let sent = pattern(3 << 20);
    let expected = sent.clone();
    let sending = tokio::spawn(async move {
        to.write_all(&sent).await.unwrap();
        to
    });
    let mut back = vec![0; expected.len()];
    timeout(LONG, from.read_exact(&mut back)).await.unwrap().unwrap();
    assert!(back == expected);
    drop(sending.await);
}

#[tokio::test]
async fn a_drop_closes_every_connection_and_the_next_one_is_whole() {
    let echo = Echo::new().await;
    let (mut one, mut two) = (echo.connect().await, echo.connect().await);
    round(&mut one, b"one").await;
    round(&mut two, b"two").await;
    let dropped = echo.proxy.begin(Trouble::Drop);
    assert!(is_over(&mut one).await && is_over(&mut two).await);
    assert_eq!((dropped.done().connections, dropped.done().is_idle), (2, false));
    round(&mut echo.connect().await, b"again").await;
}

#[tokio::test]
async fn a_drop_that_finds_no_connection_waits_for_one() {
    let mut echo = Echo::new().await;
    let dropped = echo.proxy.begin(Trouble::Drop);
    assert!(dropped.done().is_idle);
    let mut first = echo.connect().await;
    first.write_all(b"hello").await.unwrap();
    assert!(is_over(&mut first).await);
    assert_eq!(echo.got().await, b"");
    assert_eq!((dropped.done().connections, dropped.done().is_idle), (1, false));
    round(&mut echo.connect().await, b"again").await;
}

#[tokio::test]
async fn a_stall_holds_every_byte_until_it_is_over() {
    let echo = Echo::new().await;
    let mut stream = echo.connect().await;
    round(&mut stream, b"before").await;
    let begun = Instant::now();
    let stall = echo.proxy.begin(Trouble::Stall { lasting: SHORT });
    assert!(stall.done().is_idle);
    round(&mut stream, &pattern(1000)).await;
    assert!(begun.elapsed() >= SHORT);
    let done = stall.done();
    assert_eq!((done.bytes, done.lasted, done.connections, done.is_idle), (1000, SHORT, 0, false));
}

#[tokio::test]
async fn what_is_calmed_goes_on_at_once() {
    let echo = Echo::new().await;
    let mut stream = echo.connect().await;
    let stall = echo.proxy.begin(Trouble::Stall { lasting: LONG * 100 });
    stream.write_all(b"held").await.unwrap();
    while stall.done().is_idle {
        tokio::task::yield_now().await;
    }
    echo.proxy.calm();
    let mut back = [0; 4];
    timeout(LONG, stream.read_exact(&mut back)).await.unwrap().unwrap();
    assert!(stall.done().lasted < LONG);
}

#[tokio::test]
async fn a_delay_holds_each_direction_and_nothing_overtakes() {
    let echo = Echo::new().await;
    let mut stream = echo.connect().await;
    round(&mut stream, b"before").await;
    let begun = Instant::now();
    let delay = echo.proxy.begin(Trouble::Delay { lasting: LONG, by: SHORT });
    round(&mut stream, &pattern(500)).await;
    assert!(begun.elapsed() >= SHORT * 2, "there and back");
    assert_eq!(delay.done().bytes, 1000);
    // Later bytes wait for earlier ones, also when the delay is over.
    stream.write_all(b"late").await.unwrap();
    while delay.done().bytes < 1004 {
        tokio::task::yield_now().await;
    }
    echo.proxy.calm();
    round_rest(&mut stream, b"late", b"soon").await;
}

/// What was sent before comes back before what is sent now.
async fn round_rest(stream: &mut TcpStream, before: &[u8], now: &[u8]) {
    stream.write_all(now).await.unwrap();
    let mut back = vec![0; before.len() + now.len()];
    timeout(LONG, stream.read_exact(&mut back)).await.unwrap().unwrap();
    assert_eq!(back, [before, now].concat());
}

#[tokio::test]
async fn a_throttle_lets_so_much_through_in_a_second() {
    let echo = Echo::new().await;
    let mut stream = echo.connect().await;
    round(&mut stream, b"before").await;
    let (begun, rate) = (Instant::now(), "40KiB".parse::<Bytes>().unwrap());
    let throttle = echo.proxy.begin(Trouble::Throttle { lasting: LONG, rate });
    // There and back are twice as many bytes, and the last portion need not be waited for.
    round(&mut stream, &pattern(8 << 10)).await;
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
    assert_eq!(throttle.done().bytes, 16 << 10);
    echo.proxy.calm();
    round(&mut stream, &pattern(1 << 20)).await;
    assert_eq!(throttle.done().bytes, 16 << 10);
}

#[tokio::test]
async fn a_cut_comes_after_exactly_so_many_bytes_in_the_middle_of_what_is_sent() {
    let mut echo = Echo::new().await;
    let mut stream = echo.connect().await;
    round(&mut stream, b"before").await;
    let cut = echo.proxy.begin(Trouble::Cut { after: 1000.try_into().unwrap() });
    round(&mut stream, &pattern(600)).await;
    assert!(cut.done().is_idle);
    stream.write_all(&pattern(600)).await.unwrap();
    assert!(is_over(&mut stream).await);
    let done = cut.done();
    assert_eq!((done.bytes, done.connections, done.is_idle), (1000, 1, false));
    let got = echo.got().await;
    assert_eq!(got, [b"before", &pattern(600)[..], &pattern(400)[..]].concat());
    round(&mut echo.connect().await, &pattern(5000)).await;
}

#[tokio::test]
async fn while_the_server_is_down_connections_are_refused_and_the_port_comes_back() {
    let echo = Echo::new().await;
    let mut stream = echo.connect().await;
    round(&mut stream, b"before").await;
    let down = echo.proxy.begin(Trouble::ServerDown { lasting: LONG });
    assert!(is_over(&mut stream).await);
    let refused = async {
        loop {
            match TcpStream::connect(echo.proxy.address()).await {
                Err(error) => return error.kind(),
                // The listener is about to go: what it has accepted until then ends at once.
                Ok(mut accepted) => assert!(is_over(&mut accepted).await),
            }
        }
    };
    assert_eq!(timeout(LONG, refused).await.unwrap(), std::io::ErrorKind::ConnectionRefused);
    echo.proxy.calm();
    let back = async {
        loop {
            if let Ok(stream) = TcpStream::connect(echo.proxy.address()).await {
                return stream;
            }
            tokio::task::yield_now().await;
        }
    };
    round(&mut timeout(LONG, back).await.unwrap(), b"again").await;
    assert_eq!((down.done().connections, down.done().is_idle), (1, false));
}

#[tokio::test]
async fn it_ends_with_its_connections_when_it_is_dropped() {
    let Echo { proxy, .. } = Echo::new().await;
    let (address, mut stream) = (proxy.address(), TcpStream::connect(proxy.address()).await.unwrap());
    drop(proxy);
    assert!(is_over(&mut stream).await);
    assert!(TcpStream::connect(address).await.is_err());
}
