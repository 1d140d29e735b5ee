import Foundation

/// The few calls that results are written with. Foundation's own say "The operation could not be completed" too
/// often.
enum FileSystem {
  /// What stands at a path.
  enum Kind {
    case file, folder, link, other
  }

  /// What stands at a path, links not followed; nil for nothing.
  static func kind(_ path: String) throws(SystemError) -> Kind? { try kind { lstat(path, &$0) } }

  /// What a path leads to, links followed; nil for nothing.
  static func target(_ path: String) throws(SystemError) -> Kind? { try kind { stat(path, &$0) } }

  private static func kind(_ ask: (inout stat) -> Int32) throws(SystemError) -> Kind? {
    var found = stat()
    guard ask(&found) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .last
    }
    return switch found.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFLNK: .link
    default: .other
    }
  }

  /// The names in a folder, ascending, hidden ones too.
  static func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  /// Makes a folder and those on the way to it.
  /// - Returns: the folders that were made, outermost first.
  /// - Throws: `FileFailure` naming the place; nothing is left behind then.
  static func makeFolders(_ folder: URL) throws -> [URL] {
    var missing: [URL] = []
    var place = folder
    while true {
      let found: Kind?
      do { found = try target(place.path) } catch { throw FileFailure("\(place.relativePath): \(reason(error))") }
      if found == .folder { break }
      if found != nil { throw FileFailure("\(place.relativePath) is a file, not a folder") }
      if (try? kind(place.path)) == .link {
        throw FileFailure("\(place.relativePath) is a symbolic link that leads nowhere")
      }
      missing.append(place)
      place = place.deletingLastPathComponent()
    }
    var made: [URL] = []
    for folder in missing.reversed() {
      guard mkdir(folder.path, 0o777) == 0 else {
        let error = SystemError.last
        // Another thread or process was quicker.
        if error.number == EEXIST, (try? target(folder.path)) == .folder { continue }
        removeEmpty(made)
        throw FileFailure("the folder \(folder.relativePath) cannot be made: \(reason(error))")
      }
      made.append(folder)
    }
    return made
  }

  /// Removes folders, innermost first, as far as nothing is in them.
  static func removeEmpty(_ folders: [URL]) { for folder in folders.reversed() { rmdir(folder.path) } }

  /// Writes a new file, or an old one anew.
  /// - Parameter isDurable: whether it outlives a failure of power.
  static func write(_ data: Data, to path: String, isDurable: Bool = false) throws(SystemError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw .last }
    defer { close(file) }
    try write(data, to: file)
    if isDurable, fsync(file) != 0, errno != EINVAL { throw .last }
  }

  /// Writes all bytes to an open file.
  static func write(_ data: Data, to file: Int32) throws(SystemError) {
    var rest = data[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw .last }
      rest = rest.dropFirst(written)
    }
  }

  static func move(_ from: String, to: String) throws(SystemError) {
    guard rename(from, to) == 0 else { throw .last }
  }

  /// Puts each of two folders in the other's place: in one step where the system can, so that there is one of them
  /// at any moment.
  static func exchange(_ one: URL, _ other: URL) throws(SystemError) {
    if exchangeAtOnce(one.path, other.path) { return }
    let aside = one.deletingLastPathComponent().appendingPathComponent(one.lastPathComponent + "-old")
    try move(other.path, to: aside.path)
    do { try move(one.path, to: other.path) } catch {
      try move(aside.path, to: other.path)
      throw error
    }
    try move(aside.path, to: one.path)
  }

  private static func exchangeAtOnce(_ one: String, _ other: String) -> Bool {
    #if canImport(Darwin)
      return renamex_np(one, other, UInt32(RENAME_SWAP)) == 0
    #else
      // Not every C library has it, and none shows it to Swift. 2 is RENAME_EXCHANGE.
      typealias Rename = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
      guard let symbol = dlsym(nil, "renameat2") else { return false }
      return unsafeBitCast(symbol, to: Rename.self)(AT_FDCWD, one, AT_FDCWD, other, 2) == 0
    #endif
  }
}

/// Writes a file that is there whole or not at all. A link is followed; a device is written to as it is.
/// - Parameters:
///   - partial: where it is until it is whole; nil: beside it, under a name of this process.
///   - isDurable: whether it outlives a failure of power.
/// - Throws: `FileFailure` naming the file and the reason.
package func writeWhole(_ contents: Data, to url: URL, partial: URL? = nil, isDurable: Bool = false) throws {
  do {
    let place = try resolved(url)
    if try FileSystem.target(place.path) == .other {
      return try FileSystem.write(contents, to: place.path)
    }
    let partial =
      partial ?? place.deletingLastPathComponent().appendingPathComponent(PartialFile.name(place.lastPathComponent))
    do {
      try FileSystem.write(contents, to: partial.path, isDurable: isDurable)
      try FileSystem.move(partial.path, to: place.path)
    } catch {
      unlink(partial.path)
      throw error
    }
  } catch {
    throw FileFailure("\(url.relativePath): cannot be written: \(reason(error))")
  }
}

/// Appends to a file, which is made where there is none. Others may append to it at the same time.
/// - Throws: `FileFailure` naming the file and the reason.
package func append(_ contents: Data, to url: URL) throws {
  do {
    let file = open(url.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw SystemError.last }
    defer { close(file) }
    try FileSystem.write(contents, to: file)
  } catch {
    throw FileFailure("\(url.relativePath): cannot be written: \(reason(error))")
  }
}

/// The place that a path leads to: itself, or the end of the links that it starts.
func resolved(_ url: URL) throws -> URL {
  guard try FileSystem.kind(url.path) == .link else { return url }
  guard let path = realpath(url.path, nil) else {
    throw FileFailure("it is a symbolic link that leads nowhere")
  }
  defer { free(path) }
  return URL(fileURLWithPath: String(cString: path))
}

/// What a file is called until it is whole, so that what a kill leaves behind is known again.
enum PartialFile {
  static func name(_ name: String) -> String { ".\(name.prefix(200)).part-\(getpid())" }

  static func isOne(_ name: String) -> Bool { name.wholeMatch(of: /\..+\.part-[0-9]+/) != nil }
}
