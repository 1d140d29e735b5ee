import Foundation
import Reporting
import ResultFiles
import Scenarios

/// What a folder of runs is of: it is gone on with by the same alone.
protocol FolderSubject: Sendable {
  /// - Parameter finished: the keys of the runs that the folder's results tell of.
  func manifest(finished: [String]) -> FolderManifest
  /// Why a folder cannot be gone on with; nil when it can.
  func difference(from manifest: FolderManifest) -> String?
}

/// The folder of a sweep or a search. Each finished task is kept in a file of its own under its key, so that a sweep can be
/// interrupted, gone on with, extended, and computed by several machines.
struct SweepFolder: Sendable {
  private let folder: GrowingFolder
  private let subject: any FolderSubject

  /// Opens or makes a folder.
  /// - Parameters:
  ///   - force: start anew; what an earlier sweep left is replaced when this one is whole.
  ///   - isPart: whether other parts of the sweep may be at work there.
  /// - Throws: `FileFailure` when something else is in its place, or it cannot be written to.
  init(
    _ path: String, subject: any FolderSubject, force: Bool, isPart: Bool, inputs: [String],
    note: @escaping @Sendable (String) -> Void
  ) throws {
    self.subject = subject
    folder = try GrowingFolder(
      path, manifest: subject.manifest(finished: []), force: force, isShared: isPart && !force, inputs: inputs,
      isKnown: { path, file in Self.isRecord(path, at: file) }, note: note,
      difference: { subject.difference(from: $0) })
  }

  /// Where the folder is, as the user writes it.
  var path: String { folder.path }

  /// Whether an earlier sweep is still in place, to be replaced when this one is whole.
  var isBeside: Bool { folder.isBeside }

  /// What becomes of a sweep or a search that is stopped, for the message.
  var whenStopped: String {
    isBeside ? "\(path) is as it was" : "the same command goes on from there"
  }

  private static func file(_ key: String) -> String { "points/\(key).json" }

  private static func isRecord(_ path: String, at file: URL) -> Bool {
    let key = file.deletingPathExtension().lastPathComponent
    return path == Self.file(key) && SweepRecord(file: file, key: key) != nil
  }

  /// What a task came to, if it is there, whole and as it was written.
  func record(_ key: String) -> SweepRecord? {
    SweepRecord(file: folder.url.appendingPathComponent(Self.file(key)), key: key)
  }

  /// Keeps a result. The file is there whole or not at all.
  func save(_ record: SweepRecord, key: String) throws {
    try folder.save(record.file(key: key), as: Self.file(key))
  }

  /// Puts together what is there: one process at a time, so that the last one has seen everything.
  /// - Parameter finished: the keys of the runs that `files` tell of.
  /// - Returns: what `body` returned, and where the folder is.
  func finish<Value>(
    _ body: () throws -> (value: Value, files: [(name: String, contents: Data)], finished: [String])
  ) throws -> (value: Value, path: String) {
    do {
      let value = try folder.alone {
        let made = try body()
        try folder.write(made.files, as: subject.manifest(finished: made.finished))
        return made.value
      }
      return (value, try folder.finish())
    } catch {
      folder.giveUp()
      throw error
    }
  }

  /// Records of this folder that are not among some keys.
  func others(than keys: Set<String>) -> Int {
    let points = URL(fileURLWithPath: path).appendingPathComponent("points")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: points.path)) ?? []
    return names.count { $0.hasSuffix(".json") && !keys.contains(String($0.dropLast(5))) }
  }

  /// Gives up a sweep that was to replace another.
  func giveUp() { folder.giveUp() }
}
