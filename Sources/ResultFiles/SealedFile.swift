import Foundation

/// A page or report in a file of its own. Its last line is a comment with the SHA-256 of all before it, so that
/// fedsim knows its own again, and that nobody has changed it since.
package struct SealedFile {
  private let path: String
  private let url: URL

  private static let start = "<!-- written by fedsim; SHA-256 of all above: "
  private static let end = " -->\n"

  /// Checks that the file can be written, before any work is done for it.
  /// - Parameters:
  ///   - option: of the command line, for messages.
  ///   - force: whether fedsim's own is replaced; nil where that goes without saying.
  /// - Throws: `FileFailure` when something else is in its place.
  package init(_ path: String, option: String, force: Bool?) throws {
    self.path = path
    func refusal(_ text: String) -> FileFailure {
      FileFailure("\(path): \(text); give another --\(option)", .refusal)
    }
    do {
      url = try resolved(URL(fileURLWithPath: path))
      switch try FileSystem.target(url.path) {
      case nil:
        let parent = url.deletingLastPathComponent()
        guard try FileSystem.target(parent.path) == .folder else {
          throw refusal("there is no folder \(parent.relativePath)")
        }
      case .folder: throw refusal("is a folder, not a file")
      case .other: break
      case .file, .link:
        if force == false {
          throw FileFailure(
            "\(path): exists already; give another --\(option), or --force to replace what fedsim wrote there",
            .refusal)
        }
        let contents = try Data(contentsOf: url)
        guard contents.isEmpty || Self.isIntact(contents) else {
          throw refusal("exists, and is not as fedsim wrote it; remove it yourself")
        }
      }
    } catch {
      if let failure = error as? FileFailure, failure.kind == .refusal { throw failure }
      throw refusal("cannot be written: \(reason(error))")
    }
  }

  /// Writes the file, whole or not at all.
  /// - Parameter text: HTML or XML.
  package func write(_ text: String) throws {
    try writeWhole(Data(Self.sealed(text).utf8), to: url)
  }

  package static func sealed(_ text: String) -> String {
    let text = text.hasSuffix("\n") ? text : text + "\n"
    return text + start + FolderManifest.digest(of: Data(text.utf8)) + end
  }

  /// Whether a content is a page of fedsim, and as it was written.
  package static func isIntact(_ contents: Data) -> Bool {
    let length = start.utf8.count + 64 + end.utf8.count
    guard contents.count > length else { return false }
    let body = Data(contents.dropLast(length))
    return Data(contents.suffix(length)) == Data((start + FolderManifest.digest(of: body) + end).utf8)
  }
}
