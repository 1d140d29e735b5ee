import FederationProtocol
import Foundation
import Scenarios

/// One half of a population whose clients are read when they are asked for.
struct ShardHalf {
  private let settings: FilesPopulation
  private let heldOut: Bool
  private let files: [URL]
  private let columns: [CSVLines?]
  /// Those that may be asked for, by their index.
  private let own: [Int: ClientRecord]
  let count: Int
  let skipped: Int

  init(_ reader: ShardReader, owns: (Int) -> Bool) {
    settings = reader.settings
    heldOut = reader.heldOut
    files = reader.files
    columns = reader.columns
    count = reader.clients.count
    skipped = reader.skipped
    own = Dictionary(uniqueKeysWithValues: reader.clients.enumerated().filter { owns($0.offset) }.map { ($0, $1) })
  }

  /// Reads a client's examples.
  /// - Returns: nil for a client that is not owned.
  /// - Throws: `WorkerFailure` where the file no longer holds what it held when it was first read.
  func shard(_ client: Int) throws -> ClientShard? {
    guard let record = own[client] else { return nil }
    var builder = ShardBuilder(denseDimension: settings.format == .csv ? settings.dimension : nil)
    var digester = ExampleDigest()
    var digest = SIMD8<UInt32>(repeating: 0)
    var example = ShardExample()
    var open: (file: Int, reader: LineReader)?
    for piece in record.pieces {
      let changed = WorkerFailure(reason: .shardsChanged, heldOut: heldOut, file: piece.file)
      do throws(ShardProblem) {
        let reader = if let open, open.file == piece.file { open.reader } else { try LineReader(files[piece.file]) }
        open = (piece.file, reader)
        reader.restrict(to: piece.bytes)
        var parser = ShardLines(settings, columns: columns[piece.file])
        while let line = try reader.next() {
          guard try parser.read(line.bytes, into: &example) else { continue }
          digester.add(example, to: &digest)
          builder.append(example)
        }
      } catch { throw changed }
    }
    guard digest == record.digest else {
      throw WorkerFailure(reason: .shardsChanged, heldOut: heldOut, file: record.pieces.first?.file ?? 0)
    }
    return builder.shard
  }
}
