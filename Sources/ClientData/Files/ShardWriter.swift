import Foundation

/// Writes a source's clients as shards that `FileShards` reads back to the same bits.
package struct ShardWriter {
  private let source: any ClientSource

  package init(_ source: any ClientSource) { self.source = source }

  /// The file name extension that suits the source: sparse features as LIBSVM, dense ones as CSV.
  package var fileExtension: String {
    (try? source.trainingShard(0))?.denseDimension == nil ? "svm" : "csv"
  }

  /// Writes all clients of one half to an open file.
  /// - Parameter beforeClient: called before each; throws to stop.
  package func write(heldOut: Bool, to file: FileHandle, beforeClient: () throws -> Void = {}) throws {
    let count = heldOut ? source.heldOutClients : source.trainingClients
    for client in 0..<count {
      try beforeClient()
      guard let shard = try heldOut ? source.heldOutShard(client) : source.trainingShard(client) else { continue }
      // Held-out clients are numbered on from the training clients: they are others.
      let name = streamIndex(client: client, heldOut: heldOut, trainingClients: source.trainingClients)
      var text = ""
      switch shard.features {
      case .dense(let rows):
        if client == 0 { text += Self.header(rows.dimension) }
        for (row, label) in shard.labels.enumerated() {
          text += "\(name),\(label > 0 ? 1 : 0)"
          for value in rows.values[row * rows.stride..<row * rows.stride + rows.dimension] {
            text += ",\(Self.number(value))"
          }
          text += "\n"
        }
      case .sparse(let rows):
        for (row, label) in shard.labels.enumerated() {
          text += "\(label > 0 ? 1 : 0) qid:\(name)"
          for entry in Int(rows.starts[row])..<Int(rows.starts[row + 1]) {
            text += " \(rows.touched[Int(rows.columns[entry])] + 1):\(Self.number(rows.values[entry]))"
          }
          text += "\n"
        }
      }
      try file.write(contentsOf: Data(text.utf8))
    }
  }

  private static func header(_ dimension: Int) -> String {
    "client,label" + (0..<dimension).map { ",x\($0)" }.joined() + "\n"
  }

  /// The shortest text that reads back to the same float.
  private static func number(_ value: Float) -> String {
    value == value.rounded() && abs(value) < 1e6 && !(value == 0 && value.sign == .minus)
      ? "\(Int(value))" : "\(value)"
  }
}
