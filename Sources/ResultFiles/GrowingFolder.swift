import Foundation
import Scenarios

/// A folder of results that is there from the start, and gone on with by the same command until it is whole. It may
/// be shared by several processes that each do a part.
package final class GrowingFolder: Sendable {
  /// As the user writes it.
  package let path: String
  /// Where files go: the folder itself, or, while an older one is to be replaced, a folder beside it.
  package let url: URL
  private let staging: StagingFolder?
  private let lock: FolderLock
  private let isKnown: @Sendable (String, URL) -> Bool

  /// Opens or makes a folder.
  /// - Parameters:
  ///   - manifest: what an empty folder starts with.
  ///   - force: start anew; what is there is replaced when the new folder is whole.
  ///   - isShared: whether other parts may be at work there.
  ///   - isKnown: whether a file that is on no list shows by itself that fedsim wrote it.
  ///   - note: is told when the results do not come to be where the user wanted them.
  ///   - difference: why a folder with this manifest cannot be gone on with; nil when it can.
  /// - Throws: `FileFailure` when something else is in its place, or it cannot be written to.
  package init(
    _ path: String, manifest: FolderManifest, force: Bool, isShared: Bool, inputs: [String],
    isKnown: @escaping @Sendable (String, URL) -> Bool, note: @escaping @Sendable (String) -> Void,
    difference: (FolderManifest) throws -> String?
  ) throws {
    let place = try ResultPlace(path, command: manifest.command, inputs: inputs, note: note)
    self.path = place.path
    self.isKnown = isKnown
    func look() throws -> ResultPlace.Occupant {
      force ? try place.occupant(isKnown: isKnown) : try place.openFolder(difference: difference)
    }
    _ = try look()
    lock = try FolderLock(place.url, shown: place.path, command: manifest.command, isShared: isShared)
    do {
      switch try look() {
      case .own where force:
        let staging = try StagingFolder(
          place, command: manifest.command, version: manifest.version, isKnown: isKnown)
        self.staging = staging
        url = staging.url
      case .own:
        staging = nil
        url = place.url
      case .nothing:
        staging = nil
        url = place.url
        guard mkdir(url.path, 0o777) == 0 || errno == EEXIST else { throw SystemError.last }
        try manifest.write(into: url)
      case .emptyFolder:
        staging = nil
        url = place.url
        try manifest.write(into: url)
      }
    } catch let error as SystemError {
      throw FileFailure("\(place.path): cannot be made: \(reason(error)); choose another --out", .refusal)
    }
  }

  /// Writes a file, whole or not at all. It is one that shows by itself that fedsim wrote it, or is on the list already.
  package func save(_ contents: Data, as name: String) throws {
    let file = url.appendingPathComponent(name)
    _ = try FileSystem.makeFolders(file.deletingLastPathComponent())
    try writeWhole(contents, to: file)
  }

  /// Lets one process at a time put together what all have done.
  package func alone<Value>(_ body: () throws -> Value) throws -> Value {
    let folder = open(url.path, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { throw FileFailure("\(path): cannot be opened: \(reason(SystemError.last))") }
    defer { close(folder) }
    while flock(folder, LOCK_EX) != 0, errno == EINTR {}
    return try body()
  }

  /// Writes files and puts them on the folder's list. A kill on the way leaves each file as it was or as it is to
  /// be.
  /// - Throws: `FileFailure` when one is somebody else's, or cannot be written.
  package func write(_ files: [(name: String, contents: Data)], as manifest: FolderManifest) throws {
    let before = FolderManifest(in: url)?.files ?? [:]
    let digests = Dictionary(uniqueKeysWithValues: files.map { ($0.name, FolderManifest.digest(of: $0.contents)) })
    for (name, _) in files {
      guard let old = try? Data(contentsOf: url.appendingPathComponent(name)) else { continue }
      let digest = FolderManifest.digest(of: old)
      guard before[name]?.contains(digest) == true || digest == digests[name] else {
        throw FileFailure(
          "\(path)/\(name): is not as fedsim wrote it, so it is not replaced; move it away and give the same command again"
        )
      }
    }
    let either = before.merging(digests.mapValues { [$0] }) { $0 + $1 }
    try manifest.with(files: either, about: manifest.about).write(into: url)
    for (name, contents) in files { try save(contents, as: name) }
    try manifest.with(files: before.merging(digests.mapValues { [$0] }) { $1 }, about: manifest.about).write(
      into: url)
  }

  /// Puts a folder that was made anew in the place of the old one.
  /// - Returns: where it is.
  package func finish() throws -> String { try staging?.takePlace(replaces: true, isKnown: isKnown) ?? path }

  /// Whether an older folder is still in place, to be replaced when this one is whole.
  package var isBeside: Bool { staging != nil }

  /// Gives up what is not whole; a folder that can be gone on with stays.
  package func giveUp() { staging?.remove() }
}

extension ResultPlace {
  /// Looks at a folder that is to be gone on with: what fedsim did not write there is left alone.
  fileprivate func openFolder(difference: (FolderManifest) throws -> String?) throws -> Occupant {
    func refusal(_ text: String) -> FileFailure { FileFailure("\(path): \(text)", .refusal) }
    do {
      switch try FileSystem.kind(url.path) {
      case nil: return .nothing
      case .folder: break
      case .file, .link, .other: throw refusal("is a file, not a folder; give another --out")
      }
      // Another part may be about to write the list.
      let names = try FileSystem.names(url).filter { !PartialFile.isOne($0) }
      if names.isEmpty { return .emptyFolder }
      guard let manifest = FolderManifest(in: url), manifest.command == command else {
        throw refusal(
          "exists and holds no \(command) that can be gone on with; found: \(Self.list(names)); give another --out")
      }
      if let difference = try difference(manifest) { throw refusal(difference) }
      let changed = try manifest.changed(in: url)
      guard changed.isEmpty else {
        throw refusal(
          "holds files that were changed since fedsim wrote them, and are not replaced: \(Self.list(changed)); move them away, or give another --out"
        )
      }
      return .own(manifest)
    } catch let error where !(error is FileFailure) {
      throw refusal("cannot be looked into: \(reason(error))")
    }
  }
}
