import Foundation

/// Writes every byte that workers send to a file a worker, so that anyone can check what leaves one.
final class TrafficRecorder: Sendable {
  private let files: [FileHandle]

  /// Opens `worker-0.frames`, … in a new folder.
  init(folder: String, workers: Int) throws {
    let url = URL(fileURLWithPath: folder)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
      files = try (0..<workers).map { worker in
        let file = url.appendingPathComponent("worker-\(worker).frames")
        try Data().write(to: file)
        return try FileHandle(forWritingTo: file)
      }
    } catch {
      throw RunFailure(
        "\(folder): cannot be made; --record-traffic takes a folder that does not exist yet", status: 2)
    }
  }

  /// Appends bytes. A record with a hole would be worse than none, so a failure ends the program.
  func record(_ worker: Int, _ bytes: UnsafeRawBufferPointer) {
    do {
      try files[worker].write(contentsOf: Data(bytes))
    } catch {
      FileHandle.standardError.write(Data("fedsim: the traffic record cannot be written\n".utf8))
      exit(3)
    }
  }
}
