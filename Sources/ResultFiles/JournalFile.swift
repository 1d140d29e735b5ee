import Foundation

/// A file that only grows, to which writes are made at a position that the writer knows.
package enum JournalFile {
  /// A line of a journal of fedsim begins so.
  private static let start = Data("{\"ledger\":".utf8)

  /// The content; empty where there is no file.
  package static func contents(_ url: URL) throws -> Data {
    guard try FileSystem.target(url.path) != nil else { return Data() }
    return try Data(contentsOf: url)
  }

  /// Whether a place is free, or holds a journal that fedsim wrote, or the beginning of one.
  package static func isOwn(_ url: URL) -> Bool {
    guard let contents = try? contents(url) else { return false }
    return start.starts(with: contents.prefix(start.count))
  }

  /// Writes bytes at a position, and cuts off what is beyond them. They outlive a failure of power.
  package static func write(_ bytes: Data, to url: URL, at position: Int) throws {
    let file = open(url.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw SystemError.last }
    defer { close(file) }
    guard ftruncate(file, off_t(position)) == 0, lseek(file, off_t(position), SEEK_SET) >= 0 else {
      throw SystemError.last
    }
    try FileSystem.write(bytes, to: file)
    if fsync(file) != 0, errno != EINVAL { throw SystemError.last }
  }
}
