import FederationProtocol
import Foundation
import Scenarios

/// Names of columns, read where they stand. A worker that cannot use a file reports places and no text; whoever explains it to
/// the owner of the file looks there again.
package struct ShardColumns {
  /// Of the first line of the file that a failure is about.
  package let names: [String]
  private let failure: WorkerFailure
  private let features: [String]

  /// - Parameter folder: where relative paths start.
  package init(_ failure: WorkerFailure, settings: FilesPopulation, folder: String) {
    self.failure = failure
    func files(heldOut: Bool) -> [URL] {
      let path = heldOut ? settings.heldOut : settings.train
      return (try? FileShards.files(of: path, folder: folder, heldOut: heldOut).urls) ?? []
    }
    let own = files(heldOut: failure.heldOut)
    names =
      own.indices.contains(failure.file) ? Self.header(of: own[failure.file])?.names.map(NameOrder.shown) ?? [] : []
    // The first file with a header has decided which columns there are.
    let first = files(heldOut: false).lazy.compactMap { Self.header(of: $0) }.first
    features = first?.features(settings).map(NameOrder.shown) ?? []
  }

  /// The name of the column that the failure is about, if it is about one.
  package var name: String? {
    let list = failure.reason == .missingFeature ? features : names
    return list.indices.contains(failure.field - 1) ? list[failure.field - 1] : nil
  }

  private static func header(of file: URL) -> CSVHeader? {
    guard let reader = try? LineReader(file) else { return nil }
    while let line = try? reader.next() {
      if let header = try? CSVHeader(line.bytes), !(header.names.count == 1 && header.names[0].isEmpty) {
        return header
      }
    }
    return nil
  }
}
