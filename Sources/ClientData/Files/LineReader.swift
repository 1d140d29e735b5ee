import FederationProtocol
import Foundation

/// The lines of a file, read block by block, so that a file of any length takes little memory. A line ends in LF, CRLF or
/// CR; a byte-order mark at the file's start is left out.
final class LineReader {
  /// Longer lines are refused: what has them is a file of another kind.
  static let longestLine = 64 << 20
  private static let blockLength = 1 << 18

  /// A line without its end.
  struct Line {
    /// Valid until the next line is asked for.
    let bytes: UnsafeRawBufferPointer
    /// Where it starts in the file, in bytes.
    let offset: Int
    /// From 1, where reading started.
    let number: Int
  }

  private let descriptor: Int32
  private var buffer: UnsafeMutableRawPointer
  private var capacity: Int
  /// What was read and not given out yet is `start..<end` of the buffer, which starts at `offset` of the file.
  private var (start, end, offset) = (0, 0, 0)
  /// Bytes that may still be read.
  private var left: Int
  private var number = 0

  /// - Throws: `ShardProblem` for what is no file, or cannot be read.
  init(_ url: URL) throws(ShardProblem) {
    // Opening a pipe would wait for its writer: what is no regular file is never opened.
    var status = stat()
    guard stat(url.path, &status) == 0 else { throw ShardProblem(.fileUnreadable) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw ShardProblem(.notAFile) }
    descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ShardProblem(.fileUnreadable) }
    capacity = min(Self.blockLength, Int(status.st_size) + 1)
    buffer = .allocate(byteCount: capacity, alignment: 16)
    left = .max
    try fill()
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if UnsafeRawBufferPointer(start: buffer, count: end).starts(with: mark) { start = mark.count }
  }

  deinit {
    buffer.deallocate()
    if descriptor >= 0 { close(descriptor) }
  }

  /// Goes on with a part of the file, in bytes.
  func restrict(to range: Range<Int>) {
    lseek(descriptor, off_t(range.lowerBound), SEEK_SET)
    (start, end, offset, left, number) = (0, 0, range.lowerBound, range.count, 0)
  }

  /// The next line; nil after the last.
  /// - Throws: `ShardProblem` where it is too long or no text.
  func next() throws(ShardProblem) -> Line? {
    var length = 0
    var bits: UInt8 = 0
    var hasNull = false
    scan: while true {
      while start + length < end {
        let byte = self.byte(start + length)
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break scan }
        bits |= byte
        hasNull = hasNull || byte == 0
        length += 1
      }
      guard try fill() else { break }
    }
    if start == end { return nil }
    var endLength = start + length < end ? 1 : 0
    if endLength == 1, byte(start + length) == UInt8(ascii: "\r") {
      if start + length + 1 == end { try fill() }
      if start + length + 1 < end, byte(start + length + 1) == UInt8(ascii: "\n") { endLength = 2 }
    }
    number += 1
    let line = Line(
      bytes: UnsafeRawBufferPointer(start: buffer + start, count: length), offset: offset + start, number: number)
    if hasNull || bits >= 0x80 && String(bytes: line.bytes, encoding: .utf8) == nil {
      throw ShardProblem(.notUTF8, line: number)
    }
    start += length + endLength
    return line
  }

  @inline(__always)
  private func byte(_ position: Int) -> UInt8 { buffer.load(fromByteOffset: position, as: UInt8.self) }

  /// Reads on behind what is in the buffer, which may move.
  /// - Returns: whether there was anything.
  @discardableResult
  private func fill() throws(ShardProblem) -> Bool {
    if start > 0 {
      buffer.copyMemory(from: buffer + start, byteCount: end - start)
      (start, end, offset) = (0, end - start, offset + start)
    }
    if end == capacity {
      guard capacity < Self.longestLine else { throw ShardProblem(.lineTooLong, line: number + 1) }
      let larger = UnsafeMutableRawPointer.allocate(byteCount: 2 * capacity, alignment: 16)
      larger.copyMemory(from: buffer, byteCount: end)
      buffer.deallocate()
      (buffer, capacity) = (larger, 2 * capacity)
    }
    let count = read(descriptor, buffer + end, min(capacity - end, left))
    guard count >= 0 else { throw ShardProblem(.fileUnreadable) }
    end += count
    left -= count
    return count > 0
  }
}
