import Foundation

/// A folder of results that appears whole or not at all: filled beside its place, then put there. Nobody else
/// writes there meanwhile, and of what is there only fedsim's own is ever replaced.
package final class ResultFolder {
  /// Where the results are, or will be, as the user writes it.
  package private(set) var path: String
  private let replaces: Bool
  private let place: ResultPlace
  private let command: String
  private let version: String
  private let lock: FolderLock

  /// Checks that the folder can be made, before any work is done for it, and keeps its place.
  /// - Parameters:
  ///   - command: the name of the command that makes it; it replaces only its own.
  ///   - inputs: files and folders that are read, and so must not be replaced.
  ///   - note: is told when the results do not come to be where the user wanted them.
  /// - Throws: `FileFailure` when something is in its place, or it cannot be written.
  package init(
    _ path: String, command: String, version: String, force: Bool, inputs: [String] = [],
    note: @escaping @Sendable (String) -> Void
  ) throws {
    place = try ResultPlace(path, command: command, inputs: inputs, note: note)
    self.path = place.path
    (self.command, self.version, replaces) = (command, version, force)
    try place.check(force: force)
    lock = try FolderLock(place.url, shown: place.path, command: command)
    // Whoever had the place until now may have put something there.
    try place.check(force: force)
  }

  /// The folder that the user names, or else the first of `base`, `base-2`, … that is free and nobody writes to.
  /// - Throws: `FileFailure`.
  package static func open(
    _ path: String?, orFree base: String, command: String, version: String, force: Bool, inputs: [String],
    note: @escaping @Sendable (String) -> Void
  ) throws -> ResultFolder {
    func folder(_ path: String) throws -> ResultFolder {
      try ResultFolder(path, command: command, version: version, force: force, inputs: inputs, note: note)
    }
    if let path { return try folder(path) }
    var free = freePath(base)
    while true {
      do { return try folder(free) } catch let failure as FileFailure where failure.kind == .busy {
        free = freePath(base, after: free)
      }
    }
  }

  /// The first of `base`, `base-2`, `base-3`, … at which there is nothing.
  /// - Parameter after: a name of that list that is taken all the same.
  package static func freePath(_ base: String, after taken: String? = nil) -> String {
    var isBeyond = taken == nil
    var number = 1
    while true {
      let path = name(base, number)
      if isBeyond, (try? FileSystem.kind(path)) == nil { return path }
      if path == taken { isBeyond = true }
      number += 1
    }
  }

  /// The last of `base`, `base-2`, … before the first at which there is nothing; nil when that is `base` itself.
  package static func lastPath(_ base: String) -> String? {
    var number = 1
    while (try? FileSystem.kind(name(base, number))) != nil { number += 1 }
    return number == 1 ? nil : name(base, number - 1)
  }

  private static func name(_ base: String, _ number: Int) -> String { number == 1 ? base : "\(base)-\(number)" }

  /// Writes these files and nothing else.
  /// - Throws: `FileFailure`, as for a closure.
  package func write(_ files: [(name: String, contents: Data)]) throws {
    try write { staging in
      for file in files {
        try FileSystem.write(file.contents, to: staging.appendingPathComponent(file.name).path)
      }
    }
  }

  /// Lets `fill` write into a folder beside the place, then puts it there. What came to stand there meanwhile
  /// stays, and the results get the next free name, which `path` then says.
  /// - Throws: `FileFailure`, and what `fill` throws that is no error of files; nothing is left behind then, and
  ///   what was to be replaced is still there.
  package func write(_ fill: (URL) throws -> Void) throws {
    let staging: StagingFolder
    do {
      staging = try StagingFolder(place, command: command, version: version)
      do {
        try fill(staging.url)
        try FolderManifest(command: command, version: version, of: staging.url).write(into: staging.url)
      } catch {
        staging.remove()
        throw error
      }
    } catch  where error is FileFailure || error is SystemError || error is CocoaError || error is POSIXError {
      throw FileFailure("\(path): cannot be written: \(reason(error))")
    }
    path = try staging.takePlace(replaces: replaces)
  }
}
