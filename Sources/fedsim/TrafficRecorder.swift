import Foundation
import ResultFiles

/// Writes every byte that workers send to a file a worker, so that anyone can check what leaves one.
final class TrafficRecorder: Sendable {
  private let files: [FileHandle]

  /// Opens `worker-0.frames`, … in a new folder.
  /// - Parameter results: the folder of the run's results, which is another.
  init(folder: String, workers: Int, results: String) throws {
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
      FileHandle.standardError.write(Data("fedsim: the traffic record cannot be written: \(reason(error))\n".utf8))
      exit(3)
    }
  }
}
