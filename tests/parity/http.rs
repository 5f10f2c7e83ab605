//! As much of HTTP/1.1 as it takes to speak with etcd's gateway: bodies with a length, and bodies
//! in chunks that come as they come.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than etcd waits for anything.
const PATIENCE: Duration = Duration::from_secs(12);

/// A connection on which one request follows the other.
pub struct Connection {
    stream: BufReader<TcpStream>,
    address: String,
}

/// How a body is sent.
enum Length {
    Bytes(usize),
    Chunks,
}

impl Connection {
    pub fn open(address: &str) -> io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Connection { stream: BufReader::new(stream), address: address.into() })
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> io::Result<(u16, Length)> {
        let (address, bytes) = (&self.address, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {bytes}\r\n\r\n{body}"
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?.split(' ').nth(1).and_then(|it| it.parse().ok());
        let status = status.ok_or_else(|| io::Error::other("no status"))?;
        let mut length = Length::Bytes(0);
        loop {
            let header = self.line()?.to_ascii_lowercase();
            match header.split_once(": ") {
                Some(("content-length", bytes)) => {
                    length = Length::Bytes(bytes.parse().map_err(io::Error::other)?);
                }
                Some(("transfer-encoding", "chunked")) => length = Length::Chunks,
                Some(_) => {}
                None => return Ok((status, length)),
            }
        }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end_matches(['\r', '\n']).into()),
        }
    }

    fn bytes(&mut self, count: usize) -> io::Result<String> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }

    /// The next chunk; an empty one is the last.
    fn chunk(&mut self) -> io::Result<String> {
        let size = usize::from_str_radix(&self.line()?, 16).map_err(io::Error::other)?;
        let chunk = self.bytes(size)?;
        // Behind the last chunk there may be trailers.
        while !self.line()?.is_empty() {}
        Ok(chunk)
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> io::Result<(u16, String)> {
        let (status, length) = self.send(method, path, body)?;
        let mut answer = String::new();
        match length {
            Length::Bytes(count) => answer = self.bytes(count)?,
            Length::Chunks => loop {
                let chunk = self.chunk()?;
                if chunk.is_empty() {
                    break;
                }
                answer.push_str(&chunk);
            },
        }
        Ok((status, answer))
    }

    /// Posts, and reads the whole answer.
    pub fn post(&mut self, path: &str, body: &str) -> io::Result<(u16, String)> {
        self.ask("POST", path, body)
    }
}

/// Gets, and reads the whole answer.
pub fn get(address: &str, path: &str) -> io::Result<String> {
    Connection::open(address)?.ask("GET", path, "").map(|(_, body)| body)
}

/// A stream that is open: line after line.
pub struct Stream {
    connection: Connection,
    rest: String,
}

impl Stream {
    /// Posts, and leaves the answer to be read.
    pub fn open(address: &str, path: &str, body: &str) -> io::Result<Stream> {
        let mut connection = Connection::open(address)?;
        connection.send("POST", path, body)?;
        Ok(Stream { connection, rest: String::new() })
    }

    /// The next line.
    pub fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some((line, rest)) = self.rest.split_once('\n') {
                let (line, rest) = (line.to_string(), rest.to_string());
                self.rest = rest;
                return Ok(line);
            }
            let chunk = self.connection.chunk()?;
            self.rest.push_str(&chunk);
        }
    }
}
