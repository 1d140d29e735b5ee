import Foundation

/// A file of lines that grows while work goes on, and that is kept when the work is stopped or killed.
///
/// Work that is taken up again writes lines that are there already once more: they have to be the same, and stay.
package final class GrowingLines {
  package let url: URL
  /// What is said of the file.
  private let shown: String
  private let file: Int32
  /// What was there when the file was opened: whole lines, to which more were not added yet.
  private let earlier: Data
  /// Bytes that were written, or found to be there.
  private var length = 0
  private var lines = 0
  private var synchronised = ContinuousClock.now

  /// Lines outlive the process when they are written. They outlive a failure of power so much later at most.
  private static let synchronisation = Duration.milliseconds(100)

  /// Where the lines of work are whose results will be in a folder: beside it.
  package static func url(besides folder: String, name: String) -> URL { URL(fileURLWithPath: folder + "." + name) }

  /// Whether a text is in a file.
  package static func file(_ url: URL, has text: String) -> Bool {
    (try? JournalFile.contents(url))?.range(of: Data(text.utf8)) != nil
  }

  /// Gives a file another name.
  /// - Parameter name: the names to choose from, by a number from 1: the first is taken that is free.
  /// - Throws: `FileFailure` naming the file and the reason.
  package static func setAside(_ url: URL, as name: (Int) -> URL) throws -> URL {
    do {
      var number = 1
      while try FileSystem.kind(name(number).path) != nil { number += 1 }
      try FileSystem.move(url.path, to: name(number).path)
      return name(number)
    } catch {
      throw FileFailure(
        "\(url.relativePath): cannot be moved aside: \(reason(error)); give another --out", .refusal)
    }
  }

  /// - Parameter goesOn: whether what is there is the beginning of the same work; otherwise it is written over.
  /// - Throws: `FileFailure` when it cannot be written.
  package init(_ url: URL, goesOn: Bool) throws {
    self.url = url
    shown = url.relativePath
    do {
      let found = goesOn ? try JournalFile.contents(url) : Data()
      // A line that a kill cut short says nothing of what was done: it had not been done yet.
      earlier = found.prefix(found.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
      file = open(url.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
      guard file >= 0 else { throw SystemError.last }
      guard ftruncate(file, off_t(earlier.count)) == 0, lseek(file, 0, SEEK_END) >= 0 else {
        let error = SystemError.last
        close(file)
        throw error
      }
    } catch {
      throw FileFailure("\(url.relativePath): cannot be written: \(reason(error)); give another --out", .refusal)
    }
  }

  deinit { close(file) }

  /// Writes lines, or finds that they are there.
  /// - Parameter text: whole lines.
  /// - Throws: `FileFailure`; the file is then as it was.
  package func append(_ text: String) throws {
    let bytes = Data(text.utf8)
    // Nearly always nothing is there yet.
    let known = length < earlier.count ? earlier.dropFirst(length).prefix(bytes.count) : Data()
    guard bytes.starts(with: known) else {
      let line = lines + 1 + zip(known, bytes).prefix { $0 == $1 }.count { $0.0 == UInt8(ascii: "\n") }
      throw FileFailure(
        "\(shown):\(line): is not what this run writes there: it was altered, or is of another run; move it away, or give another --out",
        .refusal)
    }
    let rest = known.isEmpty ? bytes : Data(bytes.dropFirst(known.count))
    if !rest.isEmpty {
      do { try FileSystem.write(rest, to: file) } catch {
        // What was written of it is no line.
        ftruncate(file, off_t(max(length, earlier.count)))
        throw FileFailure("\(shown): cannot be written: \(reason(error))")
      }
      try synchronise(after: Self.synchronisation)
    }
    length += bytes.count
    lines += text.utf8.count { $0 == UInt8(ascii: "\n") }
  }

  /// Ends the work: all lines outlive a failure of power from here on.
  /// - Throws: `FileFailure`; also when lines are there that the work has not written again.
  package func finish() throws {
    guard length >= earlier.count else {
      throw FileFailure(
        "\(shown):\(lines + 1): goes on where this run ends: it was altered, or is of another run; move it away, or give another --out",
        .refusal)
    }
    try synchronise(after: .zero)
  }

  /// The file from its second line on.
  package func withoutFirstLine() throws -> Data {
    let all = try Data(contentsOf: url)
    return all.dropFirst(all.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
  }

  /// Removes the file.
  package func remove() { unlink(url.path) }

  private func synchronise(after interval: Duration) throws {
    let now = ContinuousClock.now
    guard now - synchronised >= interval else { return }
    if fsync(file) != 0, errno != EINVAL {
      throw FileFailure("\(shown): cannot be written: \(reason(SystemError.last))")
    }
    synchronised = ContinuousClock.now
  }
}
