import Foundation

/// A folder of results that appears whole or not at all: written beside its place, then renamed.
struct ResultFolder {
  let url: URL
  private let replaces: Bool

  /// Checks that the folder can be made, before any work is done for it.
  /// - Throws: `RunFailure` when something is in its place or its parent cannot be written to.
  init(_ path: String, force: Bool) throws {
    url = URL(fileURLWithPath: path)
    replaces = force
    if FileManager.default.fileExists(atPath: url.path) && !force {
      throw RunFailure("\(path): exists already; give another --out, or --force to replace it", status: 2)
    }
    // Folders on the way are made only when there is something to put into them.
    var parent = url.deletingLastPathComponent()
    var isFolder: ObjCBool = false
    while !FileManager.default.fileExists(atPath: parent.path, isDirectory: &isFolder) {
      parent = parent.deletingLastPathComponent()
    }
    guard isFolder.boolValue else {
      throw RunFailure("\(path): \(parent.relativePath) is a file, not a folder; choose another --out", status: 2)
    }
    guard FileManager.default.isWritableFile(atPath: parent.path) else {
      throw RunFailure("\(path): may not be written; choose another --out", status: 2)
    }
  }

  /// The first of `base`, `base-2`, `base-3`, … that is free.
  static func freePath(_ base: String) -> String {
    var path = base
    var number = 2
    while FileManager.default.fileExists(atPath: path) {
      path = "\(base)-\(number)"
      number += 1
    }
    return path
  }

  /// Writes these files and nothing else.
  /// - Throws: `RunFailure`, as for a closure.
  func write(_ files: [(name: String, contents: Data)]) throws {
    try write { staging in
      for file in files { try file.contents.write(to: staging.appendingPathComponent(file.name)) }
    }
  }

  /// Lets `fill` write into a folder beside the place, then moves it there.
  /// - Throws: `RunFailure`; nothing is left behind then, and what was replaced is still there.
  func write(_ fill: (URL) throws -> Void) throws {
    let parent = url.deletingLastPathComponent()
    let name = url.lastPathComponent
    let process = ProcessInfo.processInfo.processIdentifier
    let staging = parent.appendingPathComponent(".\(name).partial-\(process)")
    let old = parent.appendingPathComponent(".\(name).old-\(process)")
    let files = FileManager.default
    let madeParent = !files.fileExists(atPath: parent.path)
    do {
      try files.createDirectory(at: parent, withIntermediateDirectories: true)
      try files.createDirectory(at: staging, withIntermediateDirectories: false)
      try fill(staging)
      if replaces && files.fileExists(atPath: url.path) { try files.moveItem(at: url, to: old) }
      do {
        try files.moveItem(at: staging, to: url)
      } catch {
        if files.fileExists(atPath: old.path) { try? files.moveItem(at: old, to: url) }
        throw error
      }
      if files.fileExists(atPath: old.path) { try files.removeItem(at: old) }
    } catch {
      try? files.removeItem(at: staging)
      if madeParent { rmdir(parent.path) }
      if let failure = error as? RunFailure { throw failure }
      throw RunFailure("\(url.relativePath): cannot be written: \(reason(error))")
    }
  }
}

/// Writes a file that is there whole or not at all.
/// - Throws: `RunFailure` naming the file and the reason.
func writeWhole(_ contents: Data, to url: URL) throws {
  do {
    try contents.write(to: url, options: .atomic)
  } catch {
    throw RunFailure("\(url.relativePath): cannot be written: \(reason(error))")
  }
}

/// Foundation's file errors in a few words.
func reason(_ error: any Error) -> String {
  let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
  if let posix = underlying ?? (error as NSError?), posix.domain == NSPOSIXErrorDomain {
    return String(cString: strerror(Int32(posix.code)))
  }
  return (error as NSError).localizedDescription
}
