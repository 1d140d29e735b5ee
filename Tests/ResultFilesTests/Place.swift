import Foundation

/// An empty folder that is removed with its owner.
final class Place {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("fedsim-files-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  func write(_ name: String, _ text: String) throws {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func text(_ name: String) throws -> String {
    try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
  }

  /// Every file below a folder, hidden ones too, with its content.
  func everything(_ name: String = ".") throws -> [String: String] {
    let base = url.appendingPathComponent(name)
    var found: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: base.path) {
      var isFolder: ObjCBool = false
      let file = base.appendingPathComponent(path)
      _ = FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder)
      found[path] = isFolder.boolValue ? "" : (try? String(contentsOf: file, encoding: .utf8)) ?? "unreadable"
    }
    return found
  }

  func contents() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
}
