import Foundation
import NumericalCore
import Scenarios

/// Whether a file that is on no list shows by itself that fedsim wrote it: its path below the folder, and where it
/// is.
package typealias KnownFile = (_ path: String, _ file: URL) -> Bool

/// The list that fedsim leaves in a folder of results: what it wrote there. Whatever is not on it, or was changed
/// since, is somebody else's and never replaced.
package struct FolderManifest: Equatable, Sendable {
  package static let fileName = ".fedsim"
  private static let format = 1

  /// The command that wrote the folder.
  package let command: String
  /// The version of fedsim.
  package let version: String
  /// What the results are of, where the command wants to know that again.
  package let about: JSONValue
  /// By path below the folder: the SHA-256 of the file's content, or of each that it may have.
  package let files: [String: [String]]
  /// Whether the folder is still being filled. Such a folder is of use to nobody.
  package let isPartial: Bool

  package init(
    command: String, version: String, about: JSONValue = .null, files: [String: [String]] = [:],
    isPartial: Bool = false
  ) {
    self.command = command
    self.version = version
    self.about = about
    self.files = files
    self.isPartial = isPartial
  }

  /// The list of everything that a folder holds.
  package init(command: String, version: String, about: JSONValue = .null, of folder: URL) throws {
    var files: [String: [String]] = [:]
    for path in try Self.paths(below: folder) {
      files[path] = [try Self.digest(folder.appendingPathComponent(path))]
    }
    self.init(command: command, version: version, about: about, files: files)
  }

  package var json: JSONValue {
    .object([
      "format": .integer(Self.format), "command": .string(command), "version": .string(version), "about": about,
      "files": .object(files.mapValues { .array($0.map(JSONValue.string)) }), "partial": .bool(isPartial),
    ])
  }

  /// Reads what `json` writes; nil when it is something else.
  package init?(_ json: JSONValue) {
    guard json["format"] == .integer(Self.format), case .string(let command)? = json["command"],
      case .string(let version)? = json["version"], let about = json["about"],
      case .object(let members)? = json["files"], case .bool(let isPartial)? = json["partial"]
    else { return nil }
    var files: [String: [String]] = [:]
    for (path, value) in members {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.allSatisfy({ !["", ".", ".."].contains($0) }), case .array(let values) = value else { return nil }
      files[path] = values.compactMap { if case .string(let digest) = $0 { digest } else { nil } }
    }
    self.init(command: command, version: version, about: about, files: files, isPartial: isPartial)
  }

  /// Reads the list of a folder; nil when there is none, or it is not as fedsim writes it.
  package init?(in folder: URL) {
    guard let json = try? JSONValue(contentsOf: folder.appendingPathComponent(Self.fileName)) else { return nil }
    self.init(json)
  }

  package func write(into folder: URL) throws {
    let contents = try json.encoded(pretty: false) + Data("\n".utf8)
    try writeWhole(contents, to: folder.appendingPathComponent(Self.fileName))
  }

  /// The same with other files, of something else.
  package func with(files: [String: [String]], about: JSONValue) -> FolderManifest {
    FolderManifest(command: command, version: version, about: about, files: files, isPartial: isPartial)
  }

  // MARK: What is somebody else's

  /// What is in a folder and not fedsim's, in words: files that are not on the list, and files that were changed.
  /// - Parameter isKnown: whether a file that is not on the list shows by itself that fedsim wrote it.
  package func strangers(in folder: URL, isKnown: KnownFile = { _, _ in false }) throws -> [String] {
    var found: [String] = []
    try look(at: folder, "", isKnown, &found)
    return found
  }

  /// Files on the list that are not as they were written.
  func changed(in folder: URL) throws -> [String] {
    try files.keys.sorted().filter { path in
      let place = folder.appendingPathComponent(path)
      return try FileSystem.target(place.path) != nil && files[path]?.contains(Self.digest(place)) != true
    }
  }

  /// - Returns: whether anything in the folder is fedsim's.
  @discardableResult
  private func look(
    at folder: URL, _ prefix: String, _ isKnown: KnownFile, _ found: inout [String]
  ) throws -> Bool {
    var hasOwn = false
    for name in try FileSystem.names(folder) {
      let (path, place) = (prefix + name, folder.appendingPathComponent(name))
      switch try FileSystem.kind(place.path) {
      case .folder:
        var inside: [String] = []
        let isOwn = try look(at: place, path + "/", isKnown, &inside)
        // Of a folder that is somebody else's altogether, the name is enough.
        found += isOwn ? inside : [path + "/"]
        hasOwn = hasOwn || isOwn
      case .file:
        if path == Self.fileName || PartialFile.isOne(name) || isKnown(path, place) {
          hasOwn = true
        } else if let digests = files[path] {
          hasOwn = true
          if try !digests.contains(Self.digest(place)) { found.append("\(path), changed since") }
        } else {
          found.append(path)
        }
      case .link, .other: found.append(path)
      case nil: break
      }
    }
    return hasOwn
  }

  /// Removes what is on the list and as it was written, and the folder if nothing else is in it.
  /// - Returns: whether the folder is gone.
  func remove(_ folder: URL, isKnown: KnownFile = { _, _ in false }) throws -> Bool {
    try remove(folder, "", isKnown)
    return rmdir(folder.path) == 0
  }

  /// - Returns: whether anything was removed.
  @discardableResult
  private func remove(_ folder: URL, _ prefix: String, _ isKnown: KnownFile) throws -> Bool {
    var hasRemoved = false
    for name in try FileSystem.names(folder) {
      let (path, place) = (prefix + name, folder.appendingPathComponent(name))
      switch try FileSystem.kind(place.path) {
      case .folder:
        // A folder that was empty is not fedsim's.
        guard try remove(place, path + "/", isKnown) else { continue }
        rmdir(place.path)
        hasRemoved = true
      case .file:
        let isOwn = path == Self.fileName || PartialFile.isOne(name) || isKnown(path, place)
        guard try isOwn || files[path]?.contains(Self.digest(place)) == true else { continue }
        hasRemoved = unlink(place.path) == 0 || hasRemoved
      case .link, .other, nil: break
      }
    }
    return hasRemoved
  }

  // MARK: Files

  private static func paths(below folder: URL, _ prefix: String = "") throws -> [String] {
    try FileSystem.names(folder).flatMap { name -> [String] in
      let place = folder.appendingPathComponent(name)
      if try FileSystem.kind(place.path) == .folder { return try paths(below: place, prefix + name + "/") }
      return prefix + name == fileName ? [] : [prefix + name]
    }
  }

  /// SHA-256 of a file's content.
  private static func digest(_ file: URL) throws -> String {
    digest(of: try Data(contentsOf: file, options: .mappedIfSafe))
  }

  /// SHA-256 of a content.
  package static func digest(of contents: Data) -> String {
    var hash = SHA256()
    hash.update(contents)
    return hash.hexadecimal
  }
}
