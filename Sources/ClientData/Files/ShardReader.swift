import FederationProtocol
import Foundation
import Scenarios

/// Where a client's examples are, and what they are, in short.
struct ClientRecord {
  /// A part of a file that holds examples of one client alone.
  struct Piece {
    let file: Int
    var bytes: Range<Int>
  }

  let name: [UInt8]
  /// In the order of files and lines.
  var pieces: [Piece] = []
  /// Of the examples, each hashed with the digest of those before it.
  var digest = SIMD8<UInt32>(repeating: 0)
}

/// Reads one half (training or held out) of a population from its first line to its last.
struct ShardReader {
  /// Who says which client an example is of.
  private enum Naming {
    case lines, files
  }

  let settings: FilesPopulation
  let heldOut: Bool
  let files: [URL]
  /// In the order of their names, once everything is read; before that as they first occur.
  private(set) var clients: [ClientRecord] = []
  /// Files without an example, where a file is a client.
  var skipped: Int { naming == .files ? filesWithoutExample : 0 }
  /// CSV: the names of the features in the order of the model's coordinates; nil where no header was read yet.
  private(set) var features: [[UInt8]]?
  /// CSV: for each file its columns; nil for files without a line.
  private(set) var columns: [CSVLines?] = []

  private let isFolder: Bool
  /// CSV: the columns by the first line, which files of a folder mostly have in common.
  private var layouts: [[UInt8]: CSVLines] = [:]
  private var indices: [[UInt8]: Int] = [:]
  /// nil until there is an example.
  private var naming: Naming?
  private var filesWithoutExample = 0
  private var digester = ExampleDigest()

  /// - Parameter features: of the training half, for the held-out one; nil where they are still to be found.
  /// - Throws: `WorkerFailure` where there is nothing to read.
  init(_ settings: FilesPopulation, folder: String, heldOut: Bool, features: [[UInt8]]?) throws {
    self.settings = settings
    self.heldOut = heldOut
    self.features = features
    let path = heldOut ? settings.heldOut : settings.train
    (files, isFolder) = try FileShards.files(of: path, folder: folder, heldOut: heldOut)
  }

  /// - Throws: `WorkerFailure` with the place of the first problem.
  mutating func readAll() throws {
    for number in files.indices {
      do throws(ShardProblem) { try read(number) } catch { throw error.failure(heldOut: heldOut, file: number) }
    }
    if clients.isEmpty { throw WorkerFailure(reason: .noExamples, heldOut: heldOut) }
    indices = [:]
    clients.sort { NameOrder.isBefore($0.name, $1.name) }
  }

  private mutating func read(_ file: Int) throws(ShardProblem) {
    let lines = try LineReader(files[file])
    var parser = ShardLines(settings)
    var example = ShardExample()
    /// The client of the example before.
    var current: Int?
    while let line = try lines.next() {
      do throws(ShardProblem) {
        if try parser.takesHeader(line.bytes, features: &features, layouts: &layouts, needsClient: !isFolder) {
          continue
        }
        guard try parser.read(line.bytes, into: &example) else { continue }
        let client = try client(of: example, file: file, after: current)
        digester.add(example, to: &clients[client].digest)
        let end = line.offset + line.bytes.count
        if client == current {
          let last = clients[client].pieces.count - 1
          clients[client].pieces[last].bytes = clients[client].pieces[last].bytes.lowerBound..<end
        } else {
          clients[client].pieces.append(ClientRecord.Piece(file: file, bytes: line.offset..<end))
        }
        current = client
      } catch { throw error.at(line: line.number) }
    }
    if current == nil { filesWithoutExample += 1 }
    columns.append(parser.columns)
  }

  /// The number of an example's client.
  private mutating func client(
    of example: ShardExample, file: Int, after current: Int?
  ) throws(ShardProblem) -> Int {
    let own: Naming = example.namesClient ? .lines : .files
    if own == .files, !isFolder { throw ShardProblem(.missingClient, field: 2) }
    if let naming, naming != own { throw ShardProblem(.mixedClients) }
    naming = own
    switch own {
    case .lines:
      if let current, clients[current].name == example.client { return current }
      return index(of: example.client)
    case .files:
      if let current { return current }
      let name = Array(files[file].deletingPathExtension().lastPathComponent.utf8)
      if indices[name] != nil { throw ShardProblem(.doubledFile) }
      return index(of: name)
    }
  }

  private mutating func index(of name: [UInt8]) -> Int {
    if let known = indices[name] { return known }
    indices[name] = clients.count
    clients.append(ClientRecord(name: name))
    return clients.count - 1
  }
}
