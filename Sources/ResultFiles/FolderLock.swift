import Foundation

/// Keeps a place for one process: a lock that the system takes back when the process ends, however it ends.
///
/// The locked file lies beside the place under a hidden name, says who holds it, and goes with the lock.
package final class FolderLock: Sendable {
  private let file: URL
  private let descriptor: Int32
  /// Folders that were made so that the file has a place.
  private let made: [URL]

  private static let magic = "fedsim "
  /// A process that was just killed takes a moment to go, and its lock with it.
  private static let tries = 25

  /// - Parameters:
  ///   - place: what is locked; it need not exist.
  ///   - command: what is being done, for others to read.
  ///   - isShared: whether others may hold it who say the same.
  /// - Throws: `FileFailure` when somebody holds it, or when nothing can be written beside the place.
  package init(_ place: URL, shown: String, command: String, isShared: Bool = false) throws {
    let parent = place.deletingLastPathComponent()
    file = parent.appendingPathComponent(".\(place.lastPathComponent).lock")
    do { made = try FileSystem.makeFolders(parent) } catch {
      throw FileFailure("\(shown): cannot be made: \(reason(error)); choose another --out", .refusal)
    }
    do {
      descriptor = try Self.locked(file, shown: shown, isShared: isShared)
      let who = "\(Self.magic)\(command), process \(getpid()) on \(Self.host)\n"
      if ftruncate(descriptor, 0) == 0 { try? FileSystem.write(Data(who.utf8), to: descriptor) }
    } catch {
      FileSystem.removeEmpty(made)
      if let failure = error as? FileFailure { throw failure }
      throw FileFailure("\(shown): cannot be written: \(reason(error)); choose another --out", .refusal)
    }
  }

  private static func locked(_ file: URL, shown: String, isShared: Bool) throws -> Int32 {
    var tries = 1
    while true {
      let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else { throw SystemError.last }
      do {
        let text = contents(descriptor)
        guard text.isEmpty || text.hasPrefix(magic) else {
          throw FileFailure("\(shown): \(file.relativePath) is in the way; it is no lock of fedsim", .refusal)
        }
        if flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
          guard errno == EWOULDBLOCK else {
            // A file system without locks: better no lock than no run.
            if errno == ENOTSUP || errno == ENOLCK || errno == ENOSYS { return descriptor }
            throw SystemError.last
          }
          if tries < Self.tries {
            tries += 1
            close(descriptor)
            usleep(20_000)
            continue
          }
          let who = text.isEmpty ? "another fedsim" : text.trimmingCharacters(in: .whitespacesAndNewlines)
          throw FileFailure(
            "\(shown): \(who) is writing there; wait for it, or give another --out", .busy)
        }
        if isStill(descriptor, at: file) { return descriptor }
        // Whoever had the lock has removed the file since: the lock is on nothing.
        close(descriptor)
      } catch {
        close(descriptor)
        throw error
      }
    }
  }

  deinit {
    // Of several who share the lock, the last one removes the file.
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isStill(descriptor, at: file) { unlink(file.path) }
    close(descriptor)
    FileSystem.removeEmpty(made)
  }

  private static func isStill(_ descriptor: Int32, at file: URL) -> Bool {
    var (mine, there) = (stat(), stat())
    return fstat(descriptor, &mine) == 0 && lstat(file.path, &there) == 0 && mine.st_ino == there.st_ino
      && mine.st_dev == there.st_dev
  }

  private static func contents(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
  }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "this machine" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
