//! A path to a database on which some bytes become others of the same number: a defect between the program and the server.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

/// Listens on a free port of this machine and passes everything on to the port of the server, with this changed on the way
/// there. Ends with the process.
pub(crate) fn tampering(server: u16, from: &'static str, to: &'static str) -> u16 {
    assert_eq!(from.len(), to.len());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
            let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || pass_on(client, server, from.as_bytes(), to.as_bytes()));
            thread::spawn(move || pass_on(back.0, back.1, b"", b""));
        }
    });
    port
}

/// A statement of one line comes in one piece.
fn pass_on(mut from: TcpStream, mut to: TcpStream, bytes: &[u8], others: &[u8]) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let piece = &mut buffer[..read];
        if !bytes.is_empty() {
            for at in 0..(read + 1).saturating_sub(bytes.len()) {
                if piece[at..].starts_with(bytes) {
                    piece[at..at + bytes.len()].copy_from_slice(others);
                }
            }
        }
        if to.write_all(piece).is_err() {
            break;
        }
    }
    // One side may be gone already.
    drop((from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both)));
}
