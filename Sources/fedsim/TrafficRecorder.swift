import Foundation
import ResultFiles

/// Writes every byte that workers send to a file a worker, so that anyone can check what leaves one.
final class TrafficRecorder: Sendable {
  private let files: [FileHandle]
  private let note: @Sendable (String) -> Void

  /// Opens `worker-0.frames`, … in a new folder.
  /// - Parameters:
  ///   - results: the folder of the run's results, which is another.
  ///   - note: is told why the record cannot go on.
  init(folder: String, workers: Int, results: String, note: @escaping @Sendable (String) -> Void) throws {
    self.note = note
    let url = URL(fileURLWithPath: folder)
    let (own, others) = (url.standardizedFileURL.pathComponents, URL(fileURLWithPath: results).standardizedFileURL)
    if own.starts(with: others.pathComponents) || others.pathComponents.starts(with: own) {
      throw RunFailure("\(folder): --record-traffic and the results need folders apart from each other", status: 2)
    }
    guard mkdir(url.path, 0o777) == 0 else {
      let why = reason(POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO))
      throw RunFailure(
        "\(folder): cannot be made: \(why); --record-traffic takes a folder that does not exist yet", status: 2)
    }
    do {
      files = try (0..<workers).map { worker in
        let file = url.appendingPathComponent("worker-\(worker).frames")
        try writeWhole(Data(), to: file)
        return try FileHandle(forWritingTo: file)
      }
    } catch {
      throw RunFailure("\(folder): cannot be written: \(reason(error))", status: 2)
    }
  }

  /// Appends bytes. A record with a hole would be worse than none, so a failure ends the program.
  func record(_ worker: Int, _ bytes: UnsafeRawBufferPointer) {
    do {
      try files[worker].write(contentsOf: Data(bytes))
    } catch {
      note("the traffic record cannot be written: \(reason(error))")
      exit(3)
    }
  }
}
