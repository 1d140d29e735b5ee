import Foundation
import Scenarios

/// A sweep's folder. Each finished task is kept in a file of its own under its key, so that a sweep can be interrupted,
/// gone on with, extended, and computed by several machines.
struct SweepFolder: Sendable {
  let url: URL
  private var tasks: URL { url.appendingPathComponent("points") }

  /// Opens or makes a folder.
  /// - Parameter force: throw away what an earlier sweep left.
  /// - Throws: `RunFailure` when something else is in its place, or it cannot be written to.
  init(_ path: String, force: Bool) throws {
    url = URL(fileURLWithPath: path)
    let files = FileManager.default
    let found = try? files.contentsOfDirectory(atPath: url.path)
    if let found, !found.isEmpty, !found.contains("points") {
      throw RunFailure("\(path): exists and holds no sweep; give another --out", status: 2)
    }
    if found == nil, files.fileExists(atPath: url.path) {
      throw RunFailure("\(path): is a file, not a folder; give another --out", status: 2)
    }
    do {
      if force, files.fileExists(atPath: tasks.path) { try files.removeItem(at: tasks) }
      try files.createDirectory(at: tasks, withIntermediateDirectories: true)
    } catch {
      throw RunFailure("\(path): cannot be written: \(reason(error))", status: 2)
    }
  }

  private func file(_ key: String) -> URL { tasks.appendingPathComponent("\(key).json") }

  /// What a task came to, if it is there and whole.
  func record(_ key: String) -> SweepRecord? {
    (try? JSONValue(contentsOf: file(key))).flatMap(SweepRecord.init)
  }

  /// Keeps a result. The file is there whole or not at all.
  func save(_ record: SweepRecord, key: String) throws {
    try write([(name: "points/\(key).json", contents: record.json.encoded(pretty: true) + Data("\n".utf8))])
  }

  /// Writes files, each whole or not at all.
  func write(_ contents: [(name: String, contents: Data)]) throws {
    for file in contents { try writeWhole(file.contents, to: url.appendingPathComponent(file.name)) }
  }
}
