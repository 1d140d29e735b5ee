import Foundation

/// Where a folder of results is to be, and what stands there.
struct ResultPlace {
  /// As the user writes it.
  let path: String
  /// Where that leads to.
  let url: URL
  let command: String
  private let inputs: [String]
  /// Is told of what turned out otherwise than the user asked for.
  let note: @Sendable (String) -> Void

  /// - Throws: `FileFailure` when no folder can be there, whatever is done about it.
  init(_ path: String, command: String, inputs: [String], note: @escaping @Sendable (String) -> Void) throws {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard !path.isEmpty else { throw FileFailure("--out: is empty; give a folder", .refusal) }
    self.path = path
    self.command = command
    self.inputs = inputs
    self.note = note
    do { url = try resolved(URL(fileURLWithPath: path).standardizedFileURL) } catch {
      throw FileFailure("\(path): \(reason(error)); give another --out", .refusal)
    }
  }

  /// What stands at the place.
  enum Occupant {
    case nothing
    case emptyFolder
    /// A folder of this command's own, as it was written.
    case own(FolderManifest)
  }

  /// Looks at what is there.
  /// - Throws: `FileFailure` when that may not be replaced.
  func occupant(isKnown: KnownFile = { _, _ in false }) throws -> Occupant {
    func refusal(_ text: String) -> FileFailure { FileFailure("\(path): \(text)", .refusal) }
    do {
      switch try FileSystem.kind(url.path) {
      case nil: return .nothing
      case .folder: break
      case .file, .link, .other: throw refusal("exists already and is a file, not a folder; give another --out")
      }
      if let kept = keptPath { throw refusal("\(kept); give another --out") }
      let names = try FileSystem.names(url)
      if names.isEmpty { return .emptyFolder }
      guard let manifest = FolderManifest(in: url) else {
        throw refusal(
          "exists and has no list of what fedsim wrote (\(FolderManifest.fileName)), so nothing in it is replaced; found: \(Self.list(names)); give another --out, or remove it yourself"
        )
      }
      guard manifest.command == command else {
        throw refusal(
          "exists and holds what fedsim \(manifest.command) wrote; fedsim \(command) replaces only its own; give another --out, or remove it yourself"
        )
      }
      let strangers = try manifest.strangers(in: url, isKnown: isKnown)
      guard strangers.isEmpty else {
        throw refusal(
          "exists and holds what fedsim did not write: \(Self.list(strangers)); move that away, or give another --out"
        )
      }
      return .own(manifest)
    } catch let error where !(error is FileFailure) {
      throw refusal("cannot be looked into: \(reason(error))")
    }
  }

  /// - Throws: `FileFailure` when something is there that may not be replaced.
  func check(force: Bool) throws {
    if !force, let kind = try? FileSystem.kind(url.path) {
      let isEmpty = kind == .folder && (try? FileSystem.names(url).isEmpty) == true
      guard isEmpty else {
        throw FileFailure(
          "\(path): exists already; give another --out, or --force to replace what fedsim wrote there",
          .refusal)
      }
    }
    _ = try occupant()
  }

  /// Why the folder has to stay, whoever wrote it; nil when it may go.
  private var keptPath: String? {
    if isInside(FileManager.default.currentDirectoryPath) {
      return "is the folder that fedsim runs in, or above it"
    }
    return inputs.first(where: isInside).map { "holds \($0), which is read" }
  }

  /// Whether a path leads into the folder, or to it.
  private func isInside(_ path: String) -> Bool {
    func components(_ path: String) -> [String] {
      guard let real = realpath(path, nil) else { return [] }
      defer { free(real) }
      return URL(fileURLWithPath: String(cString: real)).pathComponents
    }
    let own = components(url.path)
    return !own.isEmpty && components(path).starts(with: own)
  }

  /// The first few of many.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(4).joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }
}
